//! A full segment gives way to the next one.

use tokio_postgres::types::{ToSql, Type};

use super::Fill;
use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// Closes a segment, and lets the next one of its model take the writes; says whether this did it. It does nothing if somebody else was
/// faster, or if there is no next one: then writers go on in the full one.
///
/// All models count their chunks together. So while another model is written to as well, the rows are counted, and a segment that has not
/// half of them goes on: from then on it is as full as it is.
///
/// One statement, after what filled the segment is committed. Whoever is in the middle of writing goes on into the closed one.
pub async fn roll_over(database: &Database, full: &Fill) -> Result<bool, Error> {
    // The fresh one goes before the next one comes, because there must not be two of them: what comes reads what went. Nobody counts but
    // who closes.
    let roll = "WITH next AS MATERIALIZED (
            SELECT id FROM vector_segments WHERE model_id = $1 AND state = 'next' FOR NO KEY UPDATE SKIP LOCKED),
        half AS MATERIALIZED (SELECT $3::int8 / dimensions / 2 AS rows FROM embedding_models WHERE id = $1),
        sparse AS MATERIALIZED (
            SELECT CASE WHEN EXISTS (SELECT FROM next) AND (SELECT count(*) FROM vector_segments WHERE state = 'fresh') > 1
                THEN (SELECT nullif(count(*), (SELECT rows FROM half)) FROM (
                    SELECT FROM conversation_embeddings WHERE segment = $2 LIMIT (SELECT rows FROM half)) r) END AS rows),
        left_open AS (
            UPDATE vector_segments SET first_doc = (SELECT last_value FROM conversation_docs) - sparse.rows
            FROM sparse WHERE id = $2 AND state = 'fresh' AND sparse.rows IS NOT NULL),
        closed AS (
            UPDATE vector_segments SET state = 'closed', closed_at = clock_timestamp()
            FROM sparse WHERE id = $2 AND state = 'fresh' AND sparse.rows IS NULL AND EXISTS (SELECT FROM next) RETURNING id)
        UPDATE vector_segments s SET state = 'fresh', first_doc = (SELECT last_value FROM conversation_docs)
        FROM next, closed WHERE s.id = next.id";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&full.model.0, Type::INT2),
        (&full.segment.0, Type::INT4),
        (&full.values, Type::INT8),
    ];
    let connection = database.connection().await?;
    let rolled = connection.execute_typed(roll, &values).await;
    Ok(rolled.map_err(failed)? > 0)
}
