//! Which models embed, out of the environment.

use std::num::NonZeroUsize;

use jiff::SignedDuration;
use serde::Deserialize;

use super::Embedder;
use super::model::Model;
use super::openai::address::Address;
use super::openai::{self, Client, Options, Pace};
use super::plan::Limits;
use crate::aws::{self, SdkConfig};
use crate::config::Reader;
use crate::domain::Space;
use crate::error::Error;
use crate::secrets::Secret;

const PUBLIC_SERVICE: &str = "https://api.openai.com";
const DEFAULT_MODEL: &str = "text-embedding-3-small";
#[cfg(feature = "local-model")]
const DEFAULT_FOLDER: &str = "/opt/minilm";
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

/// Where one model is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    OpenAi {
        address: Address,
        model: Model,
        key_secret_id: Option<String>,
    },
    #[cfg(feature = "local-model")]
    Local { folder: std::path::PathBuf },
}

/// What is said of one model, unchecked. The fields are named as in `EMBEDDING_SECOND`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Choice {
    provider: Option<String>,
    base_url: Option<String>,
    model: Option<String>,
    dimensions: Option<u16>,
    key_secret_id: Option<String>,
    model_dir: Option<String>,
}

/// A field of a choice, and what is wrong with it.
type Problem = (&'static str, String);

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

impl Source {
    fn space(&self) -> Space {
        match self {
            Self::OpenAi { model, .. } => model.space(),
            #[cfg(feature = "local-model")]
            Self::Local { .. } => super::local::MiniLm::space(),
        }
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

impl Choice {
    fn check(self) -> Result<Source, Vec<Problem>> {
        match self.provider.as_deref() {
            None | Some("openai") => self.check_openai(),
            Some("local") => self.check_local(),
            Some(_) => Err(vec![("provider", "must be openai or local".to_owned())]),
        }
    }

    fn check_openai(self) -> Result<Source, Vec<Problem>> {
        let mut problems = Vec::new();
        // Who runs a server of their own decides whether it wants a key.
        if self.key_secret_id.is_none() && self.base_url.is_none() {
            problems.push(("key_secret_id", "is not set".to_owned()));
        }
        let base_url = self.base_url.as_deref().unwrap_or(PUBLIC_SERVICE);
        let address = base_url.parse::<Address>();
        let address = address.map_err(|what| problems.push(("base_url", what.to_owned())));
        let name = self.model.as_deref().unwrap_or(DEFAULT_MODEL);
        let model = Model::named(name, self.dimensions);
        let model = model.map_err(|what| problems.push(("dimensions", what)));
        match (address, model) {
            (Ok(address), Ok(model)) if problems.is_empty() => Ok(Source::OpenAi {
                address,
                model,
                key_secret_id: self.key_secret_id,
            }),
            _ => Err(problems),
        }
    }

    #[cfg(feature = "local-model")]
    fn check_local(self) -> Result<Source, Vec<Problem>> {
        use super::local::{DIMENSIONS, NAME};

        let mut problems = Vec::new();
        if self.model.is_some_and(|wanted| wanted != NAME) {
            problems.push(("model", format!("must be {NAME} for the local model")));
        }
        if self.dimensions.is_some_and(|wanted| wanted != DIMENSIONS) {
            let what = format!("must be {DIMENSIONS} for the local model");
            problems.push(("dimensions", what));
        }
        let folder = self.model_dir.unwrap_or_else(|| DEFAULT_FOLDER.to_owned());
        let folder = folder.into();
        problems
            .is_empty()
            .then_some(Source::Local { folder })
            .ok_or(problems)
    }

    #[cfg(not(feature = "local-model"))]
    fn check_local(self) -> Result<Source, Vec<Problem>> {
        let what = "local is not part of this build; openai is";
        Err(vec![("provider", what.to_owned())])
    }
}
