//! Conversations go: one by name, for good; or all that are old.

use deadpool_postgres::Transaction;
use jiff::Timestamp;

use super::lock::lock_conversations;
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversation_events::{self, EventId};
use crate::db::erased_conversations::{self, ConversationMac, Removed, Tombstone};
use crate::db::transaction::begin;
use crate::db::{
    audit, callbacks, cards, conversation_embeddings, embedding_claims, ranking, stream,
    transcripts, vector_segments, words,
};
use crate::domain::{ConversationId, ReceiptId};
use crate::error::Error;

/// Removes a conversation everywhere, and leaves a tombstone, even if there was nothing: a copy may still be on its way. Gives the
/// tombstone that stands, which after a repeat is the first one.
pub async fn erase(
    database: &Database,
    conversation: &ConversationId,
    mac: &ConversationMac,
    receipt: ReceiptId,
) -> Result<Tombstone, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    lock_conversations(&transaction, std::iter::once(conversation)).await?;
    let events = conversation_events::hold_conversation(&transaction, conversation).await?;
    let mut removed = remove(&transaction, &events).await?;
    words::forget_gone(&transaction).await?;
    let (mut macs, transcripts) = transcripts::erase(&transaction, conversation.as_str()).await?;
    removed.transcripts = transcripts;
    macs.push(*mac);
    let tombstone = erased_conversations::bury(&*transaction, mac, receipt, removed).await?;
    cards::erase(&transaction, conversation.as_str()).await?;
    ranking::erase(&transaction, conversation.as_str()).await?;
    callbacks::forget(&transaction, &macs).await?;
    audit::forget_all(&transaction, macs).await?;
    // Late, so that hardly any build ends between this and the commit.
    vector_segments::delete_beside(&transaction, &events).await?;
    // Last, because whoever forwards the stream waits from here on.
    stream::forget(&transaction, conversation).await?;
    crate::fail_point::reach("erase.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(tombstone)
}

/// Removes up to `most` of the events that were received before `before`, the oldest first. Their words are found no more; from the
/// blocks [`purge_conversations`](words::purge_conversations) drops them.
pub async fn expire(database: &Database, before: Timestamp, most: i64) -> Result<Removed, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let events = conversation_events::hold_old(&transaction, before, most).await?;
    let removed = remove(&transaction, &events).await?;
    vector_segments::delete_beside(&transaction, &events).await?;
    crate::fail_point::reach("expire.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(removed)
}

/// Removes what hangs on events that the transaction holds, and then them.
async fn remove(transaction: &Transaction<'_>, events: &[EventId]) -> Result<Removed, Error> {
    let conversation_embeddings = conversation_embeddings::delete(transaction, events).await?;
    embedding_claims::forget(transaction, events).await?;
    let conversation_events = conversation_events::delete(transaction, events).await?;
    Ok(Removed {
        conversation_events,
        conversation_embeddings,
        transcripts: 0,
    })
}
