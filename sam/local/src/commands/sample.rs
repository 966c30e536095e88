//! Sample conversations.

use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) const ADVICE: &str =
    "read target/local/dev/logs/functions.log; `cargo local doctor` checks the prerequisites";

/// Two conversations with a name each.
pub(super) fn conversations(now: Timestamp) -> [(&'static str, Value); 2] {
    let router = conversation(
        now,
        "router",
        "The router blinks red",
        "Please hold the reset button for ten seconds; red means that it has lost its settings.",
        "Since the storm our router only blinks red. Now it is green, thank you!",
    );
    let invoice = conversation(
        now,
        "invoice",
        "Billed twice for October",
        "You are right, the second invoice is cancelled; the money is back within three days.",
        "I was billed twice for October.",
    );
    [("router", router), ("invoice", invoice)]
}

/// A conversation as a Data Action sends it; the time makes it a new one each time.
pub(super) fn conversation(
    at: Timestamp,
    topic: &str,
    subject: &str,
    agent: &str,
    customer: &str,
) -> Value {
    json!({
        "event": "conversation.completed",
        "timestamp": format!("{at:.3}"),
        "conversationId": format!("{topic}-{}", at.as_millisecond()),
        "data": {"subject": subject, "transcript": {"agent": agent, "customer": customer}},
    })
}
