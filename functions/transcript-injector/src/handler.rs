//! The only file that knows Lambda's events: a task in, what was done out.

use std::time::Duration;

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::db::transcripts::{Which, requeue};
use shared::deadline::until;
use shared::domain::TranscriptId;
use shared::error::Error;
use shared::task::read_task;

use crate::app::App;
use crate::drain::{Report, drain};

/// Kept back from the deadline, so that what became of a post is written down.
const SPARE: Duration = Duration::from_secs(3);

/// What this function is invoked with.
#[derive(Debug, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// What is due is to be posted.
    Drain {},
    /// What was given up is to be brought back: these transcripts, or all that died for this reason.
    Requeue {
        /// Which.
        #[serde(default)]
        ids: Vec<TranscriptId>,
        /// Why they died, as it is told of them.
        reason: Option<String>,
    },
}

/// What it answers.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To the schedule.
    Drained(Report),
    /// To whoever brought something back.
    Requeued {
        /// How many parts.
        requeued: u64,
    },
}

/// Does what the event asks for.
pub async fn handle(app: &App, event: LambdaEvent<Value>) -> Result<Answer, Diagnostic> {
    let until = until(event.context.deadline, SPARE);
    let done = match read_task(event.payload)? {
        Task::Drain {} => Box::pin(drain(app, until)).await.map(Answer::Drained),
        Task::Requeue { ids, reason } => bring_back(app, &ids, reason.as_deref()).await,
    };
    done.map_err(Diagnostic::from)
}

async fn bring_back(
    app: &App,
    ids: &[TranscriptId],
    reason: Option<&str>,
) -> Result<Answer, Error> {
    let which = match (ids, reason) {
        ([], Some(reason)) => Which::Reason(reason),
        ([_, ..], None) => Which::Ids(ids),
        _ => return Err(Error::invalid("", "must have either ids or a reason")),
    };
    let requeued = requeue(&app.database, which).await?;
    tracing::info!(requeued, "transcripts were brought back");
    Ok(Answer::Requeued { requeued })
}
