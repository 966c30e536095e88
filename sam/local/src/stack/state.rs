//! What is remembered about a stack: who runs it and where, in `state.json`, gone when it stops.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ports::Ports;
use super::process::Identity;
use crate::failure::{Failure, OrFail as _};

const ADVICE: &str = "check that target/local is writable and the disk is not full; `cargo local reset` starts afresh";

/// What a script needs to drive the stack from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The functions, on their production routes.
    pub http_url: String,
    /// CXone and the embedding provider.
    pub simulator_url: String,
    /// The database, as its owner.
    pub database_url: String,
    /// SQS and Secrets Manager.
    pub sqs_endpoint: String,
    /// A key with all scopes.
    pub api_key: String,
    /// Where webhooks go.
    pub webhook: Webhook,
}

/// Where webhooks go, and what signs them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The route.
    pub url: String,
    /// The key of the scheme Standard Webhooks.
    pub standard_webhooks_secret: String,
}

/// A stack that runs, or ran when it was killed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The `cargo local` that runs it.
    pub owner: Identity,
    /// Where its parts listen.
    pub ports: Ports,
    /// The processes of its parts, in the order in which they started.
    pub processes: Vec<Identity>,
    /// Set when everything is up.
    pub status: Option<Status>,
}

impl State {
    /// Remembers that this process is about to run a stack, so that others can tell, and can ask it to stop.
    pub fn begin(stack: &Path, ports: Ports) -> Result<Self, Failure> {
        let owner = Identity::own().ok_or_else(|| {
            Failure::new("this process cannot find itself", "check that `ps` works")
        })?;
        let state = Self {
            owner,
            ports,
            processes: Vec::new(),
            status: None,
        };
        state.save(stack)?;
        Ok(state)
    }

    /// What is remembered, if anything that can be read.
    pub fn load(stack: &Path) -> Option<Self> {
        read(&path(stack))
    }

    /// Remembers it.
    pub fn save(&self, stack: &Path) -> Result<(), Failure> {
        write(&path(stack), self)
    }

    /// Forgets it.
    pub fn remove(stack: &Path) {
        let _ = std::fs::remove_file(path(stack));
    }

    /// What is remembered of a stack whose owner lives.
    pub fn of_running(stack: &Path) -> Option<Self> {
        Self::load(stack).filter(|state| state.owner.is_alive())
    }
}

fn path(stack: &Path) -> PathBuf {
    stack.join("state.json")
}

/// Reads a JSON file; `None` if it is not there or not whole.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Writes a JSON file that only its owner can read, whole or not at all.
pub(super) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    let what = || format!("cannot write {}", path.display());
    let text = serde_json::to_vec_pretty(value).or_fail(what(), ADVICE)?;
    let new = path.with_extension("new");
    let _ = std::fs::remove_file(&new);
    let file = File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new);
    let written = file
        .and_then(|mut file| file.write_all(&text))
        .and_then(|()| std::fs::rename(&new, path));
    written.or_fail(what(), ADVICE)
}

/// The right to run a stack; the system takes it back from a process that dies.
pub struct Lock {
    #[expect(dead_code, reason = "held for its drop, which unlocks")]
    file: File,
}

impl Lock {
    /// `None` while somebody else has it.
    pub fn take(stack: &Path) -> Result<Option<Self>, Failure> {
        let path = stack.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.or_fail(format!("cannot write {}", path.display()), ADVICE)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => {
                Err(error).or_fail(format!("cannot lock {}", path.display()), ADVICE)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn state_is_private_and_comes_back_while_its_owner_lives() {
        let dir = tempfile::tempdir().unwrap();
        let ports = Ports::choose(None).unwrap();
        let mut state = State {
            owner: Identity::own().unwrap(),
            ports,
            processes: vec![],
            status: None,
        };
        state.save(dir.path()).unwrap();
        state.save(dir.path()).unwrap();
        assert_eq!(State::of_running(dir.path()), Some(state.clone()));
        assert_eq!(
            std::fs::metadata(path(dir.path()))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o600
        );
        state.owner.started = "another time".to_owned();
        state.save(dir.path()).unwrap();
        assert_eq!(State::of_running(dir.path()), None);
        std::fs::write(path(dir.path()), "{").unwrap();
        assert_eq!(State::load(dir.path()), None, "a torn file is no state");
    }

    #[test]
    fn one_at_a_time_runs_a_stack() {
        let dir = tempfile::tempdir().unwrap();
        let first = Lock::take(dir.path()).unwrap();
        assert!(first.is_some() && Lock::take(dir.path()).unwrap().is_none());
        drop(first);
        assert!(Lock::take(dir.path()).unwrap().is_some());
    }
}
