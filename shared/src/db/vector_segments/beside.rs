//! Rows that nobody sees yet go with those that all see.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Transaction};

use super::SegmentId;
use crate::db::connect::failed;
use crate::db::conversation_events::EventId;
use crate::error::Error;

/// Removes the rows of these events, which go themselves, from segments that are built and have not taken the place of others yet.
///
/// The transaction has deleted from the table of all segments: so until it ends nothing changes places. One that is being built just now
/// is not waited for: its builder removes at its end what was written down.
pub(in crate::db) async fn delete_beside(
    transaction: &Transaction<'_>,
    events: &[EventId],
) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let events: Vec<_> = events.iter().map(|event| event.0).collect();
    let events: [(&(dyn ToSql + Sync), Type); 1] = [(&events, Type::INT8_ARRAY)];
    for segment in hold_built(transaction).await? {
        // By the primary key, whatever the planner knows of a table that is so new.
        let by_key = "SET LOCAL enable_seqscan = off";
        let set = transaction.batch_execute(by_key).await;
        set.map_err(failed)?;
        let delete = format!("DELETE FROM {} WHERE event_id = ANY($1)", segment.table());
        let deleted = transaction.execute_typed(&delete, &events).await;
        deleted.map_err(failed)?;
        let reset = transaction
            .batch_execute("SET LOCAL enable_seqscan TO DEFAULT")
            .await;
        reset.map_err(failed)?;
    }
    Ok(())
}

/// Those that are built. Who builds holds the row until all is committed, and nobody begins to before this transaction ends. A table gets
/// its primary key in the transaction that fills it.
async fn hold_built(transaction: &Transaction<'_>) -> Result<Vec<SegmentId>, Error> {
    let built = "SELECT id FROM vector_segments WHERE state = 'building' AND EXISTS (
            SELECT FROM pg_index WHERE indrelid = to_regclass('conversation_embeddings_' || id) AND indisprimary)
        ORDER BY id FOR SHARE SKIP LOCKED";
    let rows = transaction.query_typed(built, &[]).await;
    let id = |row: &Row| SegmentId(row.get(0));
    Ok(rows.map_err(failed)?.iter().map(id).collect())
}
