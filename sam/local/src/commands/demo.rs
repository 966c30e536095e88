//! `cargo local demo`: the main job, as far as it exists, on sample data.

use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::Value;

use super::Interrupt;
use super::sample::{ADVICE, Sender, conversation, conversations};
use super::status::{running, show};
use super::up::start;
use crate::cli::Up;
use crate::console::{Ink, paint};
use crate::failure::Failure;
use crate::stack::state::Status;
use crate::workspace::Workspace;

pub(super) async fn run(workspace: &Workspace, flags: &Up) -> Result<ExitCode, Failure> {
    if let Ok(status) = running(workspace) {
        return play(&status).await.map(|()| ExitCode::SUCCESS);
    }
    let mut interrupt = Interrupt::listen()?;
    let Some((stack, _lock)) = start(workspace, flags, &mut interrupt).await? else {
        return Err(Failure::new(
            "another `cargo local` is just starting",
            "wait for it, then try again",
        ));
    };
    let played = match stack.status() {
        Some(status) => {
            show(status);
            tokio::select! {
                played = play(status) => played,
                () = interrupt.wait() => Err(Failure::new("interrupted", "run it again when you like")),
            }
        }
        None => Ok(()),
    };
    stack.stop().await;
    played.map(|()| ExitCode::SUCCESS)
}

async fn play(status: &Status) -> Result<(), Failure> {
    let now = Timestamp::now();
    let sender = Sender::new(status)?;
    let before = sender.waiting().await?;
    title("1. Two conversations end, and CXone sends them, signed");
    for (name, body) in conversations(now) {
        let body = body.to_string();
        let (code, answer) = sender.send(&body, &sender.sign(&body, now)?).await?;
        expect(code, 202, &answer)?;
        let receipt = answer["receipt_id"].as_str().unwrap_or("-");
        say!("   {name}: {code}, receipt {receipt}");
    }
    title("2. They wait in the queue `conversations`, safe from every outage behind it");
    let waiting = sender.waiting().await?;
    let ours = waiting.saturating_sub(before);
    say!("   {waiting} messages now, {ours} of them from this demo");
    title("3. Somebody changes a word on the way: the signature does not fit any more");
    let body = conversation(now, "forged", "Refund", "I send you 10 euros.", "Thanks.").to_string();
    let headers = sender.sign(&body, now)?;
    let (code, answer) = sender
        .send(&body.replace("10 euros", "9,000 euros"), &headers)
        .await?;
    expect(code, 401, &answer)?;
    say!(
        "   {code}, and nothing was queued: {} messages\n",
        sender.waiting().await?
    );
    Ok(())
}

fn title(text: &str) {
    say!("\n{}", paint(Ink::Bold, text));
}

fn expect(code: u16, wanted: u16, answer: &Value) -> Result<(), Failure> {
    if code == wanted {
        Ok(())
    } else {
        Err(Failure::new(
            format!("the webhook answered {code} instead of {wanted}: {answer}"),
            ADVICE,
        ))
    }
}
