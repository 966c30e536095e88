//! Transcripts go: those of one name, for good; or all that ended long ago.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored::strange;
use crate::domain::ConversationMac;
use crate::error::Error;

/// Removes every part of what has this name in CXone, an interaction or the conversation that was made of it; whatever becomes of a post
/// that is under way, nothing is written of it. Gives the names of their interactions under the key of tombstones, and how many parts went.
pub(crate) async fn erase(
    transaction: &Transaction<'_>,
    name: &str,
) -> Result<(Vec<ConversationMac>, u64), Error> {
    let erase = "
        DELETE FROM transcripts WHERE (id, part) IN (
            SELECT id, part FROM transcripts WHERE interaction_id = $1 OR conversation_id = $1 ORDER BY number FOR UPDATE)
        RETURNING subject_mac";
    let rows = transaction.query_typed(erase, &[(&name, Type::TEXT)]).await;
    let rows = rows.map_err(failed)?;
    let removed = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let macs: Result<_, _> = rows.iter().map(mac).collect();
    Ok((macs?, removed))
}

fn mac(row: &Row) -> Result<ConversationMac, Error> {
    let bytes: Result<[u8; 32], _> = row.get::<_, &[u8]>(0).try_into();
    bytes.map(ConversationMac::new).map_err(|_| strange(row, 0))
}

/// Removes up to `most` transcripts of which every part ended before, the oldest first; says how many parts went. A dead part goes too, lest
/// it hold what follows for ever, and takes along what waits for it in its own transcript: without it, that is none.
pub async fn expire(database: &Database, before: Timestamp, most: i64) -> Result<u64, Error> {
    let expire = "
        DELETE FROM transcripts WHERE id IN (
            SELECT t.id FROM transcripts t WHERE t.ended_at < $1 AND NOT EXISTS (
                SELECT FROM transcripts o WHERE o.id = t.id AND (o.ended_at >= $1 OR o.ended_at IS NULL AND NOT EXISTS (
                    SELECT FROM transcripts d WHERE d.id = t.id AND d.state = 'dead')))
            ORDER BY t.ended_at LIMIT $2 FOR UPDATE OF t SKIP LOCKED)";
    let values = [(&before as _, Type::TIMESTAMPTZ), (&most as _, Type::INT8)];
    let connection = database.connection().await?;
    let expired = connection.execute_typed(expire, &values).await;
    expired.map_err(failed)
}
