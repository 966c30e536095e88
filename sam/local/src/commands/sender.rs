//! Somebody who holds the signing key, and posts bodies to the webhook as CXone does.

use std::time::Duration;

use axum::body::Bytes;
use jiff::Timestamp;
use reqwest::redirect::Policy;
use secrecy::SecretString;
use serde_json::{Value, json};
use shared::auth::Keyring;

use super::sample::ADVICE;
use crate::failure::{Failure, OrFail as _};

const SCHEME: &str = "standard-webhooks";
/// A little more than API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(40);

/// Somebody who holds the signing key.
pub(super) struct Sender {
    http: reqwest::Client,
    url: String,
    keyring: Keyring,
}

/// What the webhook said.
pub(super) struct Answer {
    pub(super) code: u16,
    /// The pause that it asks for.
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Value,
}

impl Sender {
    /// Sends to a route of this machine.
    pub(super) fn to_local(url: &str, key: &str) -> Result<Self, Failure> {
        let builder = reqwest::Client::builder().no_proxy();
        Self::build(builder, url, &keys_of(key))
    }

    /// Sends to a route anywhere; `keys` is the document that the webhook itself reads.
    pub(super) fn to_deployed(url: &str, keys: &SecretString) -> Result<Self, Failure> {
        Self::build(reqwest::Client::builder(), url, keys)
    }

    fn build(
        http: reqwest::ClientBuilder,
        url: &str,
        keys: &SecretString,
    ) -> Result<Self, Failure> {
        let schemes = json!([SCHEME]).to_string().parse();
        let schemes = schemes.map_err(|why: String| Failure::new(why, ADVICE))?;
        // A redirected POST would arrive as a GET without a body, and elsewhere.
        let http = http.redirect(Policy::none()).timeout(TIMEOUT).build();
        Ok(Self {
            http: http.or_fail("cannot make an HTTP client", ADVICE)?,
            url: url.to_owned(),
            keyring: Keyring::parse(&schemes, keys).or_fail(
                "the signing secret cannot be used",
                "check that it is the webhook's key for standard-webhooks (whsec_…)",
            )?,
        })
    }

    /// The headers of a body that was signed just now.
    pub(super) fn sign(
        &self,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<(String, String)>, Failure> {
        let id = format!("msg_{}", uuid::Uuid::new_v4().simple());
        let headers = self.keyring.sign(SCHEME, &id, now, body);
        headers.ok_or_else(|| Failure::new("the signing key is gone", "cargo local reset"))
    }

    /// Posts a body; an error means that there was no whole answer.
    pub(super) async fn send(
        &self,
        body: impl Into<Bytes>,
        headers: &[(String, String)],
    ) -> reqwest::Result<Answer> {
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/json")
            .body(body.into());
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        let response = request.send().await.map_err(reqwest::Error::without_url)?;
        let code = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|seconds| {
            let seconds = seconds.to_str().ok()?.trim().parse().ok()?;
            Some(Duration::from_secs(seconds))
        });
        let body = response
            .bytes()
            .await
            .map_err(reqwest::Error::without_url)?;
        Ok(Answer {
            code,
            retry_after,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }
}

/// The document of a single key, as the webhook reads it.
pub(super) fn keys_of(key: &str) -> SecretString {
    json!({ SCHEME: [key] }).to_string().into()
}
