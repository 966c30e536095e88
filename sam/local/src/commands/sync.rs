//! `cargo local sync`: a run of the knowledge sync is asked for and waited for, or only foreseen.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::api::Api;
use super::knowledge::report::{Line, Report};
use super::knowledge::runs::Runs;
use super::knowledge::table;
use super::lambda::Lambda;
use super::print;
use crate::cli::Sync;
use crate::console::{Step, warn};
use crate::failure::{Failure, OrFail as _};
use crate::workspace::Workspace;

pub(super) async fn run(workspace: &Workspace, flags: &Sync) -> Result<ExitCode, Failure> {
    if flags.json {
        crate::console::leave_stdout_to_machines();
    }
    if flags.dry_run {
        return foresee(workspace, flags).await;
    }
    if flags.account.aws {
        return Err(Failure::new(
            "a run is asked for over HTTP, and --aws does not say where",
            "name the deployment by --url and --key-env; --aws goes with --dry-run",
        ));
    }
    sync(workspace, flags).await
}

/// Invoked, not asked for over HTTP: whoever may see what would change may change it too.
async fn foresee(workspace: &Workspace, flags: &Sync) -> Result<ExitCode, Failure> {
    let lambda = Lambda::open(workspace, &flags.account).await?;
    let kind = if flags.full { "full" } else { "reconcile" };
    let step = Step::begin("Looking at everything");
    let task = json!({ "task": "foresee", "kind": kind });
    let found = lambda.invoke("knowledge-sync", &task).await?;
    step.done("nothing was written");
    if flags.json {
        print(&found)?;
    } else {
        show(&found)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(found: &Value) -> Result<(), Failure> {
    let counts = found.as_object().into_iter().flatten();
    let counts =
        counts.filter_map(|(name, count)| Some((name.as_str(), count.as_u64()?.to_string())));
    crate::console::table(&counts.collect::<Vec<_>>());
    let changes: Vec<Line> = serde_json::from_value(found["changes"].clone())
        .or_fail("knowledge-sync answered something else", "report this")?;
    table::show_changes(&changes);
    if let Some(why) = found["held"].as_str() {
        warn(format_args!("what is gone would stay: {why}"));
    }
    if found["is_whole"] != true {
        warn(
            "there was no time for the whole listing: more may change, and nothing is said of what is gone",
        );
    }
    Ok(())
}

async fn sync(workspace: &Workspace, flags: &Sync) -> Result<ExitCode, Failure> {
    let runs = Runs::by(Api::choose(workspace, &flags.api, "knowledge:refresh")?);
    let query = match (flags.full, flags.accept_removals) {
        (false, _) => "",
        (true, false) => "?full_sync=true",
        (true, true) => "?full_sync=true&accept_removals=true",
    };
    let accepted = runs.request_with(query).await?;
    let step = Step::begin(format!("The {} run {}", accepted.kind, accepted.run_id));
    let look = |report: &Report| {
        let listed = report.counts.get("listed").copied().unwrap_or_default();
        step.update(format_args!("{}, {listed} articles listed", report.state));
    };
    runs.follow(&accepted.run_id, look).await?;
    let report = runs.read(&accepted.run_id).await?;
    step.done(&report.state);
    if flags.json {
        print(&report)?;
    } else {
        table::show(&report);
    }
    Ok(if report.state == "done" {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
