//! The pieces of drafts get their vectors: what is known is looked up, the rest is asked of the model, each text once.

use std::collections::HashMap;
use std::sync::Arc;

use shared::db::conversation_embeddings;
use shared::domain::{Embedding, TextHash};
use shared::embedding::Failure;
use shared::error::Error;
use shared::text::chunk::{self, Chunk};
use shared::text::pii::Policy;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::prepare::Draft;

/// What became of a chunk's vector.
#[derive(Clone)]
pub(crate) enum Found {
    Vector(Arc<Embedding>),
    /// The policy keeps the text from a service outside.
    Withheld,
    /// The model refuses the text.
    Refused,
    /// No answer yet.
    Failed(Arc<Error>),
}

/// A draft's pieces under one model.
pub(crate) struct Pieces {
    pub(crate) chunks: Vec<(Chunk, TextHash, Found)>,
}

/// Cuts every draft, and finds the vectors of the pieces.
pub(crate) async fn embed(
    app: &App,
    model: &Model,
    drafts: &[Draft],
    until: Instant,
) -> Result<Vec<Pieces>, Error> {
    let cut = |draft: &Draft| chunk::chunk(&draft.turns, model.limits, model.embedder.tokens());
    let chunks: Vec<Vec<Chunk>> = drafts.iter().map(cut).collect();
    let is_withheld = |draft: &Draft| {
        app.rules.policy == Policy::Block
            && model.embedder.leaves_account()
            && !draft.pii_types.is_empty()
    };
    let free = drafts
        .iter()
        .zip(&chunks)
        .filter(|(draft, _)| !is_withheld(draft));
    let mut texts: HashMap<TextHash, &str> = HashMap::new();
    for chunk in free.flat_map(|(_, chunks)| chunks) {
        texts.insert(TextHash::of(&chunk.text), &chunk.text);
    }
    let found = find(app, model, &texts, until).await?;
    let piece = |chunk: Chunk| {
        let hash = TextHash::of(&chunk.text);
        let found = found.get(&hash).cloned().unwrap_or(Found::Withheld);
        (chunk, hash, found)
    };
    let mut pieces = Vec::with_capacity(drafts.len());
    for (draft, chunks) in drafts.iter().zip(chunks) {
        let mut chunks: Vec<_> = chunks.into_iter().map(piece).collect();
        if is_withheld(draft) {
            for (_, _, found) in &mut chunks {
                *found = Found::Withheld;
            }
        }
        pieces.push(Pieces { chunks });
    }
    Ok(pieces)
}

async fn find(
    app: &App,
    model: &Model,
    texts: &HashMap<TextHash, &str>,
    until: Instant,
) -> Result<HashMap<TextHash, Found>, Error> {
    let id = model.id(&app.database).await?;
    let dimensions = model.embedder.space().dimensions;
    let hashes: Vec<_> = texts.keys().copied().collect();
    let known =
        conversation_embeddings::fetch_known(&app.database, id, &hashes, dimensions).await?;
    let mut found = HashMap::with_capacity(hashes.len());
    let mut missing = Vec::new();
    for (hash, known) in hashes.into_iter().zip(known) {
        match known {
            Some(vector) => drop(found.insert(hash, Found::Vector(Arc::new(vector)))),
            None => missing.push(hash),
        }
    }
    let asked: Vec<&str> = missing.iter().map(|hash| texts[hash]).collect();
    let answers = model.embedder.embed(&asked, until).await;
    let answers = answers.into_iter().map(|answer| match answer {
        Ok(vector) => Found::Vector(Arc::new(vector)),
        Err(Failure::Refused(_)) => Found::Refused,
        Err(Failure::Failed(error)) => Found::Failed(error),
    });
    found.extend(missing.into_iter().zip(answers));
    Ok(found)
}

impl Pieces {
    /// Why the draft cannot be stored yet, if so.
    pub(crate) fn failure(&self) -> Option<Arc<Error>> {
        self.chunks.iter().find_map(|(_, _, found)| match found {
            Found::Failed(error) => Some(Arc::clone(error)),
            _ => None,
        })
    }

    /// The mean of the vectors, for the conversation as a whole.
    pub(crate) fn mean(&self) -> Option<Embedding> {
        let vectors: Vec<&Embedding> = self
            .chunks
            .iter()
            .filter_map(|(_, _, found)| match found {
                Found::Vector(vector) => Some(vector.as_ref()),
                _ => None,
            })
            .collect();
        Embedding::mean(&vectors)
    }
}
