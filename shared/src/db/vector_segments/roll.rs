//! A full segment gives way to the next one.

use tokio_postgres::types::Type;

use super::Fill;
use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// Closes a segment, and lets the next one of its model take the writes; says whether this did it. It does nothing if somebody else was
/// faster, or if there is no next one: then writers go on in the full one.
///
/// One statement, after what filled the segment is committed. Whoever is in the middle of writing goes on into the closed one.
pub async fn roll_over(database: &Database, full: &Fill) -> Result<bool, Error> {
    // The fresh one goes before the next one comes, because there must not be two of them: what comes reads what went.
    let roll = "WITH next AS MATERIALIZED (
            SELECT id FROM vector_segments WHERE model_id = $1 AND state = 'next' FOR NO KEY UPDATE SKIP LOCKED),
        closed AS (
            UPDATE vector_segments SET state = 'closed', closed_at = clock_timestamp()
            WHERE id = $2 AND state = 'fresh' AND EXISTS (SELECT FROM next) RETURNING id)
        UPDATE vector_segments s SET state = 'fresh', first_doc = (SELECT last_value FROM conversation_docs)
        FROM next, closed WHERE s.id = next.id";
    let values = [
        (&full.model.0 as _, Type::INT2),
        (&full.segment.0 as _, Type::INT4),
    ];
    let connection = database.connection().await?;
    let rolled = connection.execute_typed(roll, &values).await;
    Ok(rolled.map_err(failed)? > 0)
}
