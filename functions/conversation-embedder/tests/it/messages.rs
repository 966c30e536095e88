//! Messages as the webhook enqueues them.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::domain::DataActionEvent;
use shared::queue::ConversationMessage;

/// A message as the webhook enqueues it.
pub(crate) fn message(payload: &Value) -> String {
    let body = payload.to_string();
    let event = DataActionEvent::parse(body.as_bytes()).unwrap();
    ConversationMessage::pack(event, body.as_bytes(), Timestamp::now())
        .unwrap()
        .to_text()
        .unwrap()
}

/// A payload in the form of the reference.
pub(crate) fn payload(conversation: &str, event: &str, minute: u32, customer: &str) -> Value {
    json!({
        "event": event,
        "timestamp": format!("2026-01-15T10:{minute:02}:00Z"),
        "conversationId": conversation,
        "data": {
            "subject": "Order refund request",
            "transcript": {"agent": "Hello, how can I assist you with your order?", "customer": customer},
        },
    })
}

/// A finished conversation.
pub(crate) fn completed(conversation: &str, customer: &str) -> String {
    message(&payload(
        conversation,
        "conversation.completed",
        30,
        customer,
    ))
}
