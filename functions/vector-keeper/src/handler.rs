//! The only file that knows Lambda's events: messages that wake, or a task.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::batch::Batch;
use shared::deadline::until;
use shared::queue::SegmentsMessage;
use shared::task::{QueueEvent, read_task};
use tokio::time::Instant;

use crate::app::App;
use crate::keep::{Wanted, keep};

/// Kept back from the deadline, so that an answer still goes out.
const SPARE: Duration = Duration::from_secs(1);

/// What is done at once.
#[derive(Debug, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Does everything that waits, for every model.
    Keep {},
}

/// Answers one event.
pub async fn handle(app: &App, event: LambdaEvent<QueueEvent>) -> Result<Value, Diagnostic> {
    let until = until(event.context.deadline, SPARE);
    match event.payload {
        QueueEvent::Batch(batch) => Ok(json!(work_through(app, batch, until).await)),
        QueueEvent::Task(task) => {
            let Task::Keep {} = read_task(task)?;
            let kept = keep(app, &Wanted::All, until).await?;
            // Whoever watches for errors of the function learns of a model that fails; the others are done by now.
            match kept.failures.into_iter().next() {
                Some((_, error)) => Err(error.into()),
                None => Ok(json!(kept.report)),
            }
        }
    }
}

/// What is to be done stands in the database; a message only says for which model. That of a model that fails comes again.
async fn work_through(app: &App, event: SqsEvent, until: Instant) -> SqsBatchResponse {
    let (mut batch, messages) = Batch::open(event);
    let mut models = Vec::new();
    for (position, message) in messages.iter().enumerate() {
        let _inside = message.span().entered();
        if let Some(message) = message.read(SegmentsMessage::from_text) {
            tracing::info!(model.id = message.model, "woken");
            models.push((position, message.model));
        } else {
            batch.settle(position);
        }
    }
    let wanted: BTreeSet<i16> = models.iter().map(|(_, model)| *model).collect();
    match keep(app, &Wanted::Models(wanted), until).await {
        Ok(kept) => {
            let has_failed = |model: i16| kept.failures.iter().any(|(failed, _)| *failed == model);
            let done = models.iter().filter(|(_, model)| !has_failed(*model));
            done.for_each(|(position, _)| batch.settle(*position));
        }
        Err(error) => tracing::error!(
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "segments were not kept; the queue gives the messages again"
        ),
    }
    batch.answer()
}
