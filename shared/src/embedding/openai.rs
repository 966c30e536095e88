//! A provider that speaks `OpenAI`'s protocol: `POST {base}/v1/embeddings`.
//!
//! - **Retries, outages, freezes**: see [`crate::outbound`]; what may be well again is 429, 5xx, a broken or late answer.
//! - **Pace**: what a provider that is busy tells one call, all calls keep, and what it gives they learn (see `turns`); who is overtaken by
//!   others waits its turn, until its deadline.
//! - **Refused texts**: a request that is refused for its input is halved until the texts are found that the provider does not
//!   take; the others are embedded. Nothing is called refused before the provider has embedded something in the same call, if
//!   need be a harmless probe: a wrong setting must not pass for a thousand bad texts.
//! - **Flawed vectors** (not finite, zero) are asked for three times, then the text counts as refused.
//! - **Stops**: a refused key (after one look for a newer one), no quota, a wrong model or dimension end the whole call.
//! - **Secrets**: neither texts nor the key nor the provider's sentences enter an error or a log.

pub mod address;
mod answer;
mod attempt;
mod call;
mod exchange;
pub mod key;
mod refusal;
mod transport;
mod turns;

use std::num::NonZeroUsize;

use secrecy::SecretString;
use tokio::time::Instant;

use super::model::Model;
use super::plan::{Limits, plan};
use super::{Counted, Failure};
use crate::domain::{Embedding, Space};
use crate::error::Error;
use crate::outbound::{self, Pace, Peer};
use crate::secrets::Secret;
use address::Address;
use call::Call;
use turns::Turns;

/// As errors name it.
const WHAT: &str = "the embedding provider";

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

/// Asks one provider for the vectors of one model.
pub struct Client {
    http: reqwest::Client,
    options: Options,
    space: Space,
    peer: Peer,
    turns: Turns,
}

impl Client {
    /// Opens no connection yet.
    pub fn new(options: Options) -> Result<Self, Error> {
        let http = outbound::http(&options.pace);
        let http = http.build().map_err(|error| Error::Bug {
            what: "an HTTP client cannot be built",
            source: Some(error.into()),
        })?;
        let space = options.model.space();
        let peer = Peer::new(WHAT, options.pace);
        Ok(Self {
            http,
            options,
            space,
            peer,
            turns: Turns::default(),
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
}
