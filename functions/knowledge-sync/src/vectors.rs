//! The pieces of articles get their vectors: what is known is looked up, the rest is asked of the models, each text once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use shared::db::embedding_models::ModelId;
use shared::db::knowledge_vectors;
use shared::domain::{Embedding, TextHash};
use shared::embedding::{Counted, Failure};
use shared::error::Error;
use shared::text::article::ArticleChunk;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::render::Rendered;

/// Where texts lie, by model.
#[derive(Default)]
pub(crate) struct Vectors {
    found: HashMap<(ModelId, TextHash), Outcome>,
    models: Vec<ModelId>,
    /// How many texts were asked of a model.
    pub(crate) asked: usize,
}

#[derive(Clone)]
enum Outcome {
    Vector(Arc<Embedding>),
    /// The model refuses the text: only words find it.
    Refused,
    Failed(Arc<Error>),
}

/// Finds the vectors of all pieces of these articles.
pub(crate) async fn find(
    app: &App,
    articles: &[Rendered],
    until: Instant,
) -> Result<Vectors, Error> {
    let documents = articles.iter().flat_map(|one| one.documents.values());
    let chunks = documents.flat_map(|document| &document.chunks);
    let mut known = HashSet::new();
    let texts: Vec<&ArticleChunk> = chunks.filter(|chunk| known.insert(chunk.hash)).collect();
    let mut vectors = Vectors::default();
    for model in &app.models {
        let id = model.id(&app.database).await?;
        vectors.models.push(id);
        vectors.fill(app, (model, id), &texts, until).await?;
    }
    Ok(vectors)
}

impl Vectors {
    async fn fill(
        &mut self,
        app: &App,
        (model, id): (&Model, ModelId),
        texts: &[&ArticleChunk],
        until: Instant,
    ) -> Result<(), Error> {
        if texts.is_empty() {
            return Ok(());
        }
        let hashes: Vec<_> = texts.iter().map(|chunk| chunk.hash).collect();
        let dimensions = model.embedder.space().dimensions;
        let known = knowledge_vectors::fetch_known(&app.database, id, &hashes, dimensions).await?;
        let mut missing = Vec::new();
        for (chunk, known) in texts.iter().zip(known) {
            match known {
                Some(vector) => self.note(id, chunk.hash, Outcome::Vector(Arc::new(vector))),
                None => missing.push(*chunk),
            }
        }
        self.asked += missing.len();
        let asked: Vec<_> = missing
            .iter()
            .map(|chunk| Counted {
                text: &chunk.text,
                tokens: chunk.tokens,
            })
            .collect();
        let answers = model.embedder.embed(&asked, until).await;
        for (chunk, answer) in missing.into_iter().zip(answers) {
            let outcome = match answer {
                Ok(vector) => Outcome::Vector(Arc::new(vector)),
                Err(Failure::Refused(_)) => Outcome::Refused,
                Err(Failure::Failed(error)) => Outcome::Failed(error),
            };
            self.note(id, chunk.hash, outcome);
        }
        Ok(())
    }

    fn note(&mut self, model: ModelId, hash: TextHash, outcome: Outcome) {
        self.found.insert((model, hash), outcome);
    }

    /// Why an article cannot be stored yet, if so: a model that may answer later has not.
    pub(crate) fn failure(&self, article: &Rendered) -> Option<Arc<Error>> {
        let documents = article.documents.values();
        let mut hashes = documents.flat_map(|one| one.chunks.iter().map(|chunk| chunk.hash));
        hashes.find_map(|hash| {
            let outcomes = self
                .models
                .iter()
                .map(|model| self.found.get(&(*model, hash)));
            outcomes.flatten().find_map(|outcome| match outcome {
                Outcome::Failed(error) => Some(Arc::clone(error)),
                Outcome::Vector(_) | Outcome::Refused => None,
            })
        })
    }

    /// Where a text lies in every model that takes it.
    pub(crate) fn of(&self, hash: TextHash) -> Vec<(ModelId, Arc<Embedding>)> {
        let vector = |model: &ModelId| match self.found.get(&(*model, hash))? {
            Outcome::Vector(vector) => Some((*model, Arc::clone(vector))),
            Outcome::Refused | Outcome::Failed(_) => None,
        };
        self.models.iter().filter_map(vector).collect()
    }
}
