//! A terminal.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use shared::testing;
use tokio::process::Command;

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// What it printed for machines; it must have ended well.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs `cargo local`, with these variables beside those of the test. Nobody is there to be asked.
pub(crate) async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).envs(variables.iter().copied());
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Where the stack of the tests is, or nothing where there is none.
pub(crate) fn stack(test: &str) -> Option<Value> {
    let Some(path) = testing::setting("STACK_STATUS") else {
        testing::skip(test, "STACK_STATUS is not set; `cargo local test` sets it");
        return None;
    };
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// Files of a test, gone after it.
pub(crate) struct Desk(tempfile::TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn put(&self, name: &str, what: &Value) -> String {
        let path: PathBuf = self.0.path().join(name);
        std::fs::write(&path, what.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// A payload as CXone posts it.
pub(crate) fn payload(conversation: &str, customer: &str) -> Value {
    json!({
        "event": "conversation.completed",
        "timestamp": "2026-01-15T10:30:00Z",
        "conversationId": conversation,
        "data": {
            "subject": "The kettle hums",
            "transcript": {"agent": "How can I help you with your kettle?", "customer": customer},
        },
    })
}
