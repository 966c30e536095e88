//! The peers in Python: started, connected and waiting before the clock runs.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{ChildStdout, Command};

use super::scratch::{Ready, Scratch};
use super::{Corpus, IN_FLIGHT};
use crate::bench::Outcome;
use crate::{peer, stage};

/// The peers' interpreter and packages.
pub(super) struct Peers {
    python: PathBuf,
    python_path: String,
    log: File,
}

impl Peers {
    /// Installs what they need.
    pub(super) fn prepare() -> Outcome<Self> {
        let python = peer::python()?;
        let packages = peer::packages(&python)?;
        Ok(Self {
            python: python.path,
            python_path: format!("{}:{}", packages.display(), peer::handlers().display()),
            log: File::create(stage::folder()?.join("conversations-peers.log"))?,
        })
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
        let scratch = Scratch::create().await?;
        let command = self.command(script, corpus, count, &scratch);
        let time = time(script, command).await?;
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
        let ready = Ready::create().await?;
        let segment = "SELECT id, model_id FROM vector_segments";
        let segment = ready.scratch.client.query_one(segment, &[]).await?;
        let (segment, model): (i32, i16) = (segment.get(0), segment.get(1));
        let mut command = self.command(script, corpus, corpus.payloads.len(), &ready.scratch);
        command
            .env("SEGMENT", segment.to_string())
            .env("MODEL_ID", model.to_string())
            .env("WHOLE", if whole { "1" } else { "0" })
            .env("PROCESSES", processes.to_string())
            .env("IN_FLIGHT", (IN_FLIGHT / processes).to_string());
        let time = time(script, command).await?;
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

    fn command(&self, script: &str, corpus: &Corpus, count: usize, scratch: &Scratch) -> Command {
        let mut command = Command::new(&self.python);
        command
            .arg(peer::handlers().join(script))
            .env_clear()
            .env("PYTHONPATH", &self.python_path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DATABASE_URL", &scratch.url)
            .env("EMBEDDING_BASE_URL", &corpus.provider)
            .env("CONVERSATIONS", &corpus.file)
            .env("COUNT", count.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        if let Ok(log) = self.log.try_clone() {
            command.stderr(log);
        }
        command
    }
}

/// From the signal to the word that everything is committed.
async fn time(script: &str, mut command: Command) -> Outcome<Duration> {
    let failed = || format!("{script} failed; see target/bench/conversations-peers.log");
    let mut child = command.spawn()?;
    let output = child.stdout.take().ok_or_else(failed)?;
    let mut input = child.stdin.take().ok_or_else(failed)?;
    let mut words = BufReader::new(output).lines();
    expect(&mut words, "ready").await.ok_or_else(failed)?;
    let started = Instant::now();
    input.write_all(b"go\n").await?;
    expect(&mut words, "done").await.ok_or_else(failed)?;
    let time = started.elapsed();
    if child.wait().await?.success() {
        Ok(time)
    } else {
        Err(failed().into())
    }
}

async fn expect(words: &mut Lines<BufReader<ChildStdout>>, wanted: &str) -> Option<()> {
    let word = words.next_line().await.ok().flatten()?;
    (word == wanted).then_some(())
}
