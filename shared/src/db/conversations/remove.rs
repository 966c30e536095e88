//! Conversations go: one by name, for good; or all that are old.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde_json::json;

use super::lock::lock_conversations;
use crate::audit::EntryKind;
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversation_events::{self, EventId};
use crate::db::erased_conversations::{self, Removed, Tombstone};
use crate::db::transaction::begin;
use crate::db::{
    audit, callbacks, cards, conversation_embeddings, embedding_claims, ranking, stream,
    transcripts, vector_segments, words,
};
use crate::domain::{ConversationId, ErasureKey, ReceiptId};
use crate::error::Error;

/// So often an erasure begins anew.
const TRIES: usize = 5;

/// Removes a conversation or an interaction everywhere, with all that transcripts tie to it: the conversations that CXone made of an
/// interaction, and the interactions that became a conversation. Leaves a tombstone of each name, even if there was nothing: a copy may
/// still be on its way. Gives the tombstone of this name that stands, which after a repeat is the first one.
pub async fn erase(
    database: &Database,
    key: &ErasureKey,
    conversation: &ConversationId,
    receipt: ReceiptId,
) -> Result<Tombstone, Error> {
    for _ in 0..TRIES {
        if let Some(tombstone) = try_to_erase(database, key, conversation, receipt).await? {
            return Ok(tombstone);
        }
    }
    let what = "transcripts became the conversation while it was erased";
    Err(Error::transient("Postgres", what))
}

/// Nothing, if there is another name meanwhile: all are locked before anything else, so that nobody waits in a circle.
async fn try_to_erase(
    database: &Database,
    key: &ErasureKey,
    conversation: &ConversationId,
    receipt: ReceiptId,
) -> Result<Option<Tombstone>, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let names = transcripts::fetch_names(&transaction, conversation).await?;
    let macs: Vec<_> = names.iter().map(|name| key.mac(name)).collect();
    lock_conversations(&transaction, names.iter()).await?;
    let mut events = Vec::new();
    // One by one: without statistics of names the planner would take some for half the table.
    for name in &names {
        events.extend(conversation_events::hold_conversation(&transaction, name).await?);
    }
    let mut removed = remove(&transaction, &events).await?;
    words::forget_gone(&transaction).await?;
    let Some(transcripts) = transcripts::erase(&transaction, &names).await? else {
        return Ok(None);
    };
    removed.transcripts = transcripts;
    for name in &names {
        removed.assist_interactions += cards::erase(&transaction, name.as_str()).await?;
        removed.ranking += ranking::erase(&transaction, name.as_str()).await?;
    }
    removed.callbacks = callbacks::forget(&transaction, &macs).await?;
    audit::forget_all(&transaction, macs.clone()).await?;
    // Late, so that hardly any build ends between this and the commit.
    vector_segments::delete_beside(&transaction, &events).await?;
    // Late, because whoever forwards the stream waits from here on.
    removed.stream_offsets = stream::forget(&transaction, &names).await?;
    let mac = key.mac(conversation);
    let tombstone = erased_conversations::bury(&*transaction, &mac, receipt, removed).await?;
    for other in macs.iter().filter(|other| **other != mac) {
        let (receipt, nothing) = (tombstone.receipt_id, Removed::default());
        erased_conversations::bury(&*transaction, other, receipt, nothing).await?;
    }
    note(&transaction, tombstone.receipt_id, macs.len(), removed).await?;
    crate::fail_point::reach("erase.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(Some(tombstone))
}

/// Writes into the audit that something was erased, and what went now. Under the receipt, and last: whoever appends to that chain waits.
async fn note(
    transaction: &Transaction<'_>,
    receipt: ReceiptId,
    names: usize,
    removed: Removed,
) -> Result<(), Error> {
    let said = json!({ "receipt_id": receipt, "names": names, "removed": removed });
    let receipt = receipt.as_uuid();
    let noted = audit::append_plainly(transaction, EntryKind::Erasure, receipt, &said).await;
    noted.map(drop)
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
        ..Removed::default()
    })
}
