//! One request and its answer.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::Client;
use super::answer::{self, Unusable};
use super::attempt::{Reply, WHAT};
use super::breaker::Permit;
use super::refusal::{Refusal, Said, classify};
use crate::error::{Error, Source};
use crate::retry::retry_after as retry_after_of;

/// No answer is larger.
const MOST_BYTES: usize = 64 << 20;
/// No error says more.
const MOST_BYTES_OF_ERROR: usize = 64 << 10;
/// JSON writes no `f32` longer, comma and spaces included.
const BYTES_OF_NUMBER: usize = 32;
/// What stands around a vector, and around all of them.
const BYTES_AROUND: usize = 1 << 10;

/// Why there is no reply.
pub(super) enum Setback {
    /// A person has to change something, or it is known that nothing gets through now: nothing more is to be sent.
    Halt(Error),
    /// Another try may succeed.
    Again {
        cause: Source,
        /// How long to wait, where that is known.
        wait: Option<Duration>,
        /// Whether the provider is unwell, rather than busy.
        is_outage: bool,
    },
}

/// Why an exchange brought no reply.
enum Obstacle {
    Key,
    Setback(Setback),
}

#[derive(Serialize)]
struct Question<'a> {
    model: &'a str,
    input: &'a [&'a str],
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u16>,
}

