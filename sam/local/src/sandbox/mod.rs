//! What Lambda's execution environment does around a function, and `cargo lambda watch` 1.9 does not.
//!
//! - A function that dies is answered for at once (`Runtime.ExitError`), and started again. Left alone, cargo-lambda lets the caller
//!   wait for its whole timeout, and never gives back the place of a dead instance: after `--concurrency` deaths a function is gone.
//! - The deadline is the function's own timeout from now. cargo-lambda sends the constant 600000, which is in 1970.
//! - A function that goes over its deadline is ended (`Sandbox.Timedout`).
//! - An idle function may wait for ever. cargo-lambda ends its wait after `--timeout`, and the runtime takes that for a crash.
//!
//! It runs as cargo's `runner`: cargo-lambda calls `cargo run`, cargo calls `local sandbox BINARY`, and that starts the binary
//! with a runtime API of its own, which passes everything else on.

mod api;
mod routes;

use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::process::{Child, Command};

pub use api::Api;

use crate::failure::{Failure, OrFail as _};

const ADVICE: &str = "only `cargo lambda watch` calls this; use `cargo local up`";

/// Between two starts, so that a function that cannot start does not keep the machine busy.
const PAUSE: Duration = Duration::from_millis(200);

/// Why a function has to be started again.
enum End {
    Died(String),
    Overdue,
    NobodyAsks,
}

/// Runs the binary again and again, until nobody serves the runtime API any more.
pub async fn run(command: &[String], api: Api) -> Result<ExitCode, Failure> {
    let api = Arc::new(api);
    let address = routes::serve(Arc::clone(&api))
        .await
        .or_fail("cannot serve a runtime API", ADVICE)?;
    loop {
        api.begin();
        let mut child = start(command, &address)?;
        let end = tokio::select! {
            status = child.wait() => End::Died(status.map_or("unknown".to_owned(), |status| status.to_string())),
            () = api.overdue() => End::Overdue,
            () = api.abandoned() => End::NobodyAsks,
        };
        let _ = child.kill().await;
        match end {
            End::NobodyAsks => return Ok(ExitCode::SUCCESS),
            End::Overdue => api.answer_for_the_late().await,
            End::Died(status) => api.answer_for_the_dead(&status).await,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn start(command: &[String], address: &str) -> Result<Child, Failure> {
    let (program, args) = command
        .split_first()
        .ok_or_else(|| Failure::new("which binary?", ADVICE))?;
    let mut function = Command::new(program);
    function
        .args(args)
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    // Set by cargo-lambda to say that one process serves one call at a time; in Lambda it means something else.
    function.env_remove("AWS_LAMBDA_MAX_CONCURRENCY");
    function
        .spawn()
        .or_fail(format!("cannot start {program}"), ADVICE)
}
