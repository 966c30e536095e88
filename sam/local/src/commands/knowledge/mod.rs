//! `cargo local knowledge`: what a run of the knowledge sync did.

pub(super) mod report;
pub(super) mod runs;
pub(super) mod table;

use std::process::ExitCode;

use super::memory::Memory;
use super::status::running;
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;
use runs::Runs;

/// Shows the report of a run, the latest one unless another is named.
pub(super) async fn run(
    workspace: &Workspace,
    run: Option<String>,
    json: bool,
) -> Result<ExitCode, Failure> {
    let status = running(workspace)?;
    let run = match run {
        Some(run) => run,
        None => latest(&status.database_url).await?,
    };
    let report = Runs::of(&status)?.read(&run).await?;
    if json {
        let text = serde_json::to_string_pretty(&report);
        say!(
            "{}",
            text.or_fail("cannot write the report", "report this")?
        );
    } else {
        table::show(&report);
    }
    Ok(ExitCode::SUCCESS)
}

async fn latest(database_url: &str) -> Result<String, Failure> {
    let latest = Memory::open(database_url).await?.latest_run().await?;
    latest.ok_or_else(|| {
        let advice = "wait for the schedule, or ask for one: cargo local demo";
        Failure::new("there was no run yet", advice)
    })
}
