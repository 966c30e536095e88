//! Somebody who posts bodies: to the webhook as CXone does, with the signing key, or to a function with an API key.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Bytes;
use jiff::Timestamp;
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use shared::auth::scheme::{Scheme, Schemes};
use shared::injection::content_key;

use super::sample::ADVICE;
use crate::failure::{Failure, OrFail as _};

/// How CXone's requests are signed where nothing else is said.
pub(super) const STANDARD: &str = "standard-webhooks";
/// A little more than API Gateway waits for a function.
const TIMEOUT: Duration = Duration::from_secs(40);
const KEY_ADVICE: &str =
    "check that it is the webhook's key for this scheme (whsec_… for standard-webhooks)";

/// Somebody who holds a key.
pub(super) struct Sender {
    http: reqwest::Client,
    url: String,
    proof: Proof,
}

/// How a body proves who sends it.
enum Proof {
    Key(Box<Scheme>, SecretString),
    /// Beside the key, what a line says is the name of its request.
    ApiKey(SecretString),
}

/// Where the key of a caller is.
pub(super) enum Keys {
    /// It is this one.
    One(SecretString),
    /// Among those that the webhook itself reads.
    Document(SecretString),
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
    pub(super) fn to_local(url: &str, scheme: &str, key: &str) -> Result<Self, Failure> {
        let builder = reqwest::Client::builder().no_proxy();
        Self::build(builder, url, Proof::of(scheme, &Keys::One(key.into()))?)
    }

    /// Sends to a route anywhere, under a scheme as `WEBHOOK_SCHEMES` names it.
    pub(super) fn to_deployed(url: &str, scheme: &str, keys: &Keys) -> Result<Self, Failure> {
        Self::build(reqwest::Client::builder(), url, Proof::of(scheme, keys)?)
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
        match &self.proof {
            Proof::Key(scheme, key) => {
                let id = format!("msg_{}", uuid::Uuid::new_v4().simple());
                let headers = scheme.prove(key.expose_secret(), &id, now, body);
                headers.map_err(|why| Failure::new(format!("the key {why}"), KEY_ADVICE))
            }
            Proof::ApiKey(key) => {
                let headers = [
                    ("x-api-key", key.expose_secret().to_owned()),
                    ("idempotency-key", content_key(body)),
                ];
                Ok(headers
                    .map(|(name, value)| (name.to_owned(), value))
                    .to_vec())
            }
        }
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
    /// The first key of the scheme that can be used.
    fn of(scheme: &str, keys: &Keys) -> Result<Self, Failure> {
        let scheme = read_scheme(scheme)?;
        let unusable = |why: &str| Failure::new(format!("the signing secret {why}"), KEY_ADVICE);
        let written = match keys {
            Keys::One(key) => vec![key.expose_secret().to_owned()],
            Keys::Document(document) => {
                let mut rings: BTreeMap<String, Vec<String>> =
                    serde_json::from_str(document.expose_secret()).map_err(|_| {
                        unusable("is no JSON of schemes, each with an array of keys")
                    })?;
                rings.remove(scheme.name()).unwrap_or_default()
            }
        };
        let mut flaw = "has no key for this scheme";
        for key in written {
            match scheme.prove(&key, "", Timestamp::UNIX_EPOCH, b"") {
                Ok(_) => return Ok(Self::Key(Box::new(scheme), key.into())),
                Err(why) => flaw = why,
            }
        }
        Err(unusable(flaw))
    }
}

/// A scheme by its name, or as JSON.
fn read_scheme(text: &str) -> Result<Scheme, Failure> {
    let written = serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!(text));
    let schemes = json!([written]).to_string().parse::<Schemes>();
    let advice = "name a scheme as WEBHOOK_SCHEMES does: docs/connect.md lists them";
    let schemes = schemes.map_err(|why| Failure::new(format!("--scheme: {why}"), advice))?;
    let first = schemes.as_slice().first().cloned();
    first.ok_or_else(|| Failure::new("--scheme names nothing", advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn headers(scheme: &str, keys: &Keys) -> Result<Vec<(String, String)>, Failure> {
        let sender = Sender::to_deployed("https://example.org", scheme, keys)?;
        sender.sign(b"{}", Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn every_scheme_is_sent_and_what_cannot_be_is_said_without_the_key() {
        let studio = r#"{"kind": "header", "name": "studio", "header": "X-Studio"}"#;
        for (scheme, key, name) in [
            (STANDARD, KEY, "webhook-signature"),
            (
                "cxone-expert",
                "a-key-of-16-bytes-",
                "x-nexus-signature-256",
            ),
            ("bearer", "a-key-of-16-bytes-", "authorization"),
            ("basic", "user:a-key-of-16-bytes", "authorization"),
            (studio, "a-key-of-16-bytes-", "x-studio"),
        ] {
            let sent = headers(scheme, &Keys::One(key.into())).unwrap();
            assert!(sent.iter().any(|(header, _)| header == name), "{sent:?}");
        }
        let document =
            format!(r#"{{"bearer": ["short", "a-key-of-16-bytes-"], "{STANDARD}": []}}"#);
        let document = Keys::Document(document.into());
        let sent = headers("bearer", &document).unwrap();
        assert_eq!(sent[0].1, "Bearer a-key-of-16-bytes-");
        for (scheme, keys) in [
            (STANDARD, document),
            ("bearer", Keys::One("hush".into())),
            ("sometimes", Keys::One(KEY.into())),
            (STANDARD, Keys::Document("hush".to_owned().into())),
        ] {
            let failure = headers(scheme, &keys).unwrap_err();
            assert!(!format!("{failure:?}").contains("hush"), "{failure:?}");
        }
    }
}
