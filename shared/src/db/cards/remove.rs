//! Interactions go: one by name, or all that are long silent.

use deadpool_postgres::Transaction;
use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// What was tidied up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tidied {
    /// Interactions that were forgotten.
    pub removed: u64,
    /// Cards of which nobody will know whether they were shown: whoever posted them died.
    pub doubtful: u64,
}

/// Forgets what is remembered of an interaction; says how many rows went. Its cards go with the orders of its session.
pub(crate) async fn erase(transaction: &Transaction<'_>, interaction: &str) -> Result<u64, Error> {
    let erase = "DELETE FROM assist_interactions WHERE interaction_id = $1";
    let id = [(&interaction as _, Type::TEXT)];
    let erased = transaction.execute_typed(erase, &id).await;
    erased.map_err(failed)
}

/// Forgets up to `most` interactions in which nothing was said for a day, and gives up waiting for cards that are pending for a minute.
pub async fn tidy(database: &Database, most: i64) -> Result<Tidied, Error> {
    let doubt = "UPDATE assist_impressions SET state = 'unknown' WHERE state = 'pending' AND shown_at < now() - interval '1 minute'";
    let connection = database.connection().await?;
    let doubtful = connection.execute_typed(doubt, &[]).await;
    let doubtful = doubtful.map_err(failed)?;
    // There is one connection.
    drop(connection);
    Ok(Tidied {
        removed: expire(database, most).await?,
        doubtful,
    })
}

/// Forgets up to `most` interactions in which nothing was said for a day; says how many.
pub async fn expire(database: &Database, most: i64) -> Result<u64, Error> {
    let expire = "
        DELETE FROM assist_interactions WHERE ctid IN (
            SELECT ctid FROM assist_interactions WHERE updated_at < now() - interval '1 day'
            ORDER BY updated_at LIMIT $1 FOR UPDATE SKIP LOCKED)";
    let connection = database.connection().await?;
    let most = [(&most as _, Type::INT8)];
    let expired = connection.execute_typed(expire, &most).await;
    expired.map_err(failed)
}
