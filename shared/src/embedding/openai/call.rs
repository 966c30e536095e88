//! One call: its batches under way at once, and the search for the texts that the provider refuses.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt as _, stream};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::answer::Gap;
use super::attempt::{Gate, Reply};
use super::{Client, WHAT};
use crate::domain::Embedding;
use crate::embedding::{Counted, Failure};
use crate::error::Error;

/// Any provider embeds this, if it is asked in the right way.
const PROBE: &str = "ok";
/// So often a text is asked for that gets no vector, or a flawed one, in answers that are otherwise good.
const TRIES_OF_A_GAP: u32 = 3;

/// What the batches of a call share.
pub(super) struct Call<'a> {
    pub(super) client: &'a Client,
    pub(super) until: Instant,
    pub(super) gate: Mutex<Gate>,
    texts: &'a [Counted<'a>],
    /// Set once the provider has embedded something: its refusals are about texts, not about settings.
    proven: OnceCell<()>,
}

/// Texts, by their places, that are asked for together.
struct Part {
    places: Vec<usize>,
    gaps: u32,
}

type Outcome = Result<Embedding, Failure>;

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a Client, texts: &'a [Counted<'a>], until: Instant) -> Self {
        Self {
            client,
            until,
            gate: Mutex::default(),
            texts,
            proven: OnceCell::new(),
        }
    }

    /// One outcome per text, in order.
    pub(super) async fn embed(&self, batches: Vec<Range<usize>>, parallel: usize) -> Vec<Outcome> {
        let batches = stream::iter(batches).map(|batch| self.embed_batch(batch));
        let mut outcomes: Vec<(usize, Outcome)> = batches.buffer_unordered(parallel).concat().await;
        outcomes.sort_unstable_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// Every part is settled, or replaced by smaller or later ones, until none is left.
    async fn embed_batch(&self, batch: Range<usize>) -> Vec<(usize, Outcome)> {
        let mut settled = Vec::with_capacity(batch.len());
        let mut waiting = vec![Part {
            places: batch.collect(),
            gaps: 0,
        }];
        while let Some(part) = waiting.pop() {
            let texts = part.places.iter().map(|place| self.texts[*place].text);
            let texts: Vec<&str> = texts.collect();
            match self.ask(&texts).await {
                Ok(Reply::Refused) => self.split(part, &mut waiting, &mut settled).await,
                Ok(Reply::Vectors(vectors)) => {
                    self.settle(part, vectors, &mut waiting, &mut settled).await;
                }
                Err(error) => settled.extend(fail(part.places, &error)),
            }
        }
        settled
    }

    /// Halves a refused part; a single text that is refused is found.
    async fn split(
        &self,
        mut part: Part,
        waiting: &mut Vec<Part>,
        settled: &mut Vec<(usize, Outcome)>,
    ) {
        if let Err(error) = self.prove().await {
            settled.extend(fail(part.places, &error));
        } else if part.places.len() > 1 {
            let places = part.places.split_off(part.places.len() / 2);
            let gaps = part.gaps;
            waiting.extend([Part { places, gaps }, part]);
        } else {
            let refused = |place| (place, Err(Failure::Refused("not_taken")));
            settled.extend(part.places.into_iter().map(refused));
        }
    }

    /// Keeps the good vectors, and asks again for the others.
    async fn settle(
        &self,
        part: Part,
        vectors: Vec<Result<Embedding, Gap>>,
        waiting: &mut Vec<Part>,
        settled: &mut Vec<(usize, Outcome)>,
    ) {
        let mut open = Vec::new();
        for (place, vector) in part.places.into_iter().zip(vectors) {
            match vector {
                Ok(embedding) => {
                    // A second time changes nothing.
                    let _ = self.proven.set(());
                    settled.push((place, Ok(embedding)));
                }
                Err(gap) => open.push((place, gap)),
            }
        }
        let gaps = part.gaps + 1;
        if gaps < TRIES_OF_A_GAP && !open.is_empty() {
            let places = open.into_iter().map(|(place, _)| place).collect();
            waiting.push(Part { places, gaps });
        } else {
            settled.extend(self.give_up(open).await);
        }
    }

    async fn give_up(&self, open: Vec<(usize, Gap)>) -> Vec<(usize, Outcome)> {
        let (flawed, missing): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(_, gap)| *gap == Gap::Flawed);
        let places = |gaps: Vec<(usize, Gap)>| gaps.into_iter().map(|(place, _)| place);
        let lost = Error::transient(WHAT, "the answers lack the text's vector");
        let mut outcomes: Vec<_> = fail(places(missing), &Arc::new(lost)).collect();
        if flawed.is_empty() {
            return outcomes;
        }
        match self.prove().await {
            Ok(()) => outcomes.extend(
                places(flawed).map(|place| (place, Err(Failure::Refused("no_usable_vector")))),
            ),
            Err(error) => outcomes.extend(fail(places(flawed), &error)),
        }
        outcomes
    }

    /// Whether the provider embeds anything at all: asked once per call, and only if nothing has answered it yet.
    async fn prove(&self) -> Result<(), Arc<Error>> {
        self.proven.get_or_try_init(|| self.probe()).await.copied()
    }

    async fn probe(&self) -> Result<(), Arc<Error>> {
        for _ in 0..TRIES_OF_A_GAP {
            match self.ask(&[PROBE]).await? {
                Reply::Vectors(vectors) if vectors.iter().all(Result::is_ok) => return Ok(()),
                Reply::Vectors(_) => {}
                Reply::Refused => break,
            }
        }
        Err(self.halt(Error::misconfigured(format!(
            "the embedding provider does not even embed a short word; check whether {} is its model for embeddings",
            self.client.space().name
        ))))
    }
}

fn fail(
    places: impl IntoIterator<Item = usize>,
    error: &Arc<Error>,
) -> impl Iterator<Item = (usize, Outcome)> {
    let failed = |place| (place, Err(Failure::Failed(Arc::clone(error))));
    places.into_iter().map(failed)
}
