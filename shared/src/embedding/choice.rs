//! One model as the environment says it, and what can be made of it.

use serde::Deserialize;

use super::model::Model;
use super::openai::address::Address;
use crate::domain::Space;

const PUBLIC_SERVICE: &str = "https://api.openai.com";
const DEFAULT_MODEL: &str = "text-embedding-3-small";
#[cfg(feature = "local-model")]
const DEFAULT_FOLDER: &str = "/opt/minilm";

/// Where one model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
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
pub(super) struct Choice {
    pub(super) provider: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) model: Option<String>,
    pub(super) dimensions: Option<u16>,
    pub(super) key_secret_id: Option<String>,
    pub(super) model_dir: Option<String>,
}

/// A field of a choice, and what is wrong with it.
pub(super) type Problem = (&'static str, String);

impl Source {
    /// The space of its vectors.
    pub(super) fn space(&self) -> Space {
        match self {
            Self::OpenAi { model, .. } => model.space(),
            #[cfg(feature = "local-model")]
            Self::Local { .. } => super::local::MiniLm::space(),
        }
    }
}

impl Choice {
    /// Where the model is, or everything that is wrong with it.
    pub(super) fn check(self) -> Result<Source, Vec<Problem>> {
        match self.provider.as_deref() {
            None | Some("openai") => self.check_openai(),
            #[cfg(feature = "local-model")]
            Some("local") => self.check_local(),
            #[cfg(not(feature = "local-model"))]
            Some("local") => {
                let what = "local is not part of this build; openai is";
                Err(vec![("provider", what.to_owned())])
            }
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
}
