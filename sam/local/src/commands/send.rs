//! `cargo local send`: one payload is signed and posted to the webhook, as CXone does.

use std::io::Read as _;
use std::process::ExitCode;

use jiff::Timestamp;

use super::import::{Verdict, WEBHOOK};
use super::{print, webhook};
use crate::cli::Send;
use crate::console::{Ink, paint, table};
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

pub(super) async fn run(workspace: &Workspace, flags: &Send) -> Result<ExitCode, Failure> {
    let (sender, _) = webhook::open(workspace, &flags.webhook, &flags.scheme).await?;
    let body = read(&flags.payload)?;
    let headers = sender.sign(&body, Timestamp::now())?;
    let answer = sender.send(body, &headers).await;
    let (verdict, _, why) = WEBHOOK.read(&answer);
    let advice = match verdict {
        Verdict::Accepted => {
            let receipt = answer.or_fail(why, "try again")?.body;
            if flags.json {
                print(&receipt)?;
            } else {
                let word = |field: &str| receipt[field].as_str().unwrap_or_default().to_owned();
                say!("{}", paint(Ink::Bold, "Kept"));
                table(&[
                    ("receipt", word("receipt_id")),
                    ("event key", word("event_key")),
                    ("conversation", word("conversation_id")),
                ]);
            }
            return Ok(ExitCode::SUCCESS);
        }
        Verdict::Refused(reasons) => {
            let rules = reasons.iter().map(ToString::to_string);
            let what = format!("{why}: {}", rules.collect::<Vec<_>>().join("; "));
            let advice = "correct the payload; `cargo local map --try` checks it without sending";
            return Err(Failure::new(what, advice));
        }
        Verdict::Again(_) => "send it again; a repeat has its effect once",
        Verdict::Stop(advice) => advice,
    };
    Err(Failure::new(why, advice))
}

/// The bytes as they are: they are what is signed.
fn read(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    let what = format!("cannot read {}", path.display());
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        return read.map(|_| bytes).or_fail(what, "pipe the payload in");
    }
    std::fs::read(path).or_fail(what, "check the path and your rights")
}
