//! The webhook as somebody sees it who sends there: of the running stack, or a deployed one.

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::deployed::{check, read_variable};
use super::place::Place;
use super::sender::{Keys, STANDARD, Sender};
use super::status::running;
use crate::cli;
use crate::failure::{Failure, OrFail as _};
use crate::stack::secrets::BEARER;
use crate::workspace::Workspace;

/// Somebody who sends there under `scheme`, and a name that tells this webhook from others.
pub(super) async fn open(
    workspace: &Workspace,
    flags: &cli::Webhook,
    scheme: &str,
) -> Result<(Sender, String), Failure> {
    let Some(url) = &flags.url else {
        let webhook = running(workspace)?.webhook;
        let key = match scheme {
            STANDARD => webhook.standard_webhooks_secret,
            "bearer" => BEARER.to_owned(),
            _ => {
                let what = format!("the local webhook does not take {scheme}");
                return Err(Failure::new(what, "it takes standard-webhooks and bearer"));
            }
        };
        let name = format!("local stack {}", fingerprint(&key));
        let sender = Sender::to_local(&webhook.url, scheme, &key)?;
        return Ok((sender, name));
    };
    let advice = "give --url the webhook's route: https://…/webhooks/data-action";
    check(url, advice)?;
    let keys = match (&flags.key_env, &flags.secret_id) {
        (Some(name), _) => {
            let what = "the webhook's key (whsec_… for standard-webhooks)";
            Keys::One(read_variable(name, what)?.into())
        }
        (None, Some(secret)) => Keys::Document(read_secret(secret).await?),
        (None, None) => return Err(Failure::new("there is no key", "give --key-env or --aws")),
    };
    Ok((Sender::to_deployed(url, scheme, &keys)?, url.clone()))
}

/// `cargo local reset` takes the data and the key away: what is remembered of an import holds for this key only.
pub(super) fn fingerprint(key: &str) -> String {
    let digest = Sha256::digest(key);
    digest
        .iter()
        .take(4)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

async fn read_secret(id: &str) -> Result<SecretString, Failure> {
    let sdk = Place::Account.sdk().await;
    let client = aws_sdk_secretsmanager::Client::new(&sdk);
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error);
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
    fn another_key_is_another_local_stack() {
        assert_ne!(fingerprint("a"), fingerprint("b"));
        assert_eq!(fingerprint("a").len(), 8);
    }
}
