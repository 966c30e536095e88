//! For tests and benches: signed requests as CXone would send them, a database per test, what a test does that cannot run.

#[cfg(feature = "db")]
mod articles;
#[cfg(feature = "db")]
mod database;
#[cfg(test)]
mod foreign_input;
#[cfg(feature = "text")]
pub mod intents;
mod invocation;
mod keys;
mod outside;
#[cfg(feature = "db")]
pub mod stage;

use std::io::Write as _;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::auth::Keyring;
use crate::auth::scheme::Schemes;
use crate::config::Env;
use crate::error::Error;

#[cfg(feature = "db")]
pub use articles::{new_article, store_articles};
#[cfg(feature = "db")]
pub use database::TestDatabase;
pub use invocation::{invocation, json_of, pointers, request};
pub use keys::{issue, written};
pub use outside::{CXONE_CLIENT, aws_at, create_secrets, profile};

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
pub fn skip(test: &str, what: &str) {
    note(&format!("skipped: {test}: {what}"));
}

/// Says it in the test's output, and to `cargo local test`, which lists it.
#[expect(clippy::print_stdout, reason = "a test speaks through its output")]
fn note(line: &str) {
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
    let headers = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    request("POST", path, &headers.collect::<Vec<_>>(), body)
}

/// The headers of a Standard Webhooks sender that holds the keyring's first key.
pub fn signed(keyring: &Keyring, id: &str, at: Timestamp, body: &str) -> Vec<(String, String)> {
    keyring
        .sign("standard-webhooks", id, at, body.as_bytes())
        .unwrap_or_default()
}
