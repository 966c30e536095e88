//! The reference's way, in Python.

use std::fs::File;
use std::path::PathBuf;

use tokio::process::Command;

use super::tenant::{LANGUAGE, Tenant};
use crate::bench::Outcome;
use crate::peer::Spent;
use crate::provider::Provider;
use crate::scratch::Scratch;
use crate::{peer, stage};

/// Where it says what went wrong.
const LOG: &str = "target/bench/knowledge-peers.log";

/// The peer's interpreter and packages.
pub(super) struct Peers {
    python: PathBuf,
    python_path: String,
    log: File,
}

impl Peers {
    /// Installs what it needs.
    pub(super) fn prepare() -> Outcome<Self> {
        let python = peer::python()?;
        let packages = peer::packages(&python)?;
        Ok(Self {
            python: python.path,
            python_path: format!("{}:{}", packages.display(), peer::handlers().display()),
            log: File::create(stage::folder()?.join("knowledge-peers.log"))?,
        })
    }

    /// Syncs the first `count` articles. The reference makes a client for every embedding; `keeps_open` spares it that.
    pub(super) async fn sync(
        &self,
        tenant: &Tenant,
        provider: &Provider,
        count: usize,
        keeps_open: bool,
    ) -> Outcome<Spent> {
        let scratch = Scratch::create("knowledge").await?;
        let mut command = Command::new(&self.python);
        command
            .arg(peer::handlers().join("knowledge_way.py"))
            .env_clear()
            .env("PYTHONPATH", &self.python_path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("DATABASE_URL", &scratch.url)
            .env("EMBEDDING_BASE_URL", &provider.url)
            .env("CXONE_URL", tenant.simulator.url())
            .env("LANGUAGE", LANGUAGE)
            .env("COUNT", count.to_string())
            .env("KEEPS_OPEN", if keeps_open { "yes" } else { "" })
            .stderr(self.log.try_clone()?);
        let spent = peer::run(command, LOG).await?;
        scratch.check("reference_knowledge", count).await?;
        scratch.remove().await?;
        Ok(spent)
    }
}
