//! Sample conversations, and the queue that they wait in.

use aws_sdk_sqs::types::QueueAttributeName;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::failure::{Failure, OrFail as _};
use crate::stack::aws;

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

/// How many messages the queue holds.
pub(super) async fn waiting(sqs_endpoint: &str) -> Result<u64, Failure> {
    let sqs = aws_sdk_sqs::Client::new(&aws::config(sqs_endpoint).await);
    let name = QueueAttributeName::ApproximateNumberOfMessages;
    let request = sqs
        .get_queue_attributes()
        .queue_url(aws::queue_url(sqs_endpoint, "conversations"));
    let answer = request.attribute_names(name.clone()).send().await;
    let answer = answer.map_err(aws_sdk_sqs::error::SdkError::into_service_error);
    let answer = answer.or_fail("the queue cannot be reached", ADVICE)?;
    let count = answer
        .attributes()
        .and_then(|attributes| attributes.get(&name))
        .and_then(|count| count.parse().ok());
    Ok(count.unwrap_or_default())
}
