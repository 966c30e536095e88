//! Text becomes vectors: by a provider that speaks `OpenAI`'s protocol, or by a model on this processor.
//!
//! Every text has its own outcome, so that one text that cannot be embedded costs the others nothing.

mod choice;
mod counted;
#[cfg(feature = "local-model")]
pub mod local;
mod model;
#[cfg(feature = "local-model")]
mod offload;
pub mod openai;
mod pieces;
pub mod plan;
mod settings;
mod tokens;

use std::sync::Arc;

use tokio::time::Instant;

use crate::domain::{Embedding, Provider, Space};
use crate::error::Error;
use crate::text::chunk::Tokens;
use crate::text::phrases::Weighted;
pub use counted::Counted;
use counted::distinct;
pub use model::Model;
#[cfg(feature = "local-model")]
pub use offload::Local;
pub use pieces::ChunkSettings;
pub use settings::Settings;
pub use tokens::Cl100k;

/// Turns texts into the vectors of one space.
pub enum Embedder {
    /// A service; text leaves the account.
    OpenAi(Box<openai::Client>),
    /// This processor; text stays.
    #[cfg(feature = "local-model")]
    Local(Local),
}

/// What a model makes of one text.
#[derive(Debug, Clone)]
pub struct Understood {
    /// Where the text lies.
    pub embedding: Embedding,
    /// How much the model heeds each part of the text, for [`crate::text::phrases`]. Nothing where a model does not say.
    pub heeded: Vec<Weighted>,
}

/// Why a text has no vector.
#[derive(Debug, Clone)]
pub enum Failure {
    /// This very text is not embedded, now or later; the word says why: `empty`, `too_long`, `not_taken`,
    /// `no_usable_vector`.
    Refused(&'static str),
    /// The error says whether and when to try again. Texts that were asked for together share it.
    Failed(Arc<Error>),
}

impl Embedder {
    /// What its vectors can be compared with.
    pub fn space(&self) -> &Space {
        match self {
            Self::OpenAi(client) => client.space(),
            #[cfg(feature = "local-model")]
            Self::Local(local) => local.space(),
        }
    }

    /// Whether the text is sent to someone else.
    pub fn leaves_account(&self) -> bool {
        self.space().provider == Provider::OpenAi
    }

    /// How the model counts, or the nearest to it that is known.
    pub fn tokens(&self) -> &dyn Tokens {
        match self {
            Self::OpenAi(_) => &Cl100k,
            #[cfg(feature = "local-model")]
            Self::Local(local) => local.model(),
        }
    }

    /// How many tokens of a text the model reads.
    pub fn max_tokens(&self) -> usize {
        match self {
            Self::OpenAi(client) => client.max_tokens(),
            #[cfg(feature = "local-model")]
            Self::Local(_) => local::MAX_TOKENS,
        }
    }

    /// The text with its count, for [`Self::embed`]. A chunk that was cut by [`Self::tokens`] brings its own.
    pub fn counted<'a>(&self, text: &'a str) -> Counted<'a> {
        let tokens = self.tokens().count(text);
        Counted { text, tokens }
    }

    /// One outcome per text, in order, by `until` at the latest (the local model ends the batch it is at). The same text twice is
    /// embedded once.
    pub async fn embed(
        &self,
        texts: &[Counted<'_>],
        until: Instant,
    ) -> Vec<Result<Embedding, Failure>> {
        let started = Instant::now();
        let (distinct, places) = distinct(texts);
        let outcomes = match self {
            Self::OpenAi(client) => client.embed(&distinct, until).await,
            #[cfg(feature = "local-model")]
            Self::Local(local) => local.embed(&distinct, until).await,
        };
        if !distinct.is_empty() {
            let tokens: usize = distinct.iter().map(|counted| counted.tokens).sum();
            self.tell(started, distinct.len(), Some(tokens));
        }
        let of_place = |place: Option<usize>| {
            let outcome = place.and_then(|place| outcomes.get(place).cloned());
            outcome.unwrap_or(Err(Failure::Refused("empty")))
        };
        places.into_iter().map(of_place).collect()
    }

    /// The vector of a text together with what the model heeds in it, in one pass. A service gives the vector alone.
    pub async fn read(&self, text: &str, until: Instant) -> Result<Understood, Failure> {
        #[cfg(feature = "local-model")]
        if let Self::Local(local) = self {
            let started = Instant::now();
            let understood = local.read(text, until).await;
            self.tell(started, 1, None);
            return understood;
        }
        let outcome = self.embed(&[self.counted(text)], until).await.pop();
        let embedding = outcome.unwrap_or(Err(Failure::Refused("empty")))?;
        Ok(Understood {
            embedding,
            heeded: Vec::new(),
        })
    }

    /// Tokens where somebody may charge for them.
    fn tell(&self, started: Instant, texts: usize, tokens: Option<usize>) {
        tracing::info!(
            model = self.space().name,
            embedded_texts = texts,
            embedded_tokens = tokens,
            embed_ms = started.elapsed().as_secs_f64() * 1_000.0,
            "asked a model"
        );
    }
}