/// An answer as it came.
struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Client {
    /// Asks once, and once more if there is a newer key than the one that was refused.
    pub(super) async fn attempt(&self, texts: &[&str], until: Instant) -> Result<Reply, Setback> {
        let key = self.key(until).await?;
        let mut outcome = self.exchange(texts, key.as_deref(), until).await;
        if let Err(Obstacle::Key) = outcome
            && let Some(newer) = self.newer_key(key.as_ref(), until).await?
        {
            outcome = self.exchange(texts, Some(&newer), until).await;
        }
        outcome.map_err(|obstacle| match obstacle {
            Obstacle::Setback(setback) => setback,
            Obstacle::Key => Setback::Halt(Error::misconfigured(
                "the embedding provider refuses the key; put a good one into the secret that the embedding settings name",
            )),
        })
    }

    async fn key(&self, until: Instant) -> Result<Option<Arc<SecretString>>, Setback> {
        let Some(secret) = &self.options.key else {
            return Ok(None);
        };
        let key = in_time(until, secret.get(Timestamp::now())).await?;
        Ok(Some(key))
    }

    /// A key that says something else than the one that was refused.
    async fn newer_key(
        &self,
        known: Option<&Arc<SecretString>>,
        until: Instant,
    ) -> Result<Option<Arc<SecretString>>, Setback> {
        let (Some(secret), Some(known)) = (&self.options.key, known) else {
            return Ok(None);
        };
        let newer = in_time(until, secret.refreshed(known, Timestamp::now())).await?;
        Ok(newer.filter(|newer| newer.expose_secret() != known.expose_secret()))
    }

    /// Sends and judges, and tells the breaker how it went.
    async fn exchange(
        &self,
        texts: &[&str],
        key: Option<&SecretString>,
        until: Instant,
    ) -> Result<Reply, Obstacle> {
        let now = Instant::now();
        let admitted = self.breaker().admit(now);
        let permit = admitted.map_err(|wait| {
            Obstacle::Setback(Setback::Halt(Error::Transient {
                what: WHAT,
                retry_after: wait,
                source: "it failed several times in a row and is left alone for a while".into(),
            }))
        })?;
        let latest = until.min(now + self.options.pace.attempt);
        let sent = timeout_at(latest, self.send(texts, key)).await;
        let outcome = match sent {
            Ok(Ok(answer)) => self.judge(&answer, texts.len()),
            Ok(Err(setback)) => Err(Obstacle::Setback(setback)),
            Err(late) => Err(Obstacle::Setback(unwell(late))),
        };
        self.report(permit, &outcome);
        outcome
    }

    fn report(&self, permit: Permit, outcome: &Result<Reply, Obstacle>) {
        let Err(Obstacle::Setback(Setback::Again {
            cause,
            is_outage: true,
            ..
        })) = outcome
        else {
            return self.breaker().answered();
        };
        let pause = self
            .breaker()
            .failed(permit, Instant::now(), fastrand::f64());
        if let Some(pause) = pause {
            tracing::warn!(
                error = cause.to_string(),
                model = self.space.name,
                pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                "the embedding provider is left alone for a while"
            );
        }
    }

    async fn send(&self, texts: &[&str], key: Option<&SecretString>) -> Result<Answer, Setback> {
        let model = &self.options.model;
        let question = Question {
            model: &model.name,
            input: texts,
            encoding_format: "base64",
            dimensions: model.is_shortened.then_some(model.dimensions),
        };
        let mut request = self.http.post(self.options.address.url());
        if let Some(key) = key {
            request = request.bearer_auth(key.expose_secret());
        }
        let request = request.header(ACCEPT, "application/json").json(&question);
        let response = request.send().await.map_err(broken)?;
        let status = response.status();
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after =
            retry_after.and_then(|value| retry_after_of(value.to_str().ok()?, Timestamp::now()));
        let body = if status == StatusCode::OK {
            read_body(response, self.most_bytes(texts.len())).await?
        } else {
            // The status says enough if its body does not come.
            let body = read_body(response, MOST_BYTES_OF_ERROR).await;
            body.unwrap_or_default()
        };
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }

    fn most_bytes(&self, texts: usize) -> usize {
        let vector = usize::from(self.space.dimensions) * BYTES_OF_NUMBER + BYTES_AROUND;
        vector
            .saturating_mul(texts)
            .saturating_add(BYTES_AROUND)
            .min(MOST_BYTES)
    }

    fn judge(&self, answer: &Answer, texts: usize) -> Result<Reply, Obstacle> {
        if answer.status == StatusCode::OK {
            let vectors = answer::read(&answer.body, texts, self.space.dimensions);
            let unusable = |unusable| Obstacle::Setback(self.unusable(unusable));
            return vectors.map(Reply::Vectors).map_err(unusable);
        }
        let wait = answer.retry_after;
        let again = |cause: Said, is_outage| Setback::Again {
            cause: cause.into(),
            wait,
            is_outage,
        };
        Err(Obstacle::Setback(
            match classify(answer.status.as_u16(), &answer.body) {
                Refusal::Input => return Ok(Reply::Refused),
                Refusal::Key => return Err(Obstacle::Key),
                Refusal::Throttled(said) => again(said, false),
                Refusal::Trouble(said) => again(said, true),
                Refusal::Quota => Setback::Halt(Error::misconfigured(
                    "the embedding provider's quota is used up (insufficient_quota); raise it or pay",
                )),
                Refusal::Setting(said) => Setback::Halt(Error::Misconfigured {
                    what: format!(
                        "the embedding provider cannot be asked for the model {} in this way; check its address, name and dimensions",
                        self.space.name
                    ),
                    source: Some(said.into()),
                }),
            },
        ))
    }

    fn unusable(&self, unusable: Unusable) -> Setback {
        let Unusable::Dimension { expected, found } = unusable else {
            return unwell(unusable);
        };
        let name = &self.space.name;
        Setback::Halt(Error::misconfigured(format!(
            "the embedding model {name} is set to {expected} dimensions, but its vectors have {found}"
        )))
    }
}

/// A secret that does not come in time is as good as one that does not come now.
async fn in_time<T>(
    until: Instant,
    read: impl Future<Output = Result<T, Error>>,
) -> Result<T, Setback> {
    let read = timeout_at(until, read).await;
    let read = read.unwrap_or_else(|late| Err(Error::transient("Secrets Manager", late)));
    read.map_err(Setback::Halt)
}

async fn read_body(mut response: Response, most: usize) -> Result<Vec<u8>, Setback> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > most {
            return Err(unwell(format!("the answer is larger than {most} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A connection that had died unnoticed while it was idle is worth another try at once. Embedding twice does no harm.
fn broken(error: reqwest::Error) -> Setback {
    let is_lost = error.is_request() && !error.is_connect() && !error.is_timeout();
    Setback::Again {
        cause: error.without_url().into(),
        wait: is_lost.then_some(Duration::ZERO),
        is_outage: true,
    }
}

fn unwell(cause: impl Into<Source>) -> Setback {
    Setback::Again {
        cause: cause.into(),
        wait: None,
        is_outage: true,
    }
}
