//! The peers in Python: they insert for the length of a window, and somebody asks beside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::process::Command;

use super::Setting;
use super::asking::{Asked, beside};
use super::corpus::{Corpus, QUESTIONS};
use super::table::Table;
use crate::bench::Outcome;
use crate::{peers, stage};

/// Both peers.
pub(super) struct Peers(peers::Peers);

impl Peers {
    /// Installs what they need.
    pub(super) fn prepare() -> Outcome<Self> {
        Ok(Self(peers::Peers::prepare("segments-peers.log")?))
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
            let spent = self.0.run(command).await;
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
        let mut command = self.0.command(script)?;
        command
            .env("DATABASE_URL", &table.scratch.url)
            .env("FOLDER", stage::folder()?)
            .env("QUESTIONS", QUESTIONS.to_string())
            .env("TEXTS", corpus.count().to_string())
            .env("DIMENSIONS", setting.dimensions.to_string())
            .env("FIRST", setting.prefilled.to_string())
            .env("SECONDS", setting.peer_window.as_secs().to_string());
        Ok(command)
    }
}
