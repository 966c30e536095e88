//! Conversations go: one by name, for good; or all that are old.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::types::Type;

use super::{LIMITS, lock_conversations};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversation_embeddings;
use crate::db::conversation_events::EventId;
use crate::db::erased_conversations::{self, ConversationMac, Removed};
use crate::domain::{ConversationId, ReceiptId};
use crate::error::Error;

/// Removes a conversation everywhere, and leaves a tombstone, even if there was nothing: a copy may still be on its way.
pub async fn erase(
    database: &Database,
    conversation: &ConversationId,
    mac: &ConversationMac,
    receipt: ReceiptId,
) -> Result<Removed, Error> {
    let mut connection = database.connection().await?;
    let transaction = connection.transaction().await.map_err(failed)?;
    transaction.batch_execute(LIMITS).await.map_err(failed)?;
    lock_conversations(&transaction, std::iter::once(conversation)).await?;
    let events = "SELECT id FROM conversation_events WHERE conversation_id = $1";
    let rows = transaction
        .query_typed(events, &[(&conversation.as_str(), Type::TEXT)])
        .await
        .map_err(failed)?;
    let events: Vec<_> = rows.iter().map(|row| EventId(row.get(0))).collect();
    let removed = remove(&transaction, &events).await?;
    erased_conversations::bury(&*transaction, mac, receipt, removed).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(removed)
}

/// Removes up to `most` of the events that were received before `before`, the oldest first.
pub async fn expire(database: &Database, before: Timestamp, most: i64) -> Result<Removed, Error> {
    let mut connection = database.connection().await?;
    let transaction = connection.transaction().await.map_err(failed)?;
    transaction.batch_execute(LIMITS).await.map_err(failed)?;
    let old =
        "SELECT id FROM conversation_events WHERE received_at < $1 ORDER BY received_at LIMIT $2
        FOR UPDATE SKIP LOCKED";
    let question = [(&before as _, Type::TIMESTAMPTZ), (&most as _, Type::INT8)];
    let rows = transaction.query_typed(old, &question).await;
    let events: Vec<_> = rows
        .map_err(failed)?
        .iter()
        .map(|row| EventId(row.get(0)))
        .collect();
    let removed = remove(&transaction, &events).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(removed)
}

async fn remove(transaction: &Transaction<'_>, events: &[EventId]) -> Result<Removed, Error> {
    let claims = "DELETE FROM embedding_claims c USING conversation_events e WHERE e.id = ANY($1) AND c.event_key = e.event_key";
    let delete = "DELETE FROM conversation_events WHERE id = ANY($1)";
    let ids: Vec<_> = events.iter().map(|event| event.0).collect();
    let conversation_embeddings =
        conversation_embeddings::delete(transaction, events, None).await?;
    let ids = [(&ids as _, Type::INT8_ARRAY)];
    transaction
        .execute_typed(claims, &ids)
        .await
        .map_err(failed)?;
    let conversation_events = transaction.execute_typed(delete, &ids).await;
    Ok(Removed {
        conversation_events: conversation_events.map_err(failed)?,
        conversation_embeddings,
    })
}
