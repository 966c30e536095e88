//! Segments all of whose events have expired go whole.

use std::time::Duration;

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::exchange::{Exchange, make};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::db::vector_segments::SegmentId;
use crate::db::words;
use crate::error::Error;
use crate::retry::Backoff;

/// For so long it is tried to let a segment go for which everything was made ready: who reads it is through in a moment. Whoever deletes
/// from it, or from its words, waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two tries.
const PAUSE: Backoff = Backoff {
    first: Duration::from_millis(200),
    most: Duration::from_millis(800),
};

/// What went.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// Segments.
    pub segments: u64,
    /// Their rows.
    pub rows: u64,
}

/// Lets sealed segments go whose events were all received before `before`: their rows need not be deleted one by one. Their events stand
/// until they are removed. What others work at, or are in the way of, is left to be deleted row by row. The tables go at once, and need no
/// lease for that: nobody works at what is held here.
pub async fn drop_expired(
    database: &Database,
    before: Timestamp,
    until: Instant,
) -> Result<Dropped, Error> {
    let mut dropped = Dropped::default();
    for segment in fetch_old(database, before).await? {
        if Instant::now() >= until {
            break;
        }
        if let Some(rows) = drop_if_expired(database, segment, before, until).await? {
            dropped.segments += 1;
            dropped.rows += rows;
        }
    }
    Ok(dropped)
}

/// Those that may have expired: what happened was received later.
async fn fetch_old(database: &Database, before: Timestamp) -> Result<Vec<SegmentId>, Error> {
    let old = "SELECT id FROM vector_segments WHERE state = 'sealed' AND replaced_by IS NULL AND last_at < $1 ORDER BY last_at";
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(old, &[(&before, Type::TIMESTAMPTZ)])
        .await;
    let id = |row: &Row| SegmentId(row.get(0));
    Ok(rows.map_err(failed)?.iter().map(id).collect())
}

/// Says how many rows went, if it was dropped.
async fn drop_if_expired(
    database: &Database,
    segment: SegmentId,
    before: Timestamp,
    until: Instant,
) -> Result<Option<u64>, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let left = until.saturating_duration_since(Instant::now()).as_millis();
    let limit = format!("SET LOCAL statement_timeout = {}", left.max(1));
    let limited = transaction.batch_execute(&limit).await;
    limited.map_err(failed)?;
    if !hold(&transaction, segment).await? {
        return Ok(None);
    }
    let (rows, standing) = count(&transaction, segment, before).await?;
    if standing > 0 {
        return Ok(None);
    }
    let table = segment.table();
    if !words::name_all_dead(&transaction, &table).await? {
        return Ok(None);
    }
    let is_gone = drop_held(&transaction, segment, until).await?;
    if is_gone {
        // It is committed already. The driver only has to know.
        transaction.commit().await.map_err(failed)?;
    }
    Ok(is_gone.then_some(rows))
}

/// Lets it go, and ends the transaction; `false` if others were in the way each time.
async fn drop_held(
    transaction: &Transaction<'_>,
    segment: SegmentId,
    until: Instant,
) -> Result<bool, Error> {
    let (change, limit) = (
        Exchange::Drop(segment),
        until.min(Instant::now() + PATIENCE),
    );
    for failures in 0.. {
        let mark = transaction.batch_execute("SAVEPOINT ready").await;
        mark.map_err(failed)?;
        if make(transaction, &change).await? {
            return Ok(true);
        }
        let back =
            transaction.batch_execute("ROLLBACK TO SAVEPOINT ready; RELEASE SAVEPOINT ready");
        back.await.map_err(failed)?;
        if Instant::now() + PAUSE.most >= limit {
            break;
        }
        PAUSE.sleep(failures).await;
    }
    Ok(false)
}

/// Whether it is sealed and nobody makes another of it: then until the transaction ends. Not if somebody else holds it.
pub(super) async fn hold(transaction: &Transaction<'_>, segment: SegmentId) -> Result<bool, Error> {
    is_there(transaction, segment, "FOR UPDATE SKIP LOCKED").await
}

/// Whether it is sealed and nobody makes another of it, whoever holds it.
pub(super) async fn stands(
    transaction: &Transaction<'_>,
    segment: SegmentId,
) -> Result<bool, Error> {
    is_there(transaction, segment, "").await
}

async fn is_there(
    transaction: &Transaction<'_>,
    segment: SegmentId,
    lock: &str,
) -> Result<bool, Error> {
    let sealed = format!(
        "SELECT FROM vector_segments WHERE id = $1 AND state = 'sealed' AND replaced_by IS NULL {lock}"
    );
    let found = transaction
        .query_typed(&sealed, &[(&segment.0, Type::INT4)])
        .await;
    Ok(!found.map_err(failed)?.is_empty())
}

/// Its rows, and those of them whose events have not expired. Sealed, it gains none.
async fn count(
    transaction: &Transaction<'_>,
    segment: SegmentId,
    before: Timestamp,
) -> Result<(u64, u64), Error> {
    let count = format!(
        "SELECT count(*), count(*) FILTER (WHERE e.received_at >= $1)
        FROM {} c LEFT JOIN conversation_events e ON e.id = c.event_id",
        segment.table()
    );
    let values: [(&(dyn ToSql + Sync), Type); 1] = [(&before, Type::TIMESTAMPTZ)];
    let row = transaction.query_typed_one(&count, &values).await;
    let row = row.map_err(failed)?;
    let (rows, standing): (i64, i64) = (row.get(0), row.get(1));
    Ok((rows.unsigned_abs(), standing.unsigned_abs()))
}
