//! The pieces of drafts, and the vector of each.

use std::sync::Arc;

use shared::domain::{Embedding, TextHash};
use shared::error::{Error, Kind};
use shared::fail_point;
use shared::text::chunk::{self, Chunk};
use shared::text::pii::Policy;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::ask::{Answers, find};
use crate::isolate::isolate;
use crate::prepare::Draft;
use crate::time::Time;

/// What became of a chunk's vector.
#[derive(Clone)]
pub(crate) enum Found {
    Vector(Arc<Embedding>),
    /// The policy keeps the text from a service outside.
    Withheld,
    /// The model refuses the text.
    Refused,
    /// The draft is too long for a run; `reembed` goes on.
    Unfinished,
    /// No answer yet.
    Failed(Arc<Error>),
}

/// A draft's pieces under one model.
pub(crate) struct Pieces {
    pub(crate) chunks: Vec<(Chunk, TextHash, Found)>,
    /// Whether any vector of it was not known before.
    pub(crate) has_new: bool,
}

/// What became of drafts.
pub(crate) struct Outcome {
    /// One for each, in order.
    pub(crate) pieces: Vec<Result<Pieces, Arc<Error>>>,
    /// Whether the model answers, and only the time was too short for the rest.
    pub(crate) ran_out: bool,
}

/// Cuts every draft, and finds the vectors of the pieces.
pub(crate) async fn embed(
    app: &App,
    model: &Model,
    drafts: &[Draft],
    time: Time,
) -> Result<Outcome, Error> {
    // To cut long texts takes a while too, and every try cuts them anew.
    let started = Instant::now();
    let cut = cut(model, drafts).await;
    let is_free = |draft: &Draft| !is_withheld(app, model, draft);
    let free = cut
        .iter()
        .zip(drafts)
        .filter(|(_, draft)| is_free(draft))
        .filter_map(|(cut, _)| cut.as_deref().ok());
    let answers = find(app, model, &free.collect::<Vec<_>>(), started, time).await?;
    let pieces = cut.into_iter().zip(drafts).map(|(cut, draft)| match cut {
        Ok(cut) if is_free(draft) => Pieces::of(cut, &answers, time),
        Ok(cut) => Ok(Pieces::withheld(cut)),
        Err(error) => Err(error),
    });
    Ok(Outcome {
        pieces: pieces.collect(),
        ran_out: answers.ran_out_of(time),
    })
}

type Cut = Result<Vec<(Chunk, TextHash)>, Arc<Error>>;

async fn cut(model: &Model, drafts: &[Draft]) -> Vec<Cut> {
    let mut cut = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let chunks = isolate("cutting a text", || {
            fail_point::reach(&format!("{}.cut", draft.conversation()));
            let chunks = chunk::chunk(&draft.reading.turns, model.limits, model.embedder.tokens());
            let hashed = chunks.into_iter().map(|chunk| {
                let hash = TextHash::of(&chunk.text);
                (chunk, hash)
            });
            Ok(hashed.collect())
        });
        cut.push(chunks.map_err(Arc::new));
        // Long texts take a while; in between the end may have come.
        tokio::task::yield_now().await;
    }
    cut
}

/// Whether the policy keeps the draft from this model.
pub(crate) fn is_withheld(app: &App, model: &Model, draft: &Draft) -> bool {
    app.rules.policy == Policy::Block
        && model.embedder.leaves_account()
        && !draft.reading.pii_types.is_empty()
}

impl Pieces {
    /// Without an answer for one of them, the draft cannot be stored yet; unless it never could.
    fn of(cut: Vec<(Chunk, TextHash)>, answers: &Answers, time: Time) -> Result<Self, Arc<Error>> {
        let is_too_long = answers.is_too_long(&cut, time);
        let has_new = answers.has_new(&cut);
        let piece = |(chunk, hash): (Chunk, TextHash)| {
            let found = match answers.of(&hash) {
                Found::Failed(error) if error.kind() != Kind::Transient || !is_too_long => {
                    return Err(error);
                }
                Found::Failed(_) => Found::Unfinished,
                found => found,
            };
            Ok((chunk, hash, found))
        };
        let chunks = cut.into_iter().map(piece).collect::<Result<_, _>>()?;
        Ok(Self { chunks, has_new })
    }

    fn withheld(cut: Vec<(Chunk, TextHash)>) -> Self {
        let piece = |(chunk, hash)| (chunk, hash, Found::Withheld);
        Self {
            chunks: cut.into_iter().map(piece).collect(),
            has_new: false,
        }
    }

    /// Whether every piece had its turn.
    pub(crate) fn is_finished(&self) -> bool {
        let mut chunks = self.chunks.iter();
        !chunks.any(|(_, _, found)| matches!(found, Found::Unfinished))
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
