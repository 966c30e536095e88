//! The only file that knows Lambda's events: a tick of the clock, whatever it says.

use std::time::Duration;

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;
use shared::deadline::until;
use shared::error::Error;

use crate::app::App;
use crate::listen::{Report, listen};

/// How long a process of its own waits before it tries again what failed.
const PAUSE: Duration = Duration::from_secs(10);

/// Answers one event.
pub async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Report, Diagnostic> {
    let until = until(event.context.deadline, Duration::ZERO);
    let outcome = Box::pin(listen(app, Some(until))).await;
    outcome.map_err(Diagnostic::from)
}

/// Listens for as long as the process lives.
pub async fn forever(app: &App) -> ! {
    loop {
        if let Err(error) = Box::pin(listen(app, None)).await {
            log(&error);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn log(error: &Error) {
    tracing::error!(
        error.kind = error.kind().as_str(),
        error = error.chain(),
        "listening ended"
    );
}
