//! The making of a segment of others: what was begun, and how far it is.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Transaction};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::db::transaction::begin as begin_transaction;
use crate::db::vector_segments::keeper::hold_lease;
use crate::db::vector_segments::{Lease, SegmentId};
use crate::error::Error;

/// A segment that is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) model: ModelId,
    pub(super) dimensions: i16,
    pub(super) target: SegmentId,
    pub(super) tier: i16,
    /// In the order of their rows.
    pub(super) sources: Vec<SegmentId>,
    /// The rows that they had when they were sealed, or have.
    pub(super) rows: i64,
    /// Whether the target has all of its rows and indexes, but for what was deleted since.
    pub(super) is_built: bool,
}

impl Work {
    /// The numbers of all vectors.
    pub(super) fn values(&self) -> i64 {
        self.rows.saturating_mul(i64::from(self.dimensions))
    }
}

/// Of what a segment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Of sealed segments.
    Sealed,
    /// Of closed ones, or of one.
    Closed,
}

impl Of {
    fn state(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Closed => "closed",
        }
    }
}

/// What was begun and is not done, the first of it.
pub(super) async fn fetch(
    database: &Database,
    model: ModelId,
    of: Of,
) -> Result<Option<Work>, Error> {
    // The table gets its primary key in the transaction that fills it. Only the rows of sealed segments were counted.
    let work = "SELECT t.id, m.dimensions, r.sources, r.rows, EXISTS (
            SELECT FROM pg_index WHERE indrelid = to_regclass('conversation_embeddings_' || t.id) AND indisprimary), t.tier
        FROM vector_segments t JOIN embedding_models m ON m.id = t.model_id
        CROSS JOIN LATERAL (SELECT array_agg(s.id ORDER BY s.first_doc, s.id) AS sources,
                sum(coalesce(s.row_count, (SELECT count(*) FROM conversation_embeddings e WHERE e.segment = s.id)))::int8 AS rows
            FROM vector_segments s WHERE s.replaced_by = t.id AND s.state = $2) r
        WHERE t.model_id = $1 AND t.state = 'building' AND r.sources IS NOT NULL ORDER BY t.id LIMIT 1";
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&model.0, Type::INT2), (&of.state(), Type::TEXT)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(work, &values).await;
    let rows = rows.map_err(failed)?;
    Ok(rows.first().map(|row| read(model, row)))
}

fn read(model: ModelId, row: &Row) -> Work {
    let (dimensions, sources): (i16, Vec<i32>) = (row.get(1), row.get(2));
    Work {
        model,
        dimensions,
        target: SegmentId(row.get(0)),
        sources: sources.into_iter().map(SegmentId).collect(),
        rows: row.get(3),
        is_built: row.get(4),
        tier: row.get(5),
    }
}

/// Says that one is to be made of these, unless something else became of them. From then on whoever deletes from them writes it down.
pub(super) async fn begin(
    database: &Database,
    lease: &Lease,
    of: Of,
    sources: &[SegmentId],
    tier: i16,
) -> Result<Option<Work>, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin_transaction(&mut connection).await?;
    hold_lease(&transaction, lease).await?;
    let add = "WITH target AS (
            INSERT INTO vector_segments (model_id, state, tier, first_doc)
            SELECT $1, 'building', $2, min(first_doc) FROM vector_segments WHERE id = ANY($3) RETURNING id)
        UPDATE vector_segments s SET replaced_by = target.id FROM target
        WHERE s.id = ANY($3) AND s.model_id = $1 AND s.state = $4 AND s.replaced_by IS NULL";
    let model = lease.model();
    let ids: Vec<_> = sources.iter().map(|one| one.0).collect();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&model.0, Type::INT2),
        (&tier, Type::INT2),
        (&ids, Type::INT4_ARRAY),
        (&of.state(), Type::TEXT),
    ];
    let begun = transaction.execute_typed(add, &values).await;
    if begun.map_err(failed)? != u64::try_from(sources.len()).unwrap_or_default() {
        return Ok(None);
    }
    crate::fail_point::reach("merge.before_begun");
    transaction.commit().await.map_err(failed)?;
    drop(connection);
    fetch(database, model, of).await
}

/// Whether nobody builds it, and nobody begins to before the transaction ends. A keeper that lost its lease and does not know may still be
/// at it.
pub(super) async fn hold(transaction: &Transaction<'_>, work: &Work) -> Result<bool, Error> {
    let building = "SELECT FROM vector_segments WHERE id = $1 AND state = 'building' FOR NO KEY UPDATE SKIP LOCKED";
    let held = transaction
        .query_typed(building, &[(&work.target.0, Type::INT4)])
        .await;
    Ok(!held.map_err(failed)?.is_empty())
}

/// Whether it has its rows and indexes by now, for a transaction that holds it.
pub(super) async fn is_built(transaction: &Transaction<'_>, work: &Work) -> Result<bool, Error> {
    let built =
        "SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = to_regclass($1) AND indisprimary)";
    let table = work.target.table();
    let row = transaction
        .query_typed_one(built, &[(&table, Type::TEXT)])
        .await;
    Ok(row.map_err(failed)?.get(0))
}

/// What was written down to be deleted from the sources goes from the target, by its primary key whatever the planner knows of the table.
pub(super) fn remove(target: SegmentId, sources: &[SegmentId]) -> String {
    let (table, sources) = (target.table(), numbers(sources));
    format!(
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
        WITH removed AS (DELETE FROM segment_removed WHERE segment IN ({sources}) RETURNING event_id, chunk)
        DELETE FROM {table} t USING removed r WHERE t.event_id = r.event_id AND t.chunk = r.chunk;"
    )
}

/// What was written down until now went before anything is copied. It may be from a work that was given up, and what has come back since
/// then, in another of the sources, must not go with it.
///
/// Each statement sees what was committed before it: what this one sees is in no source any more when they are read. All who deleted for
/// an earlier work have been waited for, so what is committed later is from the sources as they are now.
pub(super) fn forget(sources: &[SegmentId]) -> String {
    let sources = numbers(sources);
    format!("DELETE FROM segment_removed WHERE segment IN ({sources})")
}

pub(super) fn numbers(segments: &[SegmentId]) -> String {
    let numbers: Vec<_> = segments.iter().map(|one| one.0.to_string()).collect();
    numbers.join(", ")
}

/// Gives up what was begun, and of which nothing is built: its sources are as before. `false` if somebody builds it just now.
pub(super) async fn give_up(
    database: &Database,
    lease: &Lease,
    work: &Work,
) -> Result<bool, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin_transaction(&mut connection).await?;
    hold_lease(&transaction, lease).await?;
    if !hold(&transaction, work).await? {
        return Ok(false);
    }
    let (drop, id) = (work.target.drop_tables(), work.target.0);
    // Whoever deletes just now may still write down what went. The next build forgets it before it reads (`forget`).
    let gone = format!(
        "DELETE FROM segment_removed WHERE segment IN (SELECT id FROM vector_segments WHERE replaced_by = {id});
        UPDATE vector_segments SET replaced_by = NULL WHERE replaced_by = {id};
        {drop} DELETE FROM vector_segments WHERE id = {id}"
    );
    transaction.batch_execute(&gone).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(true)
}
