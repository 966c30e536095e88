//! The only file that knows Lambda's events: a batch of the queue, or a task.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::batch::Batch;
use shared::deadline::{in_time, until};
use shared::error::Error;
use shared::task::{QueueEvent, read_task};
use tokio::time::Instant;

use crate::app::App;
use crate::hear;
use crate::tidy::tidy;

/// Kept back from the deadline, so that an answer still goes out.
const SPARE: Duration = Duration::from_millis(500);

/// What is done at once, by direct invocation. It has braces, because only then foreign fields are refused.
#[derive(Debug, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Forgets interactions in which nothing was said for a day, and counts cards of which nobody will know whether they were shown.
    Tidy {},
}

/// Answers one event.
pub async fn handle(app: &App, event: LambdaEvent<QueueEvent>) -> Result<Value, Diagnostic> {
    let until = until(event.context.deadline, SPARE);
    match event.payload {
        QueueEvent::Batch(batch) => Ok(json!(work_through(app, batch, until).await)),
        QueueEvent::Task(task) => {
            let outcome = in_time(until, work_at(app, task, until)).await;
            outcome.map_err(Diagnostic::from)
        }
    }
}

async fn work_at(app: &App, task: Value, until: Instant) -> Result<Value, Error> {
    let Task::Tidy {} = read_task(task)?;
    let tidied = tidy(app, until).await?;
    Ok(json!({ "removed": tidied.removed, "doubtful": tidied.doubtful }))
}

/// Whatever happens, the answer names every message that is not settled.
async fn work_through(app: &App, event: SqsEvent, until: Instant) -> SqsBatchResponse {
    let (mut batch, messages) = Batch::open(event);
    for place in hear::hear(app, &messages, until).await {
        batch.settle(place);
    }
    batch.answer()
}
