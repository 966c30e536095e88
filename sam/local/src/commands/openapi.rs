//! `cargo local openapi`: writes what the HTTP functions promise, as their types say it.

use std::process::ExitCode;

use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

pub(super) async fn run(workspace: &Workspace) -> Result<ExitCode, Failure> {
    let mut command = workspace.cargo();
    command.args(["run", "--bin", "openapi"]);
    let status = tokio::process::Command::from(command).status().await;
    let status = status.or_fail("cannot run cargo", "install Rust: https://rustup.rs")?;
    if !status.success() {
        return Err(Failure::new(
            "docs/openapi.json is not written",
            "mend what the compiler says",
        ));
    }
    say!("docs/openapi.json is what the types say");
    Ok(ExitCode::SUCCESS)
}
