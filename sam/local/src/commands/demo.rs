//! `cargo local demo`: the main job, as far as it exists, on sample data.

use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::Value;

use super::Interrupt;
use super::memory::Memory;
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
    title(
        "1. Two conversations end, and CXone sends them, signed; one of them twice, as it does after a timeout",
    );
    let conversations = conversations(now);
    let again = conversations.iter().take(1);
    let mut ids = Vec::new();
    for (name, body) in conversations.iter().chain(again) {
        ids.extend(body["conversationId"].as_str().map(str::to_owned));
        let body = body.to_string();
        let (code, answer) = sender.send(&body, &sender.sign(&body, now)?).await?;
        expect(code, 202, &answer)?;
        let receipt = answer["receipt_id"].as_str().unwrap_or("-");
        say!("   {name}: {code}, receipt {receipt}");
    }
    title(
        "2. They wait in a queue; conversation-embedder maps, tags and embeds them, and each is stored once",
    );
    let memory = Memory::open(&status.database_url).await?;
    memory.wait_for(&ids[..conversations.len()]).await?;
    for row in memory.rows(&ids).await? {
        say!("   {row}");
    }
    title("3. Somebody changes a word on the way: the signature does not fit any more");
    let body = conversation(now, "forged", "Refund", "I send you 10 euros.", "Thanks.").to_string();
    let headers = sender.sign(&body, now)?;
    let (code, answer) = sender
        .send(&body.replace("10 euros", "9,000 euros"), &headers)
        .await?;
    expect(code, 401, &answer)?;
    say!("   {code}, and nothing was queued\n");
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
