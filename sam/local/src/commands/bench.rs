//! `cargo local bench`: the benchmarks, in release mode, with the local model and a Postgres of their own.

use std::process::ExitCode;
use std::time::Duration;

use super::Interrupt;
use crate::cli::Bench;
use crate::failure::{Failure, OrFail as _};
use crate::stack::ports::Ports;
use crate::stack::postgres::{self, Postgres};
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
    let mut cargo = tokio::process::Command::from(command);
    let status = tokio::select! {
        status = cargo.status() => status.or_fail("cannot run cargo", "install Rust: https://rustup.rs"),
        () = interrupt.wait() => Err(Failure::new(
            "interrupted; the Postgres of the benches is stopped",
            "run it again when you like",
        )),
    };
    service.stop(Duration::from_secs(15)).await;
    let _ = std::fs::remove_dir_all(postgres::home(workspace, BENCH));
    Ok(if status?.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
