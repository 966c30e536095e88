//! The table `transcript_tallies`: how many parts there are of each kind. Triggers add a row for each change; here they become few again.

use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// Folds up to `most` rows into one of each kind; their sum stays what it is. Says how many were folded.
pub async fn fold_tallies(database: &Database, most: i64) -> Result<i64, Error> {
    let fold = "
        WITH gone AS (
            DELETE FROM transcript_tallies WHERE number IN (
                SELECT number FROM transcript_tallies ORDER BY number LIMIT $1 FOR UPDATE SKIP LOCKED)
            RETURNING state, archived, parts, latencies, latency_ms),
        folded AS (
            INSERT INTO transcript_tallies (state, archived, parts, latencies, latency_ms)
            SELECT state, archived, sum(parts), sum(latencies), sum(latency_ms) FROM gone GROUP BY state, archived
            HAVING (sum(parts), sum(latencies), sum(latency_ms)) <> (0, 0, 0))
        SELECT count(*) FROM gone";
    let connection = database.connection().await?;
    let folded = connection
        .query_typed_one(fold, &[(&most, Type::INT8)])
        .await;
    folded.map(|row| row.get(0)).map_err(failed)
}
