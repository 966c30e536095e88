//! Sample conversations, and somebody who sends them as CXone does.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::auth::Keyring;

use crate::failure::{Failure, OrFail as _};
use crate::stack::state::Status;

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

/// Somebody who holds the signing key.
pub(super) struct Sender {
    http: reqwest::Client,
    url: String,
    keyring: Keyring,
}

impl Sender {
    pub(super) fn new(status: &Status) -> Result<Self, Failure> {
        let schemes = r#"["standard-webhooks"]"#
            .parse()
            .map_err(|why: String| Failure::new(why, ADVICE))?;
        let secret =
            json!({"standard-webhooks": [status.webhook.standard_webhooks_secret]}).to_string();
        Ok(Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .build()
                .or_fail("cannot make an HTTP client", ADVICE)?,
            url: status.webhook.url.clone(),
            keyring: Keyring::parse(&schemes, &secret.into())
                .or_fail("the signing secret cannot be used", ADVICE)?,
        })
    }

    /// The headers of a body that was signed just now.
    pub(super) fn sign(
        &self,
        body: &str,
        now: Timestamp,
    ) -> Result<Vec<(String, String)>, Failure> {
        let id = format!("msg_{}", uuid::Uuid::new_v4().simple());
        let headers = self
            .keyring
            .sign("standard-webhooks", &id, now, body.as_bytes());
        headers.ok_or_else(|| Failure::new("the signing key is gone", "cargo local reset"))
    }

    /// Sends a body; gives the status and the answer.
    pub(super) async fn send(
        &self,
        body: &str,
        headers: &[(String, String)],
    ) -> Result<(u16, Value), Failure> {
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .body(body.to_owned());
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        let response = request
            .send()
            .await
            .or_fail("the webhook cannot be reached", ADVICE)?;
        let code = response.status().as_u16();
        Ok((code, response.json().await.unwrap_or_default()))
    }
}
