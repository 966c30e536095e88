//! What was given up is brought back.

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::db::Database;
use crate::db::connect::failed;
use crate::domain::TranscriptId;
use crate::error::Error;

/// What is brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// These transcripts: what is dead of them, and that of which the outcome is unknown. It is posted again as if it never was.
    Ids(&'a [TranscriptId]),
    /// All that died for this reason.
    Reason(&'a str),
}

/// Brings them back to their place in the line; says how many parts.
pub async fn requeue(database: &Database, which: Which<'_>) -> Result<u64, Error> {
    let requeue = "UPDATE transcripts SET state = 'pending', ended_at = NULL, attempts = 0, next_try_at = clock_timestamp(),
            waits_since = clock_timestamp(), in_doubt = in_doubt AND state = 'dead'
        WHERE state = 'dead' AND (id = ANY($1) OR reason = $2) OR state = 'outcome_unknown' AND id = ANY($1)";
    let (ids, reason): (Vec<Uuid>, _) = match which {
        Which::Ids(ids) => (ids.iter().map(TranscriptId::as_uuid).collect(), None),
        Which::Reason(reason) => (Vec::new(), Some(reason)),
    };
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&ids, Type::UUID_ARRAY), (&reason, Type::TEXT)];
    let connection = database.connection().await?;
    let requeued = connection.execute_typed(requeue, &values).await;
    requeued.map_err(failed)
}
