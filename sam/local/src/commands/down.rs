//! `cargo local down` and `reset`.

use std::process::ExitCode;
use std::time::Duration;

use rustix::process::Signal;

use crate::console::Step;
use crate::failure::{Failure, OrFail as _};
use crate::stack::postgres::NOT_OURS;
use crate::stack::state::{Lock, State};
use crate::stack::{claim, clear_leftovers, postgres, process};
use crate::workspace::{BENCH, DEVELOPMENT, EVAL, TEST, Workspace};

/// How long a running `up` may take to stop its parts.
const PATIENCE: Duration = Duration::from_mins(1);

pub(super) async fn down(workspace: &Workspace) -> Result<ExitCode, Failure> {
    let lock = stop(workspace, DEVELOPMENT).await?;
    drop(lock);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reset(workspace: &Workspace) -> Result<ExitCode, Failure> {
    for name in [DEVELOPMENT, TEST, BENCH, EVAL] {
        let is_there = workspace.stack(name).exists() || postgres::home(workspace, name).exists();
        if name != DEVELOPMENT && !is_there {
            continue;
        }
        let lock = stop(workspace, name).await?;
        wipe(workspace, name)?;
        drop(lock);
    }
    say!("Data, keys and logs are gone; the installed tools stay.");
    Ok(ExitCode::SUCCESS)
}

/// Removes what a stack keeps, except the lock: whoever waits for it must wait for the same file.
pub(super) fn wipe(workspace: &Workspace, name: &str) -> Result<(), Failure> {
    let kept = std::fs::read_dir(workspace.stack(name))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    for path in kept.filter(|path| !path.ends_with("lock")) {
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        removed.or_fail(format!("cannot remove {}", path.display()), NOT_OURS)?;
    }
    postgres::forget(workspace, name)
}

/// Asks the one who runs the stack to stop, then ends what is left.
async fn stop(workspace: &Workspace, name: &str) -> Result<Lock, Failure> {
    let dir = workspace.stack(name);
    let step = Step::begin(format!("Stopping the stack {name}"));
    let running = State::of_running(&dir).map(|state| [state.owner]);
    if let Some(owner) = &running {
        owner[0].signal(Signal::TERM);
        process::wait_for_end(owner, PATIENCE).await;
    }
    let busy = || {
        let advice = "wait a minute, or end that process yourself";
        Failure::new(
            format!("another `cargo local` holds the stack {name} and does not stop"),
            advice,
        )
    };
    let lock = claim(workspace, name)?.ok_or_else(busy)?;
    let leftovers = clear_leftovers(&dir).await;
    step.done(match (running, leftovers) {
        (Some(_), 0) => "stopped".to_owned(),
        (None, 0) => "nothing was running".to_owned(),
        (_, count) => format!("ended {count} leftover processes"),
    });
    Ok(lock)
}
