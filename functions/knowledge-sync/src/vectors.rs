//! The pieces of articles get their vectors: what is known is looked up, the rest is asked of the models, each text once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use shared::db::embedding_models::{self, ModelId};
use shared::db::knowledge_vectors;
use shared::domain::{Embedding, TextHash};
use shared::embedding::{Counted, Failure};
use shared::error::Error;
use shared::text::article::ArticleChunk;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::render::Rendered;

/// Where texts lie, by model.
pub(crate) struct Vectors {
    found: HashMap<(ModelId, TextHash), Outcome>,
    /// In the order of the settings.
    models: Vec<ModelId>,
    /// An article waits for this one. What another one lacks comes later.
    decisive: ModelId,
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

/// Finds the vectors of all pieces of these articles. No other model is asked for an article that waits for the decisive one: it would be
/// asked again.
pub(crate) async fn find(
    app: &App,
    articles: &[&Rendered],
    until: Instant,
) -> Result<Vectors, Error> {
    let mut vectors = Vectors::new(app).await?;
    let mut models: Vec<_> = app.models.iter().zip(vectors.models.clone()).collect();
    models.sort_by_key(|(_, id)| *id != vectors.decisive);
    for (model, id) in models {
        let texts = texts(
            articles
                .iter()
                .copied()
                .filter(|one| vectors.failure(one).is_none()),
        );
        if id == vectors.decisive {
            vectors.fill(app, (model, id), &texts, until).await?;
        } else {
            let until = share(Instant::now(), until);
            vectors.fill(app, (model, id), &texts, until).await?;
            vectors.tell(model, id);
        }
    }
    Ok(vectors)
}

/// How long a model may take that holds nothing up: if it is slow, the pages behind this one still have their time.
fn share(now: Instant, until: Instant) -> Instant {
    now + until.saturating_duration_since(now) / 3
}

/// Each text once.
fn texts<'a>(articles: impl Iterator<Item = &'a Rendered>) -> Vec<&'a ArticleChunk> {
    let mut known = HashSet::new();
    chunks(articles)
        .filter(|chunk| known.insert(chunk.hash))
        .collect()
}

fn chunks<'a>(
    articles: impl Iterator<Item = &'a Rendered>,
) -> impl Iterator<Item = &'a ArticleChunk> {
    let documents = articles.flat_map(|one| one.documents.values());
    documents.flat_map(|document| &document.chunks)
}

/// The model that search uses, if it is among these; else the first.
async fn decisive(app: &App, models: &[ModelId]) -> Result<ModelId, Error> {
    let first = models.first().copied().ok_or(Error::Bug {
        what: "there is no model",
        source: None,
    })?;
    if models.len() == 1 {
        return Ok(first);
    }
    let active = embedding_models::fetch_active(&app.database).await?;
    let active = active.map(|(id, _)| id);
    Ok(active.filter(|id| models.contains(id)).unwrap_or(first))
}

impl Vectors {
    async fn new(app: &App) -> Result<Self, Error> {
        let mut models = Vec::with_capacity(app.models.len());
        for model in &app.models {
            models.push(model.id.get().await?);
        }
        Ok(Self {
            found: HashMap::new(),
            decisive: decisive(app, &models).await?,
            models,
            asked: 0,
        })
    }

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

    /// Why an article cannot be stored yet, if so: the model that search uses may answer later, and has not.
    pub(crate) fn failure(&self, article: &Rendered) -> Option<Arc<Error>> {
        self.failure_of(self.decisive, article)
    }

    fn failure_of(&self, model: ModelId, article: &Rendered) -> Option<Arc<Error>> {
        let mut hashes = chunks(std::iter::once(article)).map(|chunk| chunk.hash);
        hashes.find_map(|hash| match self.found.get(&(model, hash))? {
            Outcome::Failed(error) => Some(Arc::clone(error)),
            Outcome::Vector(_) | Outcome::Refused => None,
        })
    }

    /// The models that have answered for every text of the article.
    pub(crate) fn answered<'a>(
        &self,
        app: &'a App,
        article: &Rendered,
    ) -> impl Iterator<Item = &'a Model> {
        let models = app.models.iter().zip(&self.models);
        let answered = models.filter(|(_, id)| self.failure_of(**id, article).is_none());
        answered.map(|(model, _)| model)
    }

    /// A model that holds nothing up is heard of here alone.
    fn tell(&self, model: &Model, id: ModelId) {
        let error = self
            .found
            .iter()
            .find_map(|((of, _), outcome)| match outcome {
                Outcome::Failed(error) if *of == id => Some(error),
                _ => None,
            });
        if let Some(error) = error {
            tracing::warn!(
                model = model.embedder.space().name,
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "a model that search does not use has not answered; the nightly run asks it again"
            );
        }
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
