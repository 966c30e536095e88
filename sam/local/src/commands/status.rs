//! `cargo local status`: what runs, and where.

use std::process::ExitCode;

use shared::config::Env;

use crate::console::{Ink, paint, table};
use crate::failure::{Failure, OrFail as _};
use crate::stack::state::{State, Status};
use crate::workspace::{DEVELOPMENT, Workspace};

/// Names the file that says where the stack of the tests is.
const OF_TESTS: &str = "STACK_STATUS";

pub(super) fn run(workspace: &Workspace, json: bool) -> Result<ExitCode, Failure> {
    let status = running(workspace)?;
    if json {
        let text = serde_json::to_string_pretty(&status);
        say!(
            "{}",
            text.or_fail(
                "cannot write the status",
                "start again: cargo local down, cargo local up"
            )?
        );
    } else {
        show(&status);
    }
    Ok(ExitCode::SUCCESS)
}

/// The status of the development stack, which must be up; inside of `cargo local test` that of the stack of the tests.
pub(super) fn running(workspace: &Workspace) -> Result<Status, Failure> {
    if let Some(path) = Env::from_process().get(OF_TESTS) {
        return of_tests(path);
    }
    let state = State::of_running(&workspace.stack(DEVELOPMENT));
    let state = state.ok_or_else(|| {
        Failure::new("the local stack is not running", "start it: cargo local up")
    })?;
    state.status.ok_or_else(|| {
        Failure::new(
            "the local stack is still starting",
            "wait until `cargo local up` prints its table",
        )
    })
}

/// Whether commands work in the stack of the tests.
pub(super) fn is_of_tests() -> bool {
    Env::from_process().get(OF_TESTS).is_some()
}

/// What `cargo local test` wrote for the tests.
fn of_tests(path: &str) -> Result<Status, Failure> {
    let what = format!("{OF_TESTS} names {path}, which cannot be read");
    let advice = "unset STACK_STATUS; `cargo local test` alone sets it";
    let text = std::fs::read(path).or_fail(&*what, advice)?;
    serde_json::from_slice(&text).or_fail(what, advice)
}

/// The table of URLs.
pub(super) fn show(status: &Status) {
    say!("\n{}", paint(Ink::Bold, "CXone Memory"));
    table(&[
        ("functions", status.http_url.clone()),
        ("webhook", status.webhook.url.clone()),
        ("webhook health", format!("{}/health", status.webhook.url)),
        ("CXone simulator", status.simulator_url.clone()),
        ("Postgres", status.database_url.clone()),
        (
            "SQS, secrets",
            format!("{} (us-east-1, test/test)", status.sqs_endpoint),
        ),
        ("API key", status.api_key.clone()),
        (
            "signing secret",
            status.webhook.standard_webhooks_secret.clone(),
        ),
    ]);
}
