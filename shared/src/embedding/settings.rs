//! Which models embed, out of the environment.

use std::num::NonZeroUsize;

use jiff::SignedDuration;

use super::Embedder;
use super::choice::{Choice, Source};
use super::openai::{self, Client, Options};
use super::plan::Limits;
use crate::aws::{self, SdkConfig};
use crate::config::Reader;
use crate::error::Error;
use crate::outbound::Pace;
use crate::secrets::Secret;

/// A key is read again after this long, or at once when it is refused.
const KEY_TTL: SignedDuration = SignedDuration::from_mins(5);
/// The public service takes no more.
const MOST_TEXTS: usize = 2_048;
const MOST_TOKENS: usize = 300_000;
/// More requests at once than this run into the provider's rate limit.
const MOST_PARALLEL: usize = 64;

/// The embedders of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    sources: Vec<Source>,
    limits: Limits,
    parallel: NonZeroUsize,
}

impl Settings {
    /// Reads the variables; what is wrong is noted with the reader.
    pub fn read(read: &mut Reader<'_>) -> Option<Self> {
        let sources = [read_first(read), read_second(read)];
        let mut sources: Vec<Source> = sources.into_iter().flatten().collect();
        if let [one, other] = &sources[..]
            && one.space() == other.space()
        {
            read.problem("EMBEDDING_SECOND", "names the same model as the first");
            sources.pop();
        }
        let texts = read.or("EMBEDDING_BATCH_TEXTS", 200);
        let tokens = read.or("EMBEDDING_BATCH_TOKENS", 8_000);
        let parallel = read.or("EMBEDDING_PARALLEL", 4);
        for (name, value, most) in [
            ("EMBEDDING_BATCH_TEXTS", texts, MOST_TEXTS),
            ("EMBEDDING_BATCH_TOKENS", tokens, MOST_TOKENS),
            ("EMBEDDING_PARALLEL", parallel, MOST_PARALLEL),
        ] {
            if !(1..=most).contains(&value) {
                read.problem(name, format!("must be 1 to {most}"));
            }
        }
        (!sources.is_empty()).then_some(())?;
        Some(Self {
            sources,
            limits: Limits { texts, tokens },
            parallel: NonZeroUsize::new(parallel)?,
        })
    }

    /// The services among them: a model that lies in the function is nowhere else.
    #[must_use]
    pub fn services(mut self) -> Self {
        self.sources
            .retain(|source| matches!(source, Source::OpenAi { .. }));
        self
    }

    /// The embedders: the one in use, then, if there is one, the one that is filled beside it. Loads a local model, which blocks;
    /// opens no connection.
    pub fn build(self, sdk: &SdkConfig) -> Result<Vec<Embedder>, Error> {
        let (limits, parallel) = (self.limits, self.parallel);
        let build = |source| match source {
            Source::OpenAi {
                address,
                model,
                key_secret_id,
            } => {
                let key = key_secret_id.map(|id| {
                    Secret::new(aws::secrets_client(sdk), id, KEY_TTL, openai::key::parse)
                });
                let client = Client::new(Options {
                    address,
                    model,
                    key,
                    limits,
                    parallel,
                    pace: Pace::default(),
                });
                Ok(Embedder::OpenAi(Box::new(client?)))
            }
            #[cfg(feature = "local-model")]
            Source::Local { folder } => super::Local::load(&folder).map(Embedder::Local),
        };
        self.sources.into_iter().map(build).collect()
    }
}

fn read_first(read: &mut Reader<'_>) -> Option<Source> {
    let choice = Choice {
        provider: read.optional("EMBEDDING_PROVIDER"),
        base_url: read.optional("EMBEDDING_BASE_URL"),
        model: read.optional("EMBEDDING_MODEL"),
        dimensions: read.optional("EMBEDDING_DIMENSIONS"),
        key_secret_id: read.optional("EMBEDDING_KEY_SECRET_ID"),
        model_dir: read.optional("LOCAL_MODEL_DIR"),
    };
    let variable = |field| match field {
        "provider" => "EMBEDDING_PROVIDER",
        "base_url" => "EMBEDDING_BASE_URL",
        "model" => "EMBEDDING_MODEL",
        "dimensions" => "EMBEDDING_DIMENSIONS",
        _ => "EMBEDDING_KEY_SECRET_ID",
    };
    let note = |(field, what)| read.problem(variable(field), what);
    choice
        .check()
        .map_err(|problems| problems.into_iter().for_each(note))
        .ok()
}

fn read_second(read: &mut Reader<'_>) -> Option<Source> {
    let written: String = read.optional("EMBEDDING_SECOND")?;
    let choice: Choice = match serde_json::from_str(&written) {
        Ok(choice) => choice,
        Err(error) => {
            read.problem("EMBEDDING_SECOND", format!("cannot be read: {error}"));
            return None;
        }
    };
    let note = |(field, what)| read.problem("EMBEDDING_SECOND", format!("{field} {what}"));
    choice
        .check()
        .map_err(|problems| problems.into_iter().for_each(note))
        .ok()
}
