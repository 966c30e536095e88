//! The only file that knows Lambda's events: `{}` or a task by hand, or CloudFormation's request.

use std::time::Duration;

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::deadline::until;
use shared::error::Kind;
use shared::task::read_task;

use crate::app::App;
use crate::check::check;
use crate::custom_resource::{self, Outcome, Request, Task};
use crate::migrate::migrate;

/// Kept back from the deadline, so that an answer still goes out.
const SPARE: Duration = Duration::from_secs(10);

/// What is done by hand besides.
#[derive(Debug, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
enum ByHand {
    /// Says how the database is.
    Check {},
}

/// Migrates. By hand, a failure is the function's failure; CloudFormation is told at its URL.
pub async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let until = until(event.context.deadline, SPARE);
    if event.payload.get("task").is_some() {
        let ByHand::Check {} = read_task(event.payload)?;
        return Ok(json!(check(app, until).await?));
    }
    // Whoever gives an answer URL waits there, whatever else the event lacks.
    if event.payload.get("ResponseURL").is_none() {
        return migrate(app, until)
            .await
            .map(|report| json!(report))
            .map_err(Diagnostic::from);
    }
    let request: Request = serde_json::from_value(event.payload).map_err(|error| Diagnostic {
        error_type: Kind::Invalid.as_str().to_owned(),
        error_message: format!("no request of CloudFormation: {error}"),
    })?;
    let outcome = match request.task() {
        Task::Migrate => migrate(app, until).await.map(Outcome::Migrated),
        Task::Leave(why) => Ok(Outcome::Left(why)),
    };
    if let Err(error) = &outcome {
        tracing::error!(
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "the schema could not be brought up"
        );
    }
    let answer = request.answer(&outcome);
    custom_resource::send(&request, &answer)
        .await
        .map_err(Diagnostic::from)?;
    Ok(answer)
}
