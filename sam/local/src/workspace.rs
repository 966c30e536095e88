//! Where things are in this checkout.

use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::failure::{Failure, OrFail as _};

/// The stack that `up` starts.
pub const DEVELOPMENT: &str = "dev";
/// The stack that `test` starts, beside the other.
pub const TEST: &str = "test";
/// The name of the stack of the benches: Postgres alone.
pub const BENCH: &str = "bench";
/// The name of the stack of the evaluation: Postgres alone.
pub const EVAL: &str = "eval";

/// The checkout that the command was called in.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Walks up from the current directory.
    pub fn find() -> Result<Self, Failure> {
        let advice = "run `cargo local` inside a checkout of this repository";
        let here = std::env::current_dir().or_fail("there is no current directory", advice)?;
        let is_root = |dir: &&Path| {
            dir.join("sam/template.yaml").is_file() && dir.join("Cargo.toml").is_file()
        };
        let root = here.ancestors().find(is_root);
        let root =
            root.ok_or_else(|| Failure::new("no sam/template.yaml here or above", advice))?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// The top of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is deployed, and so what is started here.
    pub fn template(&self) -> PathBuf {
        self.root.join("sam/template.yaml")
    }

    /// Where a stack keeps its state, its logs and (unless Postgres runs as another user) its data.
    pub fn stack(&self, name: &str) -> PathBuf {
        self.root.join("target/local").join(name)
    }

    /// A short name that no other checkout has.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.root.as_os_str().as_encoded_bytes());
        digest
            .iter()
            .take(4)
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// A binary of this workspace, built beside this one.
    pub fn binary(&self, name: &str) -> PathBuf {
        let beside = std::env::current_exe()
            .ok()
            .map(|me| me.with_file_name(name));
        beside.unwrap_or_else(|| self.root.join("target/debug").join(name))
    }

    /// Cargo, as a person would call it at the top: without what `cargo run` told this process, which would make build scripts run
    /// again.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root);
        forget_cargo(&mut command);
        command
    }
}

/// Takes away the variables that `cargo run` set for this process.
pub fn forget_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        let is_ours = text.starts_with("CARGO_PKG_")
            || [
                "CARGO",
                "CARGO_MANIFEST_DIR",
                "CARGO_MANIFEST_PATH",
                "CARGO_BIN_NAME",
                "CARGO_CRATE_NAME",
            ]
            .contains(&text);
        if is_ours {
            command.env_remove(&name);
        }
    }
}
