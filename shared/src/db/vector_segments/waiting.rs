//! A graph that is built in its place stands only when every transaction of the database has ended that was there before it: a report keeps
//! it for hours, and the keeper with it. Whoever waits so long is stopped, and what was built goes: the next try makes the graph beside.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::keeper::Lease;
use crate::db::connect::failed;
use crate::error::Error;

/// Stops the builds that have waited for others until now, for longer than the lease's patience: those of its model, and those of keepers that
/// have no lease any more. What is really being built goes on. Says how many it stopped.
///
/// From another connection, because a pooler may stand between: then no setting of the session bounds a statement that must not stand in a
/// transaction.
pub(super) async fn stop_waiting(client: &Client, lease: &Lease) -> Result<i64, Error> {
    let stop = "WITH late AS MATERIALIZED (
            SELECT p.pid FROM pg_stat_progress_create_index p JOIN pg_stat_activity a ON a.pid = p.pid
            JOIN vector_segments s ON p.relid = to_regclass('conversation_embeddings_' || s.id)
            LEFT JOIN segment_keepers k ON k.model_id = s.model_id
            WHERE p.datname = current_database() AND p.command = 'CREATE INDEX CONCURRENTLY' AND p.phase LIKE 'waiting for%'
                AND (s.model_id = $1 OR (k.until < clock_timestamp()) IS NOT FALSE)
                AND a.query_start < clock_timestamp() - $2::float8 * interval '1 second')
        SELECT count(*) FROM late WHERE pg_cancel_backend(pid)";
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&lease.model().0, Type::INT2),
        (&lease.patience().as_secs_f64(), Type::FLOAT8),
    ];
    let stopped = client.query_typed_one(stop, &values).await;
    let stopped = stopped.map(|row: Row| row.get(0)).map_err(failed)?;
    if stopped > 0 {
        tracing::warn!(
            builds = stopped,
            "graphs that waited for others were stopped"
        );
    }
    Ok(stopped)
}
