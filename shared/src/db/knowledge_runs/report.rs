//! Runs as they are told, and for how long.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored;
use crate::domain::{RunId, RunKind, RunState};
use crate::error::Error;

/// The columns that [`read`] reads.
pub(super) const COLUMNS: &str =
    "id, kind, state, accept_removals, requested_at, started_at, finished_at,
    checkpoint::text AS checkpoint, counts::text AS counts, error";

/// A run of the sync.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Its name.
    pub id: RunId,
    /// What it looks at.
    pub kind: RunKind,
    /// How far it is.
    pub state: RunState,
    /// Whether it may remove more than the guard lets go.
    pub accept_removals: bool,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When a worker began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Where the next worker goes on; nobody else's business.
    #[serde(skip)]
    pub checkpoint: Option<Box<RawValue>>,
    /// What it did until now, as JSON.
    pub counts: Box<RawValue>,
    /// Why it came to nothing.
    pub error: Option<String>,
}

/// Reads a row of [`COLUMNS`].
pub(super) fn read(row: &Row) -> Result<Run, Error> {
    let id: uuid::Uuid = row.get(0);
    Ok(Run {
        id: id.into(),
        kind: stored::word(row, 1, RunKind::parse)?,
        state: stored::word(row, 2, RunState::parse)?,
        accept_removals: row.get(3),
        requested_at: row.get(4),
        started_at: row.get(5),
        finished_at: row.get(6),
        checkpoint: stored::document(row, 7)?,
        counts: stored::document(row, 8)?.unwrap_or_default(),
        error: row.get(9),
    })
}

/// The run of this name.
pub async fn fetch(database: &Database, run: RunId) -> Result<Option<Run>, Error> {
    let one = format!("SELECT {COLUMNS} FROM knowledge_runs WHERE id = $1");
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(&one, &[(&run.as_uuid(), Type::UUID)])
        .await;
    rows.map_err(failed)?.first().map(read).transpose()
}

/// Removes up to `most` of the runs that ended before `before`, the oldest first, with their reports; says how many.
pub async fn expire(database: &Database, before: Timestamp, most: i64) -> Result<u64, Error> {
    let expire = "DELETE FROM knowledge_runs WHERE id IN (
        SELECT id FROM knowledge_runs WHERE finished_at < $1 ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&before, Type::TIMESTAMPTZ), (&most, Type::INT8)];
    let connection = database.connection().await?;
    let expired = connection.execute_typed(expire, &values).await;
    expired.map_err(failed)
}
