//! The model on this processor, beside the asynchronous work.

use std::path::Path;
use std::sync::Arc;

use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::local::{DIMENSIONS, MAX_TOKENS, MiniLm};
use super::plan::{Limits, plan};
use super::{Counted, Failure, Understood};
use crate::domain::{Embedding, Space, VectorFlaw};
use crate::error::{Error, Kind};
use crate::fail_point;
use crate::text::chunk::Tokens;

/// Between two batches the deadline is looked at, so a batch is short.
const BATCH: Limits = Limits {
    texts: 16,
    tokens: 16 * MAX_TOKENS,
};

/// Embeds on a thread for blocking work, one batch after the other: a batch occupies all cores.
pub struct Local {
    space: Space,
    model: Arc<MiniLm>,
}

impl Local {
    /// Loads the model out of its folder.
    pub fn load(folder: &Path) -> Result<Self, Error> {
        Ok(Self {
            space: MiniLm::space(),
            model: Arc::new(MiniLm::load(folder)?),
        })
    }

    /// The space of its vectors.
    pub fn space(&self) -> &Space {
        &self.space
    }

    pub(super) fn model(&self) -> &dyn Tokens {
        &*self.model
    }

    pub(super) async fn embed(
        &self,
        texts: &[Counted<'_>],
        until: Instant,
    ) -> Vec<Result<Embedding, Failure>> {
        let fitting = |place: &usize| texts[*place].tokens <= MAX_TOKENS;
        let places: Vec<usize> = (0..texts.len()).filter(fitting).collect();
        let mut outcomes = vec![Err(Failure::Refused("too_long")); texts.len()];
        let fitting: Vec<usize> = places.iter().map(|place| texts[*place].tokens).collect();
        for batch in plan(&fitting, BATCH) {
            let places = &places[batch];
            let batch: Vec<&str> = places.iter().map(|place| texts[*place].text).collect();
            let vectors = self.embed_batch(&batch, until).await;
            for (place, vector) in places.iter().zip(vectors) {
                outcomes[*place] = vector;
            }
        }
        outcomes
    }

    /// One outcome per text. What broke the model may be one of them, and then the others must not share its fate.
    async fn embed_batch(&self, texts: &[&str], until: Instant) -> Vec<Result<Embedding, Failure>> {
        let vectors = self.compute(texts, until).await;
        let is_of_one = |error: &Error| error.kind() == Kind::Bug && texts.len() > 1;
        if !vectors.as_ref().is_err_and(is_of_one) {
            return outcomes(vectors, texts.len());
        }
        let mut alone = Vec::with_capacity(texts.len());
        for text in texts {
            alone.extend(outcomes(self.compute(&[*text], until).await, 1));
        }
        alone
    }

    pub(super) async fn read(&self, text: &str, until: Instant) -> Result<Understood, Failure> {
        if text.is_empty() {
            return Err(Failure::Refused("empty"));
        }
        if self.model.count(text) > MAX_TOKENS {
            return Err(Failure::Refused("too_long"));
        }
        let owned = text.to_owned();
        let reading = self.run(until, move |model| model.read(&owned)).await;
        let reading = reading.map_err(|error| Failure::Failed(Arc::new(error)))?;
        Ok(Understood {
            embedding: embedding(reading.vector)?,
            heeded: reading.heeded,
        })
    }

    async fn compute(&self, texts: &[&str], until: Instant) -> Result<Vec<Vec<f32>>, Error> {
        let owned: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let work = move |model: &MiniLm| {
            let texts: Vec<&str> = owned.iter().map(String::as_str).collect();
            texts.iter().copied().for_each(fail_point::reach);
            model.embed(&texts)
        };
        let vectors = self.run(until, work).await?;
        if vectors.len() == texts.len() {
            return Ok(vectors);
        }
        Err(Error::Bug {
            what: "the local model gave another number of vectors than texts",
            source: None,
        })
    }

    /// Lets the model work on a thread for blocking work, if there is time.
    async fn run<T: Send + 'static>(
        &self,
        until: Instant,
        work: impl FnOnce(&MiniLm) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        if Instant::now() >= until {
            return Err(Error::transient("the local model", "no time is left"));
        }
        let model = Arc::clone(&self.model);
        let broken = |error: tokio::task::JoinError| Error::Bug {
            what: "the local model panicked",
            source: Some(error.into()),
        };
        spawn_blocking(move || work(&model)).await.map_err(broken)?
    }
}

fn outcomes(
    vectors: Result<Vec<Vec<f32>>, Error>,
    texts: usize,
) -> Vec<Result<Embedding, Failure>> {
    match vectors {
        Ok(vectors) => vectors.into_iter().map(embedding).collect(),
        Err(error) => vec![Err(Failure::Failed(Arc::new(error))); texts],
    }
}

/// The same model gives the same vector of the same text, so one that is flawed stays so.
fn embedding(numbers: Vec<f32>) -> Result<Embedding, Failure> {
    Embedding::parse(numbers, DIMENSIONS).map_err(|flaw| match flaw {
        VectorFlaw::NotFinite | VectorFlaw::Zero => Failure::Refused("no_usable_vector"),
        VectorFlaw::Dimension { .. } => Failure::Failed(Arc::new(Error::misconfigured(format!(
            "the local model is another one than MiniLM: {flaw}"
        )))),
    })
}
