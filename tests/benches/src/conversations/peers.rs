//! The peers in Python: started, connected and waiting before the clock runs.

use std::time::Duration;

use tokio::process::Command;

use super::{Corpus, IN_FLIGHT};
use crate::bench::Outcome;
use crate::peers;
use crate::scratch::{Ready, Scratch};

/// All peers.
pub(super) struct Peers(peers::Peers);

impl Peers {
    /// Installs what they need.
    pub(super) fn prepare() -> Outcome<Self> {
        Ok(Self(peers::Peers::prepare("conversations-peers.log")?))
    }

    /// The reference's way.
    pub(super) async fn reference(&self, corpus: &Corpus, count: usize) -> Outcome<Duration> {
        self.fill_own_table("reference_way.py", "reference_embeddings", corpus, count)
            .await
    }

    /// The way of langchain-postgres.
    pub(super) async fn langchain(&self, corpus: &Corpus, count: usize) -> Outcome<Duration> {
        self.fill_own_table("langchain_way.py", "langchain_embeddings", corpus, count)
            .await
    }

    async fn fill_own_table(
        &self,
        script: &str,
        table: &str,
        corpus: &Corpus,
        count: usize,
    ) -> Outcome<Duration> {
        let scratch = Scratch::create("conversations").await?;
        let command = self.command(script, corpus, count, &scratch)?;
        let time = self.0.run(command).await?.time;
        scratch.check(table, count).await?;
        scratch.remove().await?;
        Ok(time)
    }

    /// psycopg's COPY in so many processes: into our table of vectors, or, as ours does, into those of events and marks too.
    pub(super) async fn copy(
        &self,
        corpus: &Corpus,
        processes: usize,
        whole: bool,
    ) -> Outcome<Duration> {
        let script = "copy_way.py";
        let ready = Ready::create("conversations").await?;
        let segment = "SELECT id, model_id FROM vector_segments WHERE state = 'fresh'";
        let segment = ready.scratch.client.query_one(segment, &[]).await?;
        let (segment, model): (i32, i16) = (segment.get(0), segment.get(1));
        let mut command = self.command(script, corpus, corpus.payloads.len(), &ready.scratch)?;
        command
            .env("SEGMENT", segment.to_string())
            .env("MODEL_ID", model.to_string())
            .env("WHOLE", if whole { "1" } else { "0" })
            .env("PROCESSES", processes.to_string())
            .env("IN_FLIGHT", (IN_FLIGHT / processes).to_string());
        let time = self.0.run(command).await?.time;
        let wanted = corpus.payloads.len();
        let scratch = ready.scratch;
        scratch.check("conversation_embeddings", wanted).await?;
        let events = if whole { wanted } else { 0 };
        if usize::try_from(
            scratch
                .count("conversation_events JOIN embedded ON event_id = id")
                .await?,
        )? != events
        {
            return Err("the peer did not store every event with its mark".into());
        }
        scratch.remove().await?;
        Ok(time)
    }

    fn command(
        &self,
        script: &str,
        corpus: &Corpus,
        count: usize,
        scratch: &Scratch,
    ) -> Outcome<Command> {
        let mut command = self.0.command(script)?;
        command
            .env("DATABASE_URL", &scratch.url)
            .env("EMBEDDING_BASE_URL", &corpus.provider)
            .env("CONVERSATIONS", &corpus.file)
            .env("COUNT", count.to_string());
        Ok(command)
    }
}
