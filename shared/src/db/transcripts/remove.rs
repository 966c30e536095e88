//! Transcripts go: those of one name, for good; or all that ended long ago.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored::strange;
use crate::domain::{ConversationId, ConversationMac};
use crate::error::Error;

/// The interactions with this name, and those whose transcripts became the conversation with this name, under the key of tombstones.
pub(crate) async fn fetch_interactions(
    transaction: &Transaction<'_>,
    name: &ConversationId,
) -> Result<Vec<(ConversationId, ConversationMac)>, Error> {
    let fetch = "SELECT DISTINCT interaction_id, subject_mac FROM transcripts WHERE interaction_id = $1 OR conversation_id = $1";
    let name = [(&name.as_str() as _, Type::TEXT)];
    let rows = transaction.query_typed(fetch, &name).await;
    rows.map_err(failed)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<(ConversationId, ConversationMac), Error> {
    let name = ConversationId::parse(row.get::<_, String>(0)).map_err(|_| strange(row, 0))?;
    let bytes: Result<[u8; 32], _> = row.get::<_, &[u8]>(1).try_into();
    let mac = bytes
        .map(ConversationMac::new)
        .map_err(|_| strange(row, 1))?;
    Ok((name, mac))
}

/// Removes every part of these interactions, and of what became this conversation; whatever becomes of a post that is under way, nothing
/// is written of it. Gives how many parts went; nothing, if one was of another interaction.
pub(crate) async fn erase(
    transaction: &Transaction<'_>,
    conversation: &ConversationId,
    interactions: &[ConversationId],
) -> Result<Option<u64>, Error> {
    let erase = "
        DELETE FROM transcripts WHERE (id, part) IN (
            SELECT id, part FROM transcripts WHERE interaction_id = ANY($1) OR conversation_id = $2 ORDER BY number FOR UPDATE)
        RETURNING interaction_id = ANY($1)";
    let names: Vec<_> = interactions.iter().map(ConversationId::as_str).collect();
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&names, Type::TEXT_ARRAY),
        (&conversation.as_str(), Type::TEXT),
    ];
    let rows = transaction.query_typed(erase, &values).await;
    let rows = rows.map_err(failed)?;
    let are_theirs = rows.iter().all(|row| row.get(0));
    Ok(are_theirs.then(|| u64::try_from(rows.len()).unwrap_or(u64::MAX)))
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
