//! Texts get their vectors: what is known is looked up, the rest is asked of the model, each text once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use shared::db::conversation_embeddings;
use shared::db::embedding_batches::{self, EmbeddingBatch};
use shared::db::embedding_models::ModelId;
use shared::domain::{Embedding, TextHash};
use shared::embedding::{Counted, Failure};
use shared::error::Error;
use shared::text::chunk::Chunk;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::time::{Asked, Time};
use crate::vectors::Found;

/// What the model made of texts.
pub(crate) struct Answers {
    found: HashMap<TextHash, Found>,
    /// Those of them that nobody knew before.
    new: HashSet<TextHash>,
    asked: Asked,
}

/// Every text that is asked for has an outcome.
const NO_OUTCOME: Error = Error::Bug {
    what: "a text was asked for and has no outcome",
    source: None,
};

/// The vectors of all pieces of these texts. Those that lack the fewest are asked for first: if time runs out, as many as can be are
/// complete, and a long one keeps no other waiting. The work on them began at `started`.
pub(crate) async fn find(
    app: &App,
    model: &Model,
    texts: &[&[(Chunk, TextHash)]],
    started: Instant,
    time: Time,
) -> Result<Answers, Error> {
    let id = model.id.get().await?;
    let mut found = fetch_known(app, model, id, texts).await?;
    let missing = fewest_first(texts, &found);
    let asked: Vec<_> = missing.iter().map(|(_, text)| *text).collect();
    let asking = Instant::now();
    let answers = model.embedder.embed(&asked, time.until).await;
    note(app, id, &asked, &answers, asking.elapsed()).await;
    let took = started.elapsed();
    let failed = |one: &&Result<_, Failure>| matches!(one, Err(Failure::Failed(_)));
    let answered = answers.len() - answers.iter().filter(failed).count();
    let new: Vec<TextHash> = missing.iter().map(|(hash, _)| *hash).collect();
    found.extend(new.iter().copied().zip(answers.into_iter().map(outcome)));
    Ok(Answers {
        found,
        new: new.into_iter().collect(),
        asked: Asked { answered, took },
    })
}

fn outcome(answer: Result<Embedding, Failure>) -> Found {
    match answer {
        Ok(vector) => Found::Vector(Arc::new(vector)),
        Err(Failure::Refused(_)) => Found::Refused,
        Err(Failure::Failed(error)) => Found::Failed(error),
    }
}

impl Answers {
    pub(crate) fn of(&self, hash: &TextHash) -> Found {
        let lost = || Found::Failed(Arc::new(NO_OUTCOME));
        self.found.get(hash).cloned().unwrap_or_else(lost)
    }

    /// Whether a text with these pieces was not finished because it is too long for a run, so that another try would end the same way.
    pub(crate) fn is_too_long(&self, pieces: &[(Chunk, TextHash)], time: Time) -> bool {
        let hashes: HashSet<&TextHash> = pieces.iter().map(|(_, hash)| hash).collect();
        let new = hashes.into_iter().filter(|hash| self.new.contains(*hash));
        time.ran_out(self.asked) && time.is_too_short_for(new.count(), self.asked)
    }

    /// Whether any of these pieces has a vector now that it had not before.
    pub(crate) fn has_new(&self, pieces: &[(Chunk, TextHash)]) -> bool {
        let is_new = |hash: &TextHash| {
            self.new.contains(hash) && matches!(self.found.get(hash), Some(Found::Vector(_)))
        };
        pieces.iter().any(|(_, hash)| is_new(hash))
    }

    /// Whether what has no answer may have one next time, because only the time was too short.
    pub(crate) fn ran_out_of(&self, time: Time) -> bool {
        time.ran_out(self.asked)
    }
}

async fn fetch_known(
    app: &App,
    model: &Model,
    id: ModelId,
    texts: &[&[(Chunk, TextHash)]],
) -> Result<HashMap<TextHash, Found>, Error> {
    let mut seen = HashSet::new();
    let hashes = texts.iter().copied().flatten().map(|(_, hash)| *hash);
    let hashes: Vec<TextHash> = hashes.filter(|hash| seen.insert(*hash)).collect();
    let dimensions = model.embedder.space().dimensions;
    let known = conversation_embeddings::fetch_known(&app.database, id, &hashes, dimensions).await;
    let known = hashes.into_iter().zip(known?);
    let vector = |(hash, known): (_, Option<Embedding>)| {
        known.map(|vector| (hash, Found::Vector(Arc::new(vector))))
    };
    Ok(known.filter_map(vector).collect())
}

/// The pieces that nobody knows, each once: those of the text that lacks the fewest come first.
fn fewest_first<'t>(
    texts: &[&'t [(Chunk, TextHash)]],
    known: &HashMap<TextHash, Found>,
) -> Vec<(TextHash, Counted<'t>)> {
    let lacks = |text: &&[(Chunk, TextHash)]| {
        let unknown = |(_, hash): &&(Chunk, TextHash)| !known.contains_key(hash);
        text.iter().filter(unknown).count()
    };
    let mut texts = texts.to_vec();
    texts.sort_by_cached_key(lacks);
    let mut seen = HashSet::new();
    let pieces = texts.into_iter().flatten();
    let missing = pieces.filter(|(_, hash)| !known.contains_key(hash) && seen.insert(*hash));
    missing.map(|(chunk, hash)| (*hash, chunk.into())).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &[&str]) -> Vec<(Chunk, TextHash)> {
        let piece = |word: &&str| {
            let chunk = Chunk {
                text: (*word).to_owned(),
                tokens: 1,
                passages: Vec::new(),
            };
            (chunk, TextHash::of(word))
        };
        words.iter().map(piece).collect()
    }

    #[test]
    fn what_lacks_the_fewest_is_asked_for_first_and_nothing_twice() {
        let texts = [
            text(&["long 1", "long 2", "long 3"]),
            text(&["known 1", "known 2", "known 3", "rest"]),
            text(&["two 1", "rest"]),
            text(&["one"]),
            text(&[]),
        ];
        let known = ["known 1", "known 2", "known 3"];
        let known = known.map(|word| (TextHash::of(word), Found::Refused));
        let texts: Vec<_> = texts.iter().map(Vec::as_slice).collect();
        let asked = fewest_first(&texts, &known.into_iter().collect());
        let asked: Vec<_> = asked.iter().map(|(_, counted)| counted.text).collect();
        let expected = ["rest", "one", "two 1", "long 1", "long 2", "long 3"];
        assert_eq!(asked, expected);
    }
}
