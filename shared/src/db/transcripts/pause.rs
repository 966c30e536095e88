//! Nobody posts for a while, because CXone asks for that, or lets nobody in.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// Lets nobody post for this time; a longer pause that stands remains. With `trouble`, what a person has to change, only one post at a time
/// is tried afterwards, until [`resume`].
pub async fn pause(
    database: &Database,
    span: Duration,
    trouble: Option<&str>,
) -> Result<(), Error> {
    let pause = "UPDATE injection_pace SET paused_until = greatest(paused_until, clock_timestamp() + least($1, 86400) * interval '1 second'),
            trouble = coalesce($2, trouble),
            troubled_since = CASE WHEN $2 IS NULL THEN troubled_since ELSE coalesce(troubled_since, clock_timestamp()) END";
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&span.as_secs_f64(), Type::FLOAT8), (&trouble, Type::TEXT)];
    let connection = database.connection().await?;
    let paused = connection.execute_typed(pause, &values).await;
    paused.map(drop).map_err(failed)
}

/// CXone lets us in: there is no trouble any more. Says whether there was.
pub async fn resume(database: &Database) -> Result<bool, Error> {
    let resume =
        "UPDATE injection_pace SET trouble = NULL, troubled_since = NULL WHERE trouble IS NOT NULL";
    let connection = database.connection().await?;
    let resumed = connection.execute_typed(resume, &[]).await;
    resumed.map(|rows| rows > 0).map_err(failed)
}
