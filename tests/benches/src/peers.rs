//! The peers of a bench in Python, which share an interpreter, its packages and a log.

use std::fs::File;
use std::path::PathBuf;

use tokio::process::Command;

use crate::bench::Outcome;
use crate::peer::{self, Spent};
use crate::stage;

/// The interpreter and its packages, and where peers say what went wrong.
pub(crate) struct Peers {
    python: PathBuf,
    python_path: String,
    log: File,
    name: &'static str,
}

impl Peers {
    /// Installs what they need. They log into a file of this name under `target/bench`.
    pub(crate) fn prepare(name: &'static str) -> Outcome<Self> {
        let python = peer::python()?;
        let packages = peer::packages(&python)?;
        Ok(Self {
            python_path: format!("{}:{}", packages.display(), peer::handlers().display()),
            python: python.path,
            log: File::create(stage::folder()?.join(name))?,
            name,
        })
    }

    /// One of our scripts, in an environment that has nothing else.
    pub(crate) fn command(&self, script: &str) -> Outcome<Command> {
        let mut command = Command::new(&self.python);
        command
            .arg(peer::handlers().join(script))
            .env_clear()
            .env("PYTHONPATH", &self.python_path)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stderr(self.log.try_clone()?);
        Ok(command)
    }

    /// See [`peer::run`].
    pub(crate) async fn run(&self, command: Command) -> Outcome<Spent> {
        peer::run(command, &self.log()).await
    }

    /// Where the log is.
    pub(crate) fn log(&self) -> String {
        format!("target/bench/{}", self.name)
    }
}
