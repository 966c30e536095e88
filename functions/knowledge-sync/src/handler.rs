//! The only file that knows Lambda's events: a message that wakes, or a task.

use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::batch::Message;
use shared::deadline::{in_time, until};
use shared::domain::RunKind;
use shared::queue::KnowledgeMessage;
use shared::task::{QueueEvent, read_task};

use crate::app::App;
use crate::foresee::foresee;
use crate::sync;

/// Kept back from the deadline, so that an answer still goes out.
const SPARE: Duration = Duration::from_secs(1);

/// What is done at once.
#[derive(Debug, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Reads what was changed, and checks links that are due.
    Sync {},
    /// Reads everything, and removes what is gone.
    Reconcile {},
    /// Tells what a run of this kind would change, and changes nothing.
    Foresee {
        /// What it would look at.
        #[serde(default = "what_is_new")]
        kind: RunKind,
    },
}

fn what_is_new() -> RunKind {
    RunKind::Incremental
}

/// Answers one event.
pub async fn handle(app: &App, event: LambdaEvent<QueueEvent>) -> Result<Value, Diagnostic> {
    let until = until(event.context.deadline, SPARE);
    let kind = match event.payload {
        QueueEvent::Batch(batch) => {
            wake(app, batch);
            None
        }
        QueueEvent::Task(task) => match read_task(task)? {
            Task::Sync {} => Some(RunKind::Incremental),
            Task::Reconcile {} => Some(RunKind::Reconcile),
            Task::Foresee { kind } => {
                let work = Box::pin(foresee(app, kind, until));
                let outcome = in_time(until, work).await.map(|found| json!(found));
                return outcome.map_err(Diagnostic::from);
            }
        },
    };
    // Boxed, because the type of this future is too deep for the compiler otherwise.
    let work = Box::pin(sync::sync(app, kind, until));
    let mut report = in_time(until, work).await?;
    // Whoever watches for errors of the function learns of a run that failed for good, whatever woke for it; everything else is done by now.
    // A message comes once more, and finds the run at its end.
    match report.failure.take() {
        Some(error) => Err(error.into()),
        None => Ok(json!(report)),
    }
}

/// What is to be done stands in the database; a message only says that somebody asked just now. Whatever it was that did not
/// work, the reason may have been mended: the token is asked for anew.
fn wake(app: &App, batch: SqsEvent) {
    for message in batch.records.into_iter().map(Message::from) {
        let _inside = message.span().entered();
        if let Some(message) = message.read(KnowledgeMessage::from_text) {
            tracing::info!(run.id = %message.run, "woken");
            app.knowledge.forget();
        }
    }
}
