//! `cargo local console`: a link that opens the console in a browser, which sends no key.

use std::process::ExitCode;

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use shared::auth::LinkKey;

use super::status::running;
use crate::cli::Console;
use crate::failure::{Failure, OrFail as _};
use crate::stack::aws;
use crate::stack::secrets::{LINK_KEY, Secrets};
use crate::stack::state::Status;
use crate::workspace::{DEVELOPMENT, Workspace};

/// What a link is signed for: the route of the console.
const PATH: &str = "/console";
/// How long the link lives that `up` prints.
const FIRST: SignedDuration = SignedDuration::from_hours(1);

/// The link goes to standard output, so that a script can take it.
pub(super) async fn run(workspace: &Workspace, flags: Console) -> Result<ExitCode, Failure> {
    let (config, url) = if flags.place.aws {
        let advice = "give --url the output ConsoleUrl of the stack";
        let missing = || Failure::new("the address of the console is missing", advice);
        let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        (config, flags.url.ok_or_else(missing)?)
    } else {
        let status = running(workspace)?;
        let url = format!("{}{PATH}", status.http_url);
        (aws::config(&status.sqs_endpoint).await, url)
    };
    let own = || aws::secret_id(LINK_KEY);
    let key = read(
        &Client::new(&config),
        &flags.place.secret_id.unwrap_or_else(own),
    )
    .await?;
    let life = SignedDuration::from_mins(flags.minutes.into());
    say!("{}", link(&key, &url, life)?);
    complain!("It opens the console for {} min.", flags.minutes);
    Ok(ExitCode::SUCCESS)
}

/// The link to the console of a local stack that just came up; without its key, none.
pub(super) fn show(workspace: &Workspace, status: &Status) {
    let url = format!("{}{PATH}", status.http_url);
    let secrets = Secrets::load_or_make(workspace, DEVELOPMENT, Timestamp::now());
    let link = secrets.and_then(|secrets| link(&secrets.link_key.into(), &url, FIRST));
    if let Ok(link) = link {
        say!("\nThe console, for an hour (then: cargo local console):\n\n{link}");
    }
}

fn link(key: &SecretString, url: &str, life: SignedDuration) -> Result<String, Failure> {
    let advice = "mend the secret: a text of 32 bytes or more";
    let key = LinkKey::parse(key).or_fail("the key of links cannot be used", advice)?;
    let pass = key.sign(PATH, Timestamp::now() + life);
    let (expires, signature) = (pass.expires, pass.signature);
    Ok(format!("{url}?expires={expires}&signature={signature}"))
}

async fn read(client: &Client, secret: &str) -> Result<SecretString, Failure> {
    let answer = client.get_secret_value().secret_id(secret).send().await;
    let answer = answer.map_err(aws_sdk_secretsmanager::error::SdkError::into_service_error);
    let answer = answer.or_fail(
        format!("cannot read the secret {secret}"),
        "check --secret-id, the region and your rights to read it",
    )?;
    Ok(answer.secret_string().unwrap_or_default().into())
}
