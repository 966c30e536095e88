//! The peers in Python: they insert for the length of a window, and somebody asks beside.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::process::Command;

use super::Setting;
use super::asking::{Asked, beside};
use super::corpus::{Corpus, QUESTIONS};
use super::table::Table;
use crate::bench::Outcome;
use crate::{peer, stage};

/// Where they say what went wrong.
const LOG: &str = "target/bench/segments-peers.log";

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
            log: File::create(stage::folder()?.join("segments-peers.log"))?,
        })
    }

    /// Rows a second, and what questions beside came to.
    pub(super) async fn window(
        &self,
        script: &str,
        table: &Table,
        corpus: &Arc<Corpus>,
        setting: Setting,
    ) -> Outcome<(f64, Asked)> {
        let over = AtomicBool::new(false);
        let mut asking = table.asking().await?;
        let command = self.command(script, table, corpus, setting)?;
        let inserts = async {
            let spent = peer::run(command, LOG).await;
            over.store(true, Ordering::Relaxed);
            spent
        };
        let (spent, asked) = tokio::join!(
            inserts,
            beside(&mut asking, corpus, setting.dimensions, &over)
        );
        let rate = table.rate("rows", setting.prefilled, spent?.time).await?;
        Ok((rate, asked?))
    }

    fn command(
        &self,
        script: &str,
        table: &Table,
        corpus: &Corpus,
        setting: Setting,
    ) -> Outcome<Command> {
        let mut command = Command::new(&self.python);
        command
            .arg(peer::handlers().join(script))
            .env_clear()
            .env("PYTHONPATH", &self.python_path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DATABASE_URL", &table.scratch.url)
            .env("FOLDER", stage::folder()?)
            .env("QUESTIONS", QUESTIONS.to_string())
            .env("TEXTS", corpus.count().to_string())
            .env("DIMENSIONS", setting.dimensions.to_string())
            .env("FIRST", setting.prefilled.to_string())
            .env("SECONDS", setting.peer_window.as_secs().to_string());
        command.stderr(self.log.try_clone()?);
        Ok(command)
    }
}
