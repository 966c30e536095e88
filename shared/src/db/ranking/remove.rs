//! Orders go: those of one session, for good; or all that are old.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// What goes, and by which column; in the order in which an order that ends writes them, so that nobody waits in a circle.
const TABLES: [(&str, &str); 4] = [
    ("ranking_sessions", "updated_at"),
    ("ranking_orders", "created_at"),
    ("assist_impressions", "shown_at"),
    ("assist_clicks", "clicked_at"),
];

/// Removes everything of a session or an interaction; says how many rows went.
pub(crate) async fn erase(transaction: &Transaction<'_>, session: &str) -> Result<u64, Error> {
    let mut removed = 0;
    for (table, _) in TABLES {
        let erase = format!("DELETE FROM {table} WHERE session_id = $1");
        let session = [(&session as _, Type::TEXT)];
        let erased = transaction.execute_typed(&erase, &session).await;
        removed += erased.map_err(failed)?;
    }
    Ok(removed)
}

/// Removes what is older, up to `most` rows of each table, the oldest first; says how many rows went. A session goes after its orders: the
/// next one of that name would begin with a version that one of them has.
pub async fn expire(database: &Database, before: Timestamp, most: i64) -> Result<u64, Error> {
    let connection = database.connection().await?;
    let mut removed = 0;
    for (table, at) in TABLES.into_iter().rev() {
        let unless = match table {
            "ranking_sessions" => {
                "AND NOT EXISTS (SELECT FROM ranking_orders o WHERE o.session_id = s.session_id)"
            }
            _ => "",
        };
        let expire = format!(
            "DELETE FROM {table} WHERE ctid IN (
                SELECT ctid FROM {table} s WHERE {at} < $1 {unless} ORDER BY {at} LIMIT $2 FOR UPDATE OF s SKIP LOCKED)"
        );
        let values = [(&before as _, Type::TIMESTAMPTZ), (&most as _, Type::INT8)];
        let expired = connection.execute_typed(&expire, &values).await;
        removed += expired.map_err(failed)?;
    }
    Ok(removed)
}
