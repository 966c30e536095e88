//! What nobody needs any more goes, every night after the reconcile: links that no article has, old reports, old conflicts.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use shared::db::knowledge_sync::Lease;
use shared::db::{knowledge_conflicts, knowledge_links, knowledge_runs};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// So long reports and conflicts that are over are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Runs, each with its report, or conflicts that go in one statement.
const STEP: i64 = 100;
/// With less time than this before the end nothing further is begun.
const STEP_TIME: Duration = Duration::from_secs(5);

/// What went.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Swept {
    pub(crate) links: u64,
    pub(crate) runs: u64,
    pub(crate) conflicts: u64,
}

/// Removes it, as far as the time allows. What is left goes the next night.
pub(crate) async fn tidy(app: &App, lease: &Lease, until: Instant) -> Result<Swept, Error> {
    let mut swept = Swept::default();
    if Instant::now() + STEP_TIME > until {
        return Ok(swept);
    }
    let database = &app.database;
    swept.links = knowledge_links::sweep(database, lease).await?;
    let now = Timestamp::now();
    let before = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    swept.runs = steps(until, || knowledge_runs::expire(database, before, STEP)).await?;
    swept.conflicts = steps(until, || {
        knowledge_conflicts::expire(database, before, STEP)
    })
    .await?;
    Ok(swept)
}

/// Step after step until one finds nothing.
async fn steps(until: Instant, step: impl AsyncFn() -> Result<u64, Error>) -> Result<u64, Error> {
    let mut gone = 0;
    while Instant::now() + STEP_TIME < until {
        match step().await? {
            0 => break,
            some => gone += some,
        }
    }
    Ok(gone)
}
