//! `cargo local erase`: a conversation is removed everywhere and for good, with a receipt.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::lambda::Lambda;
use super::print;
use crate::cli::Erase;
use crate::console::{Ink, paint, table};
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

pub(super) async fn run(workspace: &Workspace, flags: &Erase) -> Result<ExitCode, Failure> {
    let lambda = Lambda::open(workspace, &flags.account).await?;
    if !flags.yes {
        confirm(&flags.conversation)?;
    }
    let task = json!({ "task": "erase", "conversation_id": flags.conversation });
    let receipt = lambda.invoke("conversation-embedder", &task).await?;
    if flags.json {
        print(&receipt)?;
    } else {
        show(&receipt);
    }
    Ok(ExitCode::SUCCESS)
}

/// What is gone cannot be brought back: a person says so, by its name.
fn confirm(conversation: &str) -> Result<(), Failure> {
    let nothing = "nothing was erased";
    if !std::io::stdin().is_terminal() {
        let advice = "say --yes: there is nobody here to ask";
        return Err(Failure::new(nothing, advice));
    }
    complain!(
        "This removes the conversation {conversation} everywhere and for good, and keeps late copies out."
    );
    let mut error = std::io::stderr();
    let _ = write!(error, "Write its name once more to go on: ");
    let _ = error.flush();
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    read.or_fail(nothing, "say --yes instead")?;
    if line.trim() == conversation {
        Ok(())
    } else {
        Err(Failure::new(nothing, "that was another name; check it"))
    }
}

fn show(receipt: &Value) {
    let word = |field: &str| receipt[field].as_str().unwrap_or_default().to_owned();
    say!("{}", paint(Ink::Bold, "Erased"));
    let removed = receipt["removed"].as_object().into_iter().flatten();
    let counts: Vec<_> = removed.collect();
    let is_nothing = counts.iter().all(|(_, count)| count.as_u64() == Some(0));
    let removed = counts.iter();
    let removed: Vec<_> = removed
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    table(&[
        ("receipt", word("receipt_id")),
        ("erased at", word("erased_at")),
        ("conversation, under the key", word("conversation_mac")),
        ("removed", removed.join(", ")),
    ]);
    if is_nothing {
        complain!(
            "Nothing at all was kept under this name when it was first erased, and late copies are kept out. If something should have been \
             there, check the name."
        );
    }
}
