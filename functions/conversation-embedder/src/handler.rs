//! The only file that knows Lambda's events: a batch of the queue, or a task.

use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::batch::Batch;
use shared::deadline::{in_time, until};
use shared::domain::{ConversationId, Provider};
use shared::error::Error;
use shared::task::{QueueEvent, read_task};
use tokio::time::Instant;

use crate::app::{App, SPARE};
use crate::reembed::Place;
use crate::replay::Wanted;
use crate::switch::Reason;
use crate::{embed, erase, reembed, replay, retain, switch};

/// What is done at once, by direct invocation. Tasks without fields have braces all the same: only then foreign fields are refused.
#[derive(Debug, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Removes a conversation everywhere and for good; answers with a receipt.
    Erase {
        /// As CXone names it.
        conversation_id: ConversationId,
    },
    /// Removes what is older than `RETENTION_DAYS`, and live interactions after a day; what other functions keep as well.
    Expire {},
    /// Makes stored events into vectors of every model that lacks them; answers how far it came. Repeat it until it is finished.
    Reembed {
        /// Where the run before stopped, as it said. Without, all events are looked at from the first on.
        after: Option<Place>,
    },
    /// Lets the next `reembed` make these events anew, whatever is known of them: for what a map does not tell, such as other intents,
    /// chunks or another policy.
    Replay(Wanted),
    /// Lets queries use this model.
    SwitchModel {
        /// Its name, one of the configured.
        model: String,
        /// How many numbers its vectors have, where the name is not enough.
        dimensions: Option<u16>,
        /// Who computes it, where the name is not enough.
        provider: Option<Provider>,
        /// Switches even if events or articles lack this model.
        #[serde(default)]
        force: bool,
        /// Does not look whether events lack it: a run of `reembed` said that it was finished.
        #[serde(default)]
        reembedded: bool,
    },
}

/// Answers one event.
pub async fn handle(app: &App, event: LambdaEvent<QueueEvent>) -> Result<Value, Diagnostic> {
    let until = until(event.context.deadline, SPARE);
    match event.payload {
        QueueEvent::Batch(batch) => Ok(json!(work_through(app, batch, until).await)),
        QueueEvent::Task(task) => {
            let task = read_task(task)?;
            run(app, task, until).await.map_err(Diagnostic::from)
        }
    }
}

async fn run(app: &App, task: Task, until: Instant) -> Result<Value, Error> {
    let work = async {
        match task {
            Task::Erase { conversation_id } => erase::erase(app, &conversation_id)
                .await
                .map(|receipt| json!(receipt)),
            Task::Expire {} => retain::expire(app, until).await.map(|report| json!(report)),
            Task::Reembed { after } => reembed::reembed(app, after, until)
                .await
                .map(|report| json!(report)),
            Task::Replay(wanted) => replay::replay(app, wanted, until)
                .await
                .map(|report| json!(report)),
            Task::SwitchModel {
                model,
                dimensions,
                provider,
                force,
                reembedded,
            } => {
                let wanted = switch::Wanted {
                    model,
                    dimensions,
                    provider,
                };
                let reason = match (force, reembedded) {
                    (true, _) => Reason::Forced,
                    (false, true) => Reason::Reembedded,
                    (false, false) => Reason::Complete,
                };
                let switched = switch::switch(app, &wanted, reason, until).await;
                switched.map(|report| json!(report))
            }
        }
    };
    // Boxed, because the type of this future is too deep for the compiler otherwise.
    in_time(until, Box::pin(work)).await
}

/// Whatever happens, the answer names every message that is not settled.
async fn work_through(app: &App, event: SqsEvent, until: Instant) -> SqsBatchResponse {
    let (mut batch, messages) = Batch::open(event);
    let work = embed::embed(app, &mut batch, &messages, until);
    let outcome = tokio::time::timeout_at(until, work).await;
    let outcome = outcome.unwrap_or_else(|late| Err(Arc::new(Error::transient("the work", late))));
    if let Err(error) = outcome {
        tracing::error!(
            error.kind = error.kind().as_str(),
            error = error.chain(),
            batch.messages = messages.len(),
            batch.failed = batch.unsettled().len(),
            "the batch was not finished"
        );
    }
    batch.answer()
}
