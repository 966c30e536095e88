//! For tests and benches: signed requests as CXone would send them, a database per test, what a test does that cannot run.

#[cfg(feature = "db")]
mod database;
#[cfg(feature = "text")]
pub mod intents;
#[cfg(feature = "db")]
pub mod stage;

use std::io::Write as _;

use aws_sdk_sqs::config::{Credentials, Region};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::auth::Keyring;
use crate::auth::scheme::Schemes;
use crate::aws::{self, SdkConfig};
use crate::config::Env;
use crate::error::Error;

#[cfg(feature = "db")]
pub use database::TestDatabase;

/// What `cargo local test` tells its tests: addresses of the services that it started.
pub fn setting(name: &str) -> Option<String> {
    Env::from_process().get(name).map(str::to_owned)
}

/// How large a proof is: small by default, full by `cargo local test --full`.
pub fn proof_size(small: usize, full: usize) -> usize {
    if setting("PROOF_SIZE").as_deref() == Some("full") {
        full
    } else {
        small
    }
}

/// Says that `test` cannot run for want of `what`: in its output, and to `cargo local test`, which lists it.
#[expect(clippy::print_stdout, reason = "a test speaks through its output")]
pub fn skip(test: &str, what: &str) {
    let line = format!("skipped: {test}: {what}");
    println!("{line}");
    let log = setting("SKIP_LOG").map(|path| {
        std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
    });
    if let Some(Ok(mut log)) = log {
        // The line was printed already; the list is for convenience.
        let _ = writeln!(log, "{line}");
    }
}

/// The AWS of a test: this endpoint, and credentials that open nothing else.
pub async fn aws_at(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let loader = aws::loader()
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"));
    loader.credentials_provider(credentials).load().await
}

/// A keyring out of the JSON of the two settings.
pub fn keyring(schemes: &str, secret: &str) -> Result<Keyring, Error> {
    let schemes: Schemes = schemes.parse().map_err(Error::misconfigured)?;
    Keyring::parse(&schemes, &SecretString::from(secret))
}

/// A conversation event of about `size` bytes; `number` makes it unlike the others.
pub fn conversation(number: usize, size: usize) -> String {
    let sentence =
        "The parcel came on Tuesday, but the lid was cracked and one of the two cups was missing. ";
    let customer = sentence.repeat(size.saturating_sub(330) / sentence.len() + 1);
    json!({
        "event": "conversation.completed",
        "timestamp": "2026-01-15T10:30:00Z",
        "conversationId": format!("conv-{number}"),
        "data": {
            "subject": "A cup is missing",
            "transcript": { "agent": "Good morning, what can I do for you?", "customer": customer },
        },
    })
    .to_string()
}

/// An HTTP API event that posts `body` to `path` with these headers.
pub fn http_event(path: &str, headers: &[(String, String)], body: &str) -> Value {
    let headers: serde_json::Map<_, _> = headers
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    json!({
        "version": "2.0",
        "routeKey": format!("POST {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": { "http": { "method": "POST", "path": path }, "requestId": "request-1" },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// The headers of a Standard Webhooks sender that holds the keyring's first key.
pub fn signed(keyring: &Keyring, id: &str, at: Timestamp, body: &str) -> Vec<(String, String)> {
    keyring
        .sign("standard-webhooks", id, at, body.as_bytes())
        .unwrap_or_default()
}
