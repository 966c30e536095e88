//! The pieces of articles get their vectors: what is known is looked up, the rest is asked of the models, each text once.

use std::collections::HashMap;
use std::sync::Arc;

use shared::db::embedding_models::ModelId;
use shared::db::knowledge_vectors;
use shared::domain::{Embedding, TextHash};
use shared::embedding::{Counted, Failure};
use shared::error::Error;
use shared::text::article::Piece;
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
    let mut texts: Vec<(TextHash, &Piece)> = Vec::new();
    let mut places = HashMap::new();
    for (piece, hash) in documents.flat_map(|document| &document.pieces) {
        places
            .entry(*hash)
            .or_insert_with(|| texts.push((*hash, piece)));
    }
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
        texts: &[(TextHash, &Piece)],
        until: Instant,
    ) -> Result<(), Error> {
        if texts.is_empty() {
            return Ok(());
        }
        let hashes: Vec<_> = texts.iter().map(|(hash, _)| *hash).collect();
        let dimensions = model.embedder.space().dimensions;
        let known = knowledge_vectors::fetch_known(&app.database, id, &hashes, dimensions).await?;
        let mut missing = Vec::new();
        for ((hash, piece), known) in texts.iter().zip(known) {
            match known {
                Some(vector) => self.note(id, *hash, Outcome::Vector(Arc::new(vector))),
                None => missing.push((*hash, *piece)),
            }
        }
        self.asked += missing.len();
        let asked: Vec<_> = missing
            .iter()
            .map(|(_, piece)| Counted {
                text: &piece.text,
                tokens: piece.tokens,
            })
            .collect();
        let answers = model.embedder.embed(&asked, until).await;
        for ((hash, _), answer) in missing.into_iter().zip(answers) {
            let outcome = match answer {
                Ok(vector) => Outcome::Vector(Arc::new(vector)),
                Err(Failure::Refused(_)) => Outcome::Refused,
                Err(Failure::Failed(error)) => Outcome::Failed(error),
            };
            self.note(id, hash, outcome);
        }
        Ok(())
    }

    fn note(&mut self, model: ModelId, hash: TextHash, outcome: Outcome) {
        self.found.insert((model, hash), outcome);
    }

    /// Why an article cannot be stored yet, if so: a model that may answer later has not.
    pub(crate) fn failure(&self, article: &Rendered) -> Option<Arc<Error>> {
        let documents = article.documents.values();
        let mut hashes = documents.flat_map(|one| one.pieces.iter().map(|(_, hash)| *hash));
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
