//! The table `knowledge_runs`: what is to be done, how far it has come, and what came of it.

mod report;

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio_postgres::types::{ToSql, Type};

use self::report::{COLUMNS, read};
pub use self::report::{Run, expire, fetch};
use super::Database;
use super::connect::failed;
use super::knowledge_seen;
use super::knowledge_sync::{Lease, hold, raise_watermark};
use super::transaction::begin;
use crate::domain::{RunId, RunKind, RunState};
use crate::error::Error;

/// Any fixed number: those who schedule runs come one after the other.
const LOCK: i64 = 0x0043_586f_6e65_5275;

/// Asks for a run. Asked for again under the same id, it stays as it is.
pub async fn request(
    database: &Database,
    run: RunId,
    kind: RunKind,
    accept_removals: bool,
) -> Result<(), Error> {
    let request = "INSERT INTO knowledge_runs (id, kind, accept_removals) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&run.as_uuid(), Type::UUID),
        (&kind.as_str(), Type::TEXT),
        (&accept_removals, Type::BOOL),
    ];
    let connection = database.connection().await?;
    let requested = connection.query_typed(request, &values).await;
    requested.map(drop).map_err(failed)
}

/// Queues a run that nobody asked for but the clock; `None` if one of its kind waits already or is at work.
pub async fn schedule(database: &Database, kind: RunKind) -> Result<Option<RunId>, Error> {
    let lock = "SELECT pg_advisory_xact_lock($1)";
    // A statement of its own: it sees what was committed while the lock was waited for.
    let add = "INSERT INTO knowledge_runs (id, kind, accept_removals) SELECT $1, $2, false
        WHERE NOT EXISTS (SELECT FROM knowledge_runs WHERE kind = $2 AND state IN ('queued', 'running'))";
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let locked = transaction.query_typed(lock, &[(&LOCK, Type::INT8)]).await;
    locked.map_err(failed)?;
    let run = RunId::generate();
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&run.as_uuid(), Type::UUID), (&kind.as_str(), Type::TEXT)];
    let added = transaction.execute_typed(add, &values).await;
    let is_new = added.map_err(failed)? > 0;
    transaction.commit().await.map_err(failed)?;
    Ok(is_new.then_some(run))
}

/// What is to be done now: the run that was begun, or the one that waits longest, which begins hereby.
pub async fn next(database: &Database, lease: &Lease) -> Result<Option<Run>, Error> {
    let next = format!(
        "UPDATE knowledge_runs SET state = 'running', started_at = coalesce(started_at, clock_timestamp())
        WHERE id = (SELECT id FROM knowledge_runs WHERE state IN ('queued', 'running')
            ORDER BY state = 'running' DESC, requested_at, id LIMIT 1)
        RETURNING {COLUMNS}"
    );
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    hold(&transaction, lease).await?;
    let rows = transaction.query_typed(&next, &[]).await.map_err(failed)?;
    let run = rows.first().map(read).transpose()?;
    transaction.commit().await.map_err(failed)?;
    Ok(run)
}

/// Keeps how far a run has come where no page is stored with it.
pub async fn keep(
    database: &Database,
    lease: &Lease,
    run: RunId,
    checkpoint: &RawValue,
    counts: &RawValue,
) -> Result<(), Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    hold(&transaction, lease).await?;
    save(&transaction, run, checkpoint, counts).await?;
    transaction.commit().await.map_err(failed)
}

/// Keeps how far a run has come. One that does not run cannot come further: [`Error::Conflict`].
pub(super) async fn save(
    transaction: &Transaction<'_>,
    run: RunId,
    checkpoint: &RawValue,
    counts: &RawValue,
) -> Result<(), Error> {
    let save = "UPDATE knowledge_runs SET checkpoint = $2::text::json, counts = $3::text::json
        WHERE id = $1 AND state = 'running'";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&run.as_uuid(), Type::UUID),
        (&checkpoint.get(), Type::TEXT),
        (&counts.get(), Type::TEXT),
    ];
    match transaction.execute_typed(save, &values).await {
        Ok(0) => Err(Error::Conflict("the run is not at work".to_owned())),
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// How a run ends.
#[derive(Debug, Clone)]
pub struct Ending {
    /// Done, held or failed.
    pub state: RunState,
    /// What it did, as JSON.
    pub counts: Box<RawValue>,
    /// Why it came to nothing, for people.
    pub error: Option<String>,
    /// Everything that CXone changed before this is here now. It never goes back.
    pub watermark: Option<Timestamp>,
}

/// Ends a run, and forgets what its listings named. One that is over already stays as it is.
pub async fn finish(
    database: &Database,
    lease: &Lease,
    run: RunId,
    ending: &Ending,
) -> Result<(), Error> {
    let finish = "UPDATE knowledge_runs SET state = $2, counts = $3::text::json, error = $4, finished_at = clock_timestamp()
        WHERE id = $1 AND state = 'running'";
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&run.as_uuid(), Type::UUID),
        (&ending.state.as_str(), Type::TEXT),
        (&ending.counts.get(), Type::TEXT),
        (&ending.error, Type::TEXT),
    ];
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    hold(&transaction, lease).await?;
    let finished = transaction.execute_typed(finish, &values).await;
    if finished.map_err(failed)? > 0 {
        knowledge_seen::forget(&transaction, run).await?;
        if let Some(watermark) = ending.watermark {
            raise_watermark(&transaction, watermark).await?;
        }
    }
    crate::fail_point::reach("finish_run.before_commit");
    transaction.commit().await.map_err(failed)
}
