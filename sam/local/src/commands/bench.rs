//! `cargo local bench`: the benchmarks, in release mode, with the local model and a Postgres of their own.

use std::process::{Command, ExitCode, ExitStatus};
use std::time::Duration;

use super::Interrupt;
use crate::cli::Bench;
use crate::failure::{Failure, OrFail as _};
use crate::stack::ports::Ports;
use crate::stack::postgres::{self, Postgres};
use crate::stack::process::{MARK, end, marked};
use crate::stack::wheels::{Kit, Wheels};
use crate::stack::{claim, clear_leftovers, model};
use crate::workspace::{BENCH, Workspace};

/// For both sides of every bench. A database has its graphs in memory; the default of 128 MB holds one of 100,000 vectors.
const MEMORY: &str = "shared_buffers=4GB";

pub(super) async fn run(workspace: &Workspace, flags: &Bench) -> Result<ExitCode, Failure> {
    let mut interrupt = Interrupt::listen()?;
    let busy = || Failure::new("another `cargo local bench` is running", "wait for it");
    let _lock = claim(workspace, BENCH)?.ok_or_else(busy)?;
    clear_leftovers(&workspace.stack(BENCH)).await;
    postgres::forget(workspace, BENCH)?;
    let tools = Wheels::install(workspace, Kit::Tools).await?;
    let mut command = workspace.cargo();
    command
        .args(["run", "--release", "--bin", "benches", "--"])
        .args(flags.words())
        .env("LOCAL_MODEL_DIR", model::prepare(workspace).await?);
    let database =
        Postgres::prepare(workspace, BENCH, &tools, Ports::free()?.postgres)?.set(MEMORY);
    let service = database.start().await?;
    command.env("DATABASE_URL", database.url());
    let mark = format!("{}#benches", workspace.stack(BENCH).display());
    let status = run_until(command, &mark, interrupt.wait()).await;
    service.stop(Duration::from_secs(15)).await;
    let _ = postgres::forget(workspace, BENCH);
    Ok(if status?.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the benches until they end, or are to stop. Then nothing runs any more that they started: a terminal tells all of it to end, but
/// whoever ends this process alone tells nobody else.
async fn run_until(
    mut command: Command,
    mark: &str,
    stop: impl Future<Output = ()>,
) -> Result<ExitStatus, Failure> {
    command.env(MARK, mark);
    let mut cargo = tokio::process::Command::from(command);
    let status = tokio::select! {
        status = cargo.status() => status.or_fail("cannot run cargo", "install Rust: https://rustup.rs"),
        () = stop => Err(Failure::new(
            "interrupted; the benches and their Postgres are stopped",
            "run it again when you like",
        )),
    };
    // Whoever is not told at first may have been started just then.
    for _ in 0..3 {
        end(&marked(mark), Duration::from_secs(5)).await;
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_is_told_to_stop_leaves_nothing_running() {
        let mark = format!("/nowhere/{}#benches", uuid::Uuid::new_v4());
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 60 & sleep 60 & wait"]);
        let limit = tokio::time::Instant::now() + Duration::from_secs(10);
        let all_run = async {
            while marked(&mark).len() < 3 {
                assert!(tokio::time::Instant::now() < limit, "they do not start");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let status = run_until(command, &mark, all_run).await;
        assert!(status.is_err(), "interrupted");
        assert_eq!(marked(&mark), []);
    }
}
