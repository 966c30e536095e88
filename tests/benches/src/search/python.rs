//! A peer in Python: started, connected, and asked for one round after the other.

use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use shared::domain::ArticleId;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::stage::Stage;
use crate::bench::Outcome;
use crate::{peer, stage as ground};

/// A process that waits for rounds.
pub(super) struct Player {
    script: &'static str,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

/// What a question took and found, by the peer's own clock.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    ms: f64,
    pub(super) found: Vec<ArticleId>,
}

impl Answer {
    pub(super) fn time(&self) -> Duration {
        Duration::from_secs_f64(self.ms / 1_000.0)
    }
}

impl Player {
    /// Starts it, and waits until it is ready. Its graph is searched with so many candidates, or as pgvector does it.
    pub(super) async fn start(
        script: &'static str,
        stage: &Stage,
        candidates: Option<u16>,
    ) -> Outcome<Self> {
        let python = peer::python()?;
        let packages = peer::packages(&python)?;
        let path = format!("{}:{}", packages.display(), peer::handlers().display());
        let log = ground::folder()?.join("search-peers.log");
        let options = candidates.map(|count| format!("-c hnsw.ef_search={count}"));
        let mut child = Command::new(python.path)
            .arg(peer::handlers().join(script))
            .env_clear()
            .env("PYTHONPATH", path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DATABASE_URL", &stage.url)
            .env("QUESTIONS", &stage.file)
            .env("PGOPTIONS", options.unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::options().create(true).append(true).open(log)?)
            .kill_on_drop(true)
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (input, output) = input.zip(output).ok_or("the peer has no pipes")?;
        let mut player = Self {
            script,
            input,
            output: BufReader::new(output).lines(),
            _child: child,
        };
        match player.line().await?.as_str() {
            "ready" => Ok(player),
            other => Err(format!("{script} says {other}").into()),
        }
    }

    /// Asks all questions.
    pub(super) async fn play(&mut self) -> Outcome<Vec<Answer>> {
        self.input.write_all(b"round\n").await?;
        Ok(serde_json::from_str(&self.line().await?)?)
    }

    async fn line(&mut self) -> Outcome<String> {
        let line = self.output.next_line().await?;
        let script = self.script;
        Ok(line.ok_or_else(|| format!("{script} failed; see target/bench/search-peers.log"))?)
    }
}
