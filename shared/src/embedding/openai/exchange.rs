//! One request, and what its answer means.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, timeout_at};

use super::Client;
use super::answer::{self, Unusable};
use super::attempt::{Reply, WHAT};
use super::breaker::Permit;
use super::refusal::{Refusal, Said, classify};
use super::transport::{Answer, unwell};
use crate::error::{Error, Source};

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
