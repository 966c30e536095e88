//! Transcripts as they are handed in, and what holds for all of them.

mod bodies;
mod oracle;
mod outlook;
mod pace;
mod parts;
mod repairs;

use serde_json::{Value, json};

use super::*;
use crate::error::Error;

fn parse(body: &Value) -> Result<Intake, Error> {
    Intake::parse(body.to_string().as_bytes())
}

fn agent() -> Value {
    json!({ "id": "agt_456", "type": "agent" })
}

fn customer() -> Value {
    json!({ "id": "cust_789", "type": "customer" })
}

/// A message of the customer's, so many seconds after nine.
fn message(second: usize) -> Value {
    let (minute, second) = (second / 60, second % 60);
    json!({
        "from": customer(), "to": agent(), "text": "Where is my order?",
        "timestamp": format!("2024-06-15T09:{minute:02}:{second:02}Z"),
    })
}

/// A body with these messages.
fn body(messages: impl IntoIterator<Item = Value>) -> Value {
    let messages: Vec<_> = messages.into_iter().collect();
    json!({
        "interaction_id": "ext_998877", "agent_id": "agt_456", "customer_id": "cust_789",
        "messages": messages,
    })
}

/// The same body with more fields, or other ones.
fn with(mut body: Value, fields: &[(&str, Value)]) -> Value {
    for (name, value) in fields {
        body[*name] = value.clone();
    }
    body
}

/// What CXone gets, part by part.
fn payloads(intake: &Intake) -> Vec<Value> {
    let parts = intake.parts.iter();
    parts
        .map(|part| serde_json::from_slice(&part.payload).unwrap())
        .collect()
}

/// Who breaks rules is told where, and which.
fn violations<T>(parsed: Result<T, Error>) -> Vec<(String, String)> {
    let Err(error) = parsed else {
        return Vec::new();
    };
    assert!(!error.violations().is_empty(), "{error}");
    let violations = error.violations().iter();
    violations
        .map(|wrong| (wrong.pointer.clone(), wrong.detail.clone()))
        .collect()
}

fn pointers<T>(parsed: Result<T, Error>) -> Vec<String> {
    let violations = violations(parsed).into_iter();
    violations.map(|(pointer, _)| pointer).collect()
}
