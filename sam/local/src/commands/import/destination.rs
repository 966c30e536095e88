//! Where lines go: the running local stack, or a deployed one.

use super::delivery::{INTAKE, Taker, WEBHOOK};
use crate::cli::{Import, Inject};
use crate::commands::deployed::{check, read_variable};
use crate::commands::sender::{STANDARD, Sender};
use crate::commands::status::running;
use crate::commands::webhook::{self, fingerprint};
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Who takes lines, and a name that tells them from others.
pub(super) struct Destination {
    pub(super) sender: Sender,
    pub(super) taker: &'static Taker,
    pub(super) name: String,
}

/// Finds the webhook and its key.
pub(super) async fn open(workspace: &Workspace, flags: &Import) -> Result<Destination, Failure> {
    let (sender, name) = webhook::open(workspace, &flags.webhook, STANDARD).await?;
    Ok(Destination {
        sender,
        taker: &WEBHOOK,
        name,
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
