//! The segment that takes the writes.

use std::num::NonZeroU32;

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Transaction};

use super::{LOCK, SegmentId};
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::error::Error;
use crate::search::words::Doc;

/// A fresh segment is full with so many numbers: 10,000 vectors of 384, or 2,500 of 1,536. Looking at so many one by one takes 7 to 13 ms.
pub const FRESH_VALUES: NonZeroU32 = NonZeroU32::MIN.saturating_add(3_839_999);

/// How full a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// The model.
    pub model: ModelId,
    /// The segment, which was fresh.
    pub segment: SegmentId,
    /// The numbers that its vectors have, at most. All models count their chunks together, so there may be fewer: whoever closes it looks
    /// ([`roll_over`](super::roll_over)).
    pub values: i64,
}

/// What a writer holds.
#[derive(Debug)]
pub(in crate::db) struct Held {
    /// The segments that take the vectors, by model.
    pub(in crate::db) segments: Vec<(ModelId, SegmentId)>,
    /// Numbers for chunks, in order.
    pub(in crate::db) docs: Vec<Doc>,
    /// How full the segments are with them.
    pub(in crate::db) fills: Vec<Fill>,
}

/// Whoever changes rows of segments holds this until the transaction ends. It never waits.
pub(in crate::db) async fn hold(transaction: &Transaction<'_>) -> Result<(), Error> {
    let lock = "SELECT pg_advisory_xact_lock_shared($1)";
    let held = transaction.query_typed(lock, &[(&LOCK, Type::INT8)]);
    held.await.map(drop).map_err(failed)
}

/// The segments that take these models' vectors, and numbers for so many chunks. They are not sealed before the transaction ends.
pub(in crate::db) async fn hold_fresh(
    transaction: &Transaction<'_>,
    models: &[ModelId],
    chunks: usize,
) -> Result<Held, Error> {
    hold(transaction).await?;
    // A statement of its own: whoever waits for the holders of the lock has closed a segment before, and this does not see it as fresh.
    let fresh = "WITH docs AS MATERIALIZED (
            SELECT array_agg(doc ORDER BY doc) AS docs FROM (SELECT nextval('conversation_docs') AS doc FROM generate_series(1, $2)) d)
        SELECT s.model_id, s.id, d.docs, coalesce((d.docs[cardinality(d.docs)] - s.first_doc) * m.dimensions, 0)
        FROM vector_segments s JOIN embedding_models m ON m.id = s.model_id, docs d
        WHERE s.model_id = ANY($1) AND s.state = 'fresh'";
    let ids: Vec<i16> = models.iter().map(|model| model.0).collect();
    let chunks = i64::try_from(chunks).unwrap_or(i64::MAX);
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&ids, Type::INT2_ARRAY), (&chunks, Type::INT8)];
    let rows = transaction.query_typed(fresh, &values).await;
    let rows = rows.map_err(failed)?;
    let docs: Vec<i64> = rows.first().map(|row| row.get(2)).unwrap_or_default();
    let fills: Vec<_> = rows.iter().map(fill).collect();
    let segments = fills.iter().map(|fill| (fill.model, fill.segment));
    let segments: Vec<_> = segments.collect();
    let has_segment = |model: &ModelId| segments.iter().any(|(one, _)| one == model);
    if !models.iter().all(has_segment) {
        let cause = "the model has none now";
        return Err(Error::transient("the fresh segment", cause));
    }
    Ok(Held {
        segments,
        docs: docs.into_iter().map(Doc).collect(),
        fills,
    })
}

fn fill(row: &Row) -> Fill {
    Fill {
        model: ModelId(row.get(0)),
        segment: SegmentId(row.get(1)),
        values: row.get(3),
    }
}
