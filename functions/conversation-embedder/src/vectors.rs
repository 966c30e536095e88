//! The pieces of drafts get their vectors: what is known is looked up, the rest is asked of the model, each text once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use shared::db::conversation_embeddings;
use shared::db::embedding_batches::{self, EmbeddingBatch};
use shared::db::embedding_models::ModelId;
use shared::domain::{Embedding, TextHash};
use shared::embedding::{Counted, Failure};
use shared::error::Error;
use shared::fail_point;
use shared::text::chunk::{self, Chunk};
use shared::text::pii::Policy;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::isolate::isolate;
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

/// Every text that is asked for has an outcome.
const NO_OUTCOME: Error = Error::Bug {
    what: "a text was asked for and has no outcome",
    source: None,
};

/// A draft's pieces under one model.
pub(crate) struct Pieces {
    pub(crate) chunks: Vec<(Chunk, TextHash, Found)>,
}

/// Cuts every draft, and finds the vectors of the pieces; one outcome per draft, in order.
pub(crate) async fn embed(
    app: &App,
    model: &Model,
    drafts: &[Draft],
    until: Instant,
) -> Result<Vec<Result<Pieces, Arc<Error>>>, Error> {
    let cut = cut(model, drafts).await;
    let withheld: Vec<bool> = drafts
        .iter()
        .map(|draft| is_withheld(app, model, draft))
        .collect();
    let free = cut.iter().zip(&withheld).filter(|(_, is)| !**is);
    let pieces = free.filter_map(|(cut, _)| cut.as_ref().ok()).flatten();
    let mut seen = HashSet::new();
    // In the order of the drafts: if time runs out, the first of them are complete.
    let texts: Vec<(TextHash, Counted<'_>)> = pieces
        .filter(|(_, hash)| seen.insert(*hash))
        .map(|(chunk, hash)| (*hash, chunk.into()))
        .collect();
    let found = find(app, model, &texts, until).await?;
    let lost = || Found::Failed(Arc::new(NO_OUTCOME));
    let found_of = |hash: &TextHash| found.get(hash).cloned().unwrap_or_else(lost);
    let mut pieces = Vec::with_capacity(drafts.len());
    for (cut, is_withheld) in cut.into_iter().zip(withheld) {
        pieces.push(cut.and_then(|cut| {
            let piece = |(chunk, hash): (Chunk, TextHash)| {
                let found = if is_withheld {
                    Found::Withheld
                } else {
                    found_of(&hash)
                };
                (chunk, hash, found)
            };
            Pieces::checked(cut.into_iter().map(piece).collect())
        }));
    }
    Ok(pieces)
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
fn is_withheld(app: &App, model: &Model, draft: &Draft) -> bool {
    app.rules.policy == Policy::Block
        && model.embedder.leaves_account()
        && !draft.reading.pii_types.is_empty()
}

async fn find(
    app: &App,
    model: &Model,
    texts: &[(TextHash, Counted<'_>)],
    until: Instant,
) -> Result<HashMap<TextHash, Found>, Error> {
    let id = model.id(&app.database).await?;
    let dimensions = model.embedder.space().dimensions;
    let hashes: Vec<_> = texts.iter().map(|(hash, _)| *hash).collect();
    let known =
        conversation_embeddings::fetch_known(&app.database, id, &hashes, dimensions).await?;
    let mut found = HashMap::with_capacity(hashes.len());
    let (mut missing, mut asked) = (Vec::new(), Vec::new());
    for ((hash, text), known) in texts.iter().zip(known) {
        if let Some(vector) = known {
            found.insert(*hash, Found::Vector(Arc::new(vector)));
        } else {
            missing.push(*hash);
            asked.push(*text);
        }
    }
    let started = Instant::now();
    let answers = model.embedder.embed(&asked, until).await;
    note(app, id, &asked, &answers, started.elapsed()).await;
    let answers = answers.into_iter().map(|answer| match answer {
        Ok(vector) => Found::Vector(Arc::new(vector)),
        Err(Failure::Refused(_)) => Found::Refused,
        Err(Failure::Failed(error)) => Found::Failed(error),
    });
    found.extend(missing.into_iter().zip(answers));
    Ok(found)
}

/// For the console. What cannot be noted is not worth failing for.
async fn note(
    app: &App,
    model: ModelId,
    asked: &[Counted<'_>],
    answers: &[Result<Embedding, Failure>],
    duration: Duration,
) {
    if asked.is_empty() {
        return;
    }
    let count = |is: fn(&Failure) -> bool| {
        let failures = answers.iter().filter_map(|one| one.as_ref().err());
        failures.filter(|one| is(one)).count()
    };
    // What the service did not take it does not charge.
    let answered = asked.iter().zip(answers).filter(|(_, one)| one.is_ok());
    let batch = EmbeddingBatch {
        texts: asked.len(),
        refused: count(|one| matches!(one, Failure::Refused(_))),
        failed: count(|one| matches!(one, Failure::Failed(_))),
        tokens: answered.map(|(one, _)| one.tokens).sum(),
        duration,
    };
    if let Err(error) = embedding_batches::note(&app.database, model, &batch).await {
        tracing::warn!(
            error = error.chain(),
            "a batch of texts is missing in the console"
        );
    }
}

impl Pieces {
    /// Without an answer for one of them, the draft cannot be stored yet.
    fn checked(chunks: Vec<(Chunk, TextHash, Found)>) -> Result<Self, Arc<Error>> {
        let failure = chunks.iter().find_map(|(_, _, found)| match found {
            Found::Failed(error) => Some(Arc::clone(error)),
            _ => None,
        });
        failure.map_or(Ok(Self { chunks }), Err)
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
