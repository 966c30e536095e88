//! `cargo local bench`: the benchmarks, in release mode.

use std::process::ExitCode;

use crate::failure::{Failure, OrFail as _};
use crate::stack::model;
use crate::workspace::Workspace;

pub(super) async fn run(workspace: &Workspace, args: &[String]) -> Result<ExitCode, Failure> {
    let mut command = workspace.cargo();
    command
        .args(["run", "--release", "--bin", "benches", "--"])
        .args(args)
        .env("LOCAL_MODEL_DIR", model::prepare(workspace).await?);
    let status = tokio::process::Command::from(command).status().await;
    let status = status.or_fail("cannot run cargo", "install Rust: https://rustup.rs")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
