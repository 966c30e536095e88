//! `cargo local doctor`: what is wrong with this machine, or with a deployment, and what to do about it.

mod deployment;
mod finding;
mod machine;
mod tenant;

use std::process::ExitCode;

use self::finding::{Verdict, show};
use super::print;
use crate::cli;
use crate::console::leave_stdout_to_machines;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// Says what was found; it is a failure where something does not work.
pub(super) async fn run(workspace: &Workspace, flags: &cli::Doctor) -> Result<ExitCode, Failure> {
    if flags.json {
        leave_stdout_to_machines();
    }
    let lines = if flags.account.aws {
        Box::pin(deployment::examine(workspace, flags)).await?
    } else {
        machine::examine(workspace, flags.port_base).await?
    };
    if flags.json {
        print(&lines)?;
    } else {
        lines.iter().for_each(show);
    }
    let is_broken = |line: &finding::Line| line.finding.verdict == Verdict::Fail;
    Ok(if lines.iter().any(is_broken) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
