//! Where lines go: the running local stack, or a deployed one. The key is never an argument, which others could read.

use aws_sdk_secretsmanager::Client;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use shared::config::Env;

use super::delivery::{INTAKE, Taker, WEBHOOK};
use crate::cli::{Import, Inject};
use crate::commands::sender::{Sender, keys_of};
use crate::commands::status::running;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

/// Who takes lines, and a name that tells them from others.
pub(super) struct Destination {
    pub(super) sender: Sender,
    pub(super) taker: &'static Taker,
    pub(super) name: String,
}

/// Finds the webhook and its key.
pub(super) async fn open(workspace: &Workspace, flags: &Import) -> Result<Destination, Failure> {
    let Some(url) = &flags.url else {
        let webhook = running(workspace)?.webhook;
        let key = webhook.standard_webhooks_secret;
        return Ok(Destination {
            sender: Sender::to_local(&webhook.url, &key)?,
            taker: &WEBHOOK,
            name: format!("local stack {}", fingerprint(&key)),
        });
    };
    check(
        url,
        "give --url the webhook's route: https://…/webhooks/data-action",
    )?;
    let keys = match (&flags.key_env, &flags.secret_id) {
        (Some(name), _) => keys_of(&read_variable(name, "the webhook's signing key (whsec_…)")?),
        (None, Some(secret)) => read_secret(secret).await?,
        (None, None) => return Err(Failure::new("there is no key", "give --key-env or --aws")),
    };
    Ok(Destination {
        sender: Sender::to_deployed(url, &keys)?,
        taker: &WEBHOOK,
        name: url.clone(),
    })
}

/// Finds the intake of transcripts and its key.
pub(super) fn open_intake(workspace: &Workspace, flags: &Inject) -> Result<Destination, Failure> {
    let (url, name, key) = if let (Some(url), Some(variable)) = (&flags.url, &flags.key_env) {
        check(url, "give --url the intake's route: https://…/transcripts")?;
        let key = read_variable(variable, "an API key with the scope transcripts:write")?;
        (url.clone(), url.clone(), key)
    } else {
        let status = running(workspace)?;
        let name = format!("local intake {}", fingerprint(&status.api_key));
        let url = format!("{}/transcripts", status.http_url);
        (url, name, status.api_key)
    };
    Ok(Destination {
        sender: Sender::with_api_key(&url, key.into())?,
        taker: &INTAKE,
        name,
    })
}

/// `cargo local reset` takes the data and the key away: what is remembered of an import holds for this key only.
fn fingerprint(key: &str) -> String {
    let digest = Sha256::digest(key);
    digest
        .iter()
        .take(4)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Conversations do not travel in the clear.
fn check(url: &str, advice: &str) -> Result<(), Failure> {
    let parsed = reqwest::Url::parse(url).or_fail("--url is no URL", advice)?;
    let is_here = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match parsed.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(Failure::new("--url does not begin with https://", advice)),
    }
}

fn read_variable(name: &str, what: &str) -> Result<String, Failure> {
    let environment = Env::from_process();
    let key = environment.get(name).map(|key| key.trim().to_owned());
    key.ok_or_else(|| {
        Failure::new(
            format!("the environment variable {name} is not set"),
            format!("set it to {what}"),
        )
    })
}

async fn read_secret(id: &str) -> Result<SecretString, Failure> {
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let answer = Client::new(&config).get_secret_value().secret_id(id).send();
    let answer = answer
        .await
        .map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error);
    let answer = answer.or_fail(
        format!("cannot read the secret {id}"),
        "check --secret-id, the region and your rights to read it",
    )?;
    Ok(answer.secret_string().unwrap_or_default().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_leave_this_machine_only_encrypted() {
        for (url, is_fine) in [
            ("https://example.org/webhooks/data-action", true),
            ("http://127.0.0.1:9000/webhooks/data-action", true),
            ("http://localhost:9000/webhooks/data-action", true),
            ("http://[::1]:9000/webhooks/data-action", true),
            ("http://example.org/webhooks/data-action", false),
            ("http://localhost.example.org/", false),
            ("file:///etc/passwd", false),
            ("webhooks/data-action", false),
        ] {
            assert_eq!(check(url, "").is_ok(), is_fine, "{url}");
        }
    }

    #[test]
    fn another_key_is_another_local_stack() {
        assert_ne!(fingerprint("a"), fingerprint("b"));
        assert_eq!(fingerprint("a").len(), 8);
    }
}
