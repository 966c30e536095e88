//! Somebody who posts bodies: to the webhook as CXone does, with the signing key, or to a function with an API key.

use std::time::Duration;

use axum::body::Bytes;
use jiff::Timestamp;
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use shared::auth::Keyring;
use shared::injection::line_key;

use super::sample::ADVICE;
use crate::failure::{Failure, OrFail as _};

const SCHEME: &str = "standard-webhooks";
/// A little more than API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(40);

/// Somebody who holds a key.
pub(super) struct Sender {
    http: reqwest::Client,
    url: String,
    proof: Proof,
}

/// How a body proves who sends it.
enum Proof {
    Signature(Box<Keyring>),
    /// Beside the key, what a line says is the name of its request.
    ApiKey(SecretString),
}

/// What the other side said.
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
        Self::build(builder, url, Proof::of(&keys_of(key))?)
    }

    /// Sends to a route anywhere; `keys` is the document that the webhook itself reads.
    pub(super) fn to_deployed(url: &str, keys: &SecretString) -> Result<Self, Failure> {
        Self::build(reqwest::Client::builder(), url, Proof::of(keys)?)
    }

    /// Sends lines to a function that asks for an API key.
    pub(super) fn with_api_key(url: &str, key: SecretString) -> Result<Self, Failure> {
        Self::build(reqwest::Client::builder(), url, Proof::ApiKey(key))
    }

    fn build(http: reqwest::ClientBuilder, url: &str, proof: Proof) -> Result<Self, Failure> {
        // A redirected POST would arrive as a GET without a body, and elsewhere.
        let http = http.redirect(Policy::none()).timeout(TIMEOUT).build();
        Ok(Self {
            http: http.or_fail("cannot make an HTTP client", ADVICE)?,
            url: url.to_owned(),
            proof,
        })
    }

    /// The headers by which a body that is sent now proves who sends it.
    pub(super) fn sign(
        &self,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Vec<(String, String)>, Failure> {
        let keyring = match &self.proof {
            Proof::Signature(keyring) => keyring,
            Proof::ApiKey(key) => {
                let headers = [
                    ("x-api-key", key.expose_secret().to_owned()),
                    ("idempotency-key", line_key(body)),
                ];
                return Ok(headers
                    .map(|(name, value)| (name.to_owned(), value))
                    .to_vec());
            }
        };
        let id = format!("msg_{}", uuid::Uuid::new_v4().simple());
        let headers = keyring.sign(SCHEME, &id, now, body);
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

impl Proof {
    /// With the key that the webhook knows.
    fn of(keys: &SecretString) -> Result<Self, Failure> {
        let schemes = json!([SCHEME]).to_string().parse();
        let schemes = schemes.map_err(|why: String| Failure::new(why, ADVICE))?;
        let keyring = Keyring::parse(&schemes, keys).or_fail(
            "the signing secret cannot be used",
            "check that it is the webhook's key for standard-webhooks (whsec_…)",
        )?;
        Ok(Self::Signature(Box::new(keyring)))
    }
}

/// The document of a single key, as the webhook reads it.
pub(super) fn keys_of(key: &str) -> SecretString {
    json!({ SCHEME: [key] }).to_string().into()
}
