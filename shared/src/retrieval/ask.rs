//! A question gets its vector, and a state of everything to be asked of.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::Settings;
use crate::db::Database;
use crate::db::search::{Reads, Snapshot};
use crate::domain::Embedding;
use crate::domain::query::QueryText;
use crate::embedding::{Embedder, Failure, Understood};
use crate::error::Error;
use crate::text::pii::{self, Policy};

/// A provider that does not answer in this time is down, and words are searched alone.
const PATIENCE: Duration = Duration::from_secs(4);

/// What is made of a question before anything is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Its vector.
    Vector,
    /// Its vector, and what the model heeds in it.
    Heeded,
}

/// How one state is asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// What is asked.
    pub(super) text: &'a QueryText,
    /// What that was taken from: personal data in it keep the text too from a service outside.
    pub(super) within: &'a str,
    pub(super) depth: Depth,
    pub(super) reads: Reads,
}

/// Whoever answers questions.
pub struct Retriever {
    pub(super) database: Database,
    pub(super) settings: Settings,
    embedders: Vec<Embedder>,
    /// The embedder of the model that queries used last.
    latest: AtomicUsize,
}

impl Retriever {
    /// Puts the parts together. Every model that queries may use needs its embedder.
    pub fn new(database: Database, embedders: Vec<Embedder>, settings: Settings) -> Self {
        Self {
            database,
            settings,
            embedders,
            latest: AtomicUsize::new(0),
        }
    }

    /// The database that is asked.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Whether the policy keeps what holds this text from a service that would be asked.
    pub fn withholds(&self, text: &str) -> bool {
        self.embedders.iter().any(|one| self.is_withheld(one, text))
    }

    fn is_withheld(&self, embedder: &Embedder, text: &str) -> bool {
        self.settings.policy == Policy::Block
            && embedder.leaves_account()
            && !pii::find(text).is_empty()
    }

    /// Asks one state of what `reads` says, with what the model makes of the question that this state has as the active one.
    pub(super) async fn ask<T>(
        &self,
        asked: Asked<'_>,
        until: Instant,
        work: impl AsyncFnOnce(&Snapshot<'_>, Option<&Understood>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut expected = self.latest.load(Ordering::Relaxed);
        let mut read = self.read(expected, asked, until).await;
        let mut connection = self.database.connection().await?;
        let mut snapshot =
            Snapshot::begin_for(asked.reads, &self.database, &mut connection).await?;
        let active = self.active(&snapshot);
        if let Some(active) = active.filter(|active| *active != expected) {
            // Queries use another model by now. Nobody waits for a provider inside of a transaction, or with the only connection there is.
            snapshot.end().await?;
            drop(connection);
            self.latest.store(active, Ordering::Relaxed);
            (expected, read) = (active, self.read(active, asked, until).await);
            connection = self.database.connection().await?;
            snapshot = Snapshot::begin_for(asked.reads, &self.database, &mut connection).await?;
        }
        if self.active(&snapshot) != Some(expected) {
            if let Some((_, space)) = snapshot.active() {
                tracing::error!(
                    model = space.name,
                    "queries use a model that this function is not configured for"
                );
            }
            read = None;
        }
        let answer = work(&snapshot, read.as_ref()).await?;
        snapshot.end().await?;
        Ok(answer)
    }

    /// Which embedder makes the vectors of the active model.
    fn active(&self, snapshot: &Snapshot<'_>) -> Option<usize> {
        let (_, active) = snapshot.active()?;
        let spaces = self.embedders.iter().map(Embedder::space);
        spaces.into_iter().position(|space| space == active)
    }

    async fn read(&self, which: usize, asked: Asked<'_>, until: Instant) -> Option<Understood> {
        let embedder = self.embedders.get(which)?;
        if self.is_withheld(embedder, asked.within) {
            tracing::info!(
                "the policy keeps the question from the service; only words are searched"
            );
            return None;
        }
        let text = asked.text.as_str();
        let is_masked = self.settings.policy == Policy::Mask && embedder.leaves_account();
        let text = if is_masked {
            pii::mask(text).text
        } else {
            text.into()
        };
        let until = until.min(Instant::now() + PATIENCE);
        let read = match asked.depth {
            Depth::Heeded => embedder.read(&text, until).await,
            Depth::Vector => embed(embedder, &text, until).await,
        };
        match read {
            Ok(read) => Some(read),
            Err(Failure::Refused(why)) => {
                tracing::warn!(
                    why,
                    "the model refuses the question; only words are searched"
                );
                None
            }
            Err(Failure::Failed(error)) => {
                tracing::error!(
                    error.kind = error.kind().as_str(),
                    error = error.chain(),
                    "the question has no vector; only words are searched"
                );
                None
            }
        }
    }
}

async fn embed(embedder: &Embedder, text: &str, until: Instant) -> Result<Understood, Failure> {
    let text = embedder.counted(text);
    let outcome = embedder.embed(&[text], until).await.pop();
    let embedding: Embedding = outcome.unwrap_or(Err(Failure::Refused("empty")))?;
    Ok(Understood {
        embedding,
        heeded: Vec::new(),
    })
}
