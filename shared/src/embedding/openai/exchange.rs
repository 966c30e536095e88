//! One request, and what its answer means.

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{Instant, timeout_at};

use super::Client;
use super::answer::{self, Unusable};
use super::attempt::Reply;
use super::refusal::{Refusal, Said, classify};
use super::transport::Answer;
use crate::error::Error;
use crate::outbound::Setback;

impl Client {
    /// Asks once, and once more if there is a newer key than the one that was refused.
    pub(super) async fn attempt(&self, texts: &[&str], until: Instant) -> Result<Reply, Setback> {
        let key = self.key(until).await?;
        let mut reply = self.exchange(texts, key.as_deref(), until).await?;
        if reply.is_none()
            && let Some(newer) = self.newer_key(key.as_ref(), until).await?
        {
            reply = self.exchange(texts, Some(&newer), until).await?;
        }
        reply.ok_or_else(|| {
            Setback::Halt(Error::misconfigured(
                "the embedding provider refuses the key; put a good one into the secret that the embedding settings name",
            ))
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

    /// Sends and judges; no reply means that the key is refused.
    async fn exchange(
        &self,
        texts: &[&str],
        key: Option<&SecretString>,
        until: Instant,
    ) -> Result<Option<Reply>, Setback> {
        let ask = async {
            let answer = self.send(texts, key).await?;
            self.judge(&answer, texts.len())
        };
        self.peer.exchange(until, ask).await
    }

    fn judge(&self, answer: &Answer, texts: usize) -> Result<Option<Reply>, Setback> {
        if answer.status == StatusCode::OK {
            let vectors = answer::read(&answer.body, texts, self.space.dimensions);
            let vectors = vectors.map_err(|unusable| self.unusable(unusable))?;
            return Ok(Some(Reply::Vectors(vectors)));
        }
        let wait = answer.retry_after;
        let again = |cause: Said, is_outage| Setback::Again {
            cause: cause.into(),
            wait,
            is_outage,
        };
        Err(match classify(answer.status.as_u16(), &answer.body) {
            Refusal::Input => return Ok(Some(Reply::Refused)),
            Refusal::Key => return Ok(None),
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
        })
    }

    fn unusable(&self, unusable: Unusable) -> Setback {
        let Unusable::Dimension { expected, found } = unusable else {
            return Setback::unwell(unusable);
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
