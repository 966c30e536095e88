//! The only file that knows Lambda's events: a batch of the queue, or a task.

use std::time::{Duration, SystemTime};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::batch::{Batch, Message};
use shared::db::cards;
use shared::deadline::time_left;
use shared::error::Error;
use shared::task::read_task;
use tokio::time::Instant;

use crate::app::App;
use crate::hear;

/// Kept back from the deadline, so that an answer still goes out.
const SPARE: Duration = Duration::from_millis(500);
/// So many interactions are forgotten at a time.
const MOST: i64 = 10_000;

/// What this function is invoked with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// By the queue.
    Batch(SqsEvent),
    /// By a schedule, or by hand: a [`Task`]. It is read later, so that whoever asks is told what is wrong with it.
    Task(Value),
}

/// What is done at once, by direct invocation. It has braces, because only then foreign fields are refused.
#[derive(Debug, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Forgets interactions in which nothing was said for a day, and counts cards of which nobody will know whether they were shown.
    Tidy {},
}

/// Answers one event.
pub async fn handle(app: &App, event: LambdaEvent<Event>) -> Result<Value, Diagnostic> {
    let time_left = time_left(event.context.deadline, SystemTime::now());
    let until = Instant::now() + time_left.saturating_sub(SPARE);
    match event.payload {
        Event::Batch(batch) => Ok(json!(work_through(app, batch, until).await)),
        Event::Task(task) => {
            let work = async { tidy(app, task).await };
            let outcome = tokio::time::timeout_at(until, work).await;
            let outcome = outcome.unwrap_or_else(|late| Err(Error::transient("the work", late)));
            outcome.map_err(Diagnostic::from)
        }
    }
}

async fn tidy(app: &App, task: Value) -> Result<Value, Error> {
    let Task::Tidy {} = read_task(task)?;
    let tidied = cards::tidy(app.database(), MOST).await?;
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
    let messages: Vec<_> = event
        .records
        .into_iter()
        .map(|record| Message {
            id: record.message_id.unwrap_or_default(),
            body: record.body.unwrap_or_default(),
        })
        .collect();
    let mut batch = Batch::new(messages.iter().map(|message| message.id.clone()));
    for place in hear::hear(app, &messages, until).await {
        batch.settle(place);
    }
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = batch.unsettled().into_iter().map(failure).collect();
    response
}

fn failure(id: String) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = id;
    failure
}
