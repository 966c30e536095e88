//! The only file that knows Lambda's events: a batch of the queue, or a task.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::batch::Batch;
use shared::db::cards;
use shared::deadline::{in_time, until};
use shared::error::Error;
use shared::task::{QueueEvent, read_task};
use tokio::time::Instant;

use crate::app::App;
use crate::hear;

/// Kept back from the deadline, so that an answer still goes out.
const SPARE: Duration = Duration::from_millis(500);
/// Kept back from the end, so that a step that was begun is finished.
const STEP_TIME: Duration = Duration::from_secs(5);
/// So many interactions are forgotten in one step.
const MOST: i64 = 10_000;

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
            let outcome = in_time(until, tidy(app, task, until)).await;
            outcome.map_err(Diagnostic::from)
        }
    }
}

/// Step by step, until fewer than a step are left or time is short.
async fn tidy(app: &App, task: Value, until: Instant) -> Result<Value, Error> {
    let Task::Tidy {} = read_task(task)?;
    let mut tidied = cards::tidy(app.database(), MOST).await?;
    let mut step = tidied.removed;
    while step >= MOST.unsigned_abs() && Instant::now() + STEP_TIME < until {
        let more = cards::tidy(app.database(), MOST).await?;
        step = more.removed;
        tidied.removed += more.removed;
        tidied.doubtful += more.doubtful;
    }
    if tidied.doubtful > 0 {
        tracing::warn!(
            cards.unknown = tidied.doubtful,
            "of some cards nobody knows whether they were shown"
        );
    }
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
