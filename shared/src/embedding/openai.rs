//! A provider that speaks `OpenAI`'s protocol: `POST {base}/v1/embeddings`.
//!
//! - **Retries**: what may be well again (429, 5xx, a broken or late answer) is asked again with full jitter or after
//!   `Retry-After`, five times at most and never past the caller's deadline. A longer wait than two minutes is the caller's.
//! - **Refused texts**: a request that is refused for its input is halved until the texts are found that the provider does not
//!   take; the others are embedded. Nothing is called refused before the provider has embedded something in the same call, if
//!   need be a harmless probe: a wrong setting must not pass for a thousand bad texts.
//! - **Flawed vectors** (not finite, zero) are asked for three times, then the text counts as refused.
//! - **Stops**: a refused key (after one look for a newer one), no quota, a wrong model or dimension end the whole call.
//! - **Outages**: a breaker that all calls share; see [`breaker`].
//! - **Freezes**: an idle connection is dropped after four seconds; one that died unnoticed costs an immediate second try.
//! - **Secrets**: neither texts nor the key nor the provider's sentences enter an error or a log.

pub mod address;
mod answer;
mod attempt;
pub mod breaker;
mod call;
mod exchange;
pub mod key;
mod refusal;
mod transport;

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use super::model::Model;
use super::plan::{Limits, plan};
use super::{Counted, Failure};
use crate::domain::{Embedding, Space};
use crate::error::Error;
use crate::retry::Backoff;
use crate::secrets::Secret;
use address::Address;
use breaker::{Breaker, Rule};
use call::Call;

/// An idle connection is not trusted for longer.
const IDLE: Duration = Duration::from_secs(4);

/// What a client is made of.
pub struct Options {
    /// Where the provider is.
    pub address: Address,
    /// The model to ask for.
    pub model: Model,
    /// The key; a server of one's own may need none.
    pub key: Option<Secret<SecretString>>,
    /// The most that one request holds.
    pub limits: Limits,
    /// How many requests of a call are under way at once.
    pub parallel: NonZeroUsize,
    /// How patient it is.
    pub pace: Pace,
}

/// Times and numbers of tries.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// To open a connection.
    pub connect: Duration,
    /// For one try, answer included.
    pub attempt: Duration,
    /// How often a request is tried in all.
    pub tries: u32,
    /// The pauses between the tries where the provider names none.
    pub backoff: Backoff,
    /// With less than this left, no request begins.
    pub margin: Duration,
    /// When the provider is left alone.
    pub breaker: Rule,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(30),
            tries: 5,
            backoff: Backoff {
                first: Duration::from_millis(250),
                most: Duration::from_secs(8),
            },
            margin: Duration::from_millis(100),
            breaker: Rule {
                failures: 5,
                first: Duration::from_secs(10),
                most: Duration::from_mins(1),
            },
        }
    }
}

/// Asks one provider for the vectors of one model.
pub struct Client {
    http: reqwest::Client,
    options: Options,
    space: Space,
    breaker: Mutex<Breaker>,
}

impl Client {
    /// Opens no connection yet.
    pub fn new(options: Options) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(options.pace.connect)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        let http = http.build().map_err(|error| Error::Bug {
            what: "an HTTP client cannot be built",
            source: Some(error.into()),
        })?;
        let space = options.model.space();
        let breaker = Mutex::new(Breaker::new(options.pace.breaker));
        Ok(Self {
            http,
            options,
            space,
            breaker,
        })
    }

    /// The space of its vectors.
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// How many tokens of a text the model reads.
    pub fn max_tokens(&self) -> usize {
        self.options.model.max_tokens
    }

    /// One outcome per text, in order, by `until` at the latest. The same text twice is asked for twice.
    pub async fn embed(
        &self,
        texts: &[Counted<'_>],
        until: Instant,
    ) -> Vec<Result<Embedding, Failure>> {
        let counts: Vec<usize> = texts.iter().map(|counted| counted.tokens).collect();
        let batches = plan(&counts, self.options.limits);
        let call = Call::new(self, texts, until);
        call.embed(batches, self.options.parallel.get()).await
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
