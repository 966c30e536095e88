//! What is older than the retention goes.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use shared::db::erased_conversations::Removed;
use shared::db::{conversations, embedding_claims};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// Events that one transaction removes.
const STEP: i64 = 500;
/// Kept back from the end, so that a step that was begun is finished and the report goes out.
const STEP_TIME: Duration = Duration::from_secs(3);

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    removed: Removed,
    /// Whether no old event was found any more; those that others held are left to the next run.
    finished: bool,
}

/// Removes old events step by step until none is left or time is up.
pub(crate) async fn expire(app: &App, until: Instant) -> Result<Report, Error> {
    let mut report = Report::default();
    embedding_claims::sweep(&app.database).await?;
    let Some(retention) = app.rules.retention else {
        return Ok(Report {
            finished: true,
            ..report
        });
    };
    let before = Timestamp::now().checked_sub(retention);
    let before = before.map_err(|error| Error::Bug {
        what: "the retention reaches back beyond all time",
        source: Some(error.into()),
    })?;
    while Instant::now() + STEP_TIME < until && !report.finished {
        let removed = conversations::expire(&app.database, before, STEP).await?;
        report.finished = removed.conversation_events < STEP.unsigned_abs();
        report.removed.conversation_events += removed.conversation_events;
        report.removed.conversation_embeddings += removed.conversation_embeddings;
    }
    tracing::info!(
        events = report.removed.conversation_events,
        finished = report.finished,
        "removed what was old"
    );
    Ok(report)
}
