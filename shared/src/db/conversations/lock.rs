//! The locks of conversations: whoever changes one holds its lock until the transaction ends.

use deadpool_postgres::Transaction;
use sha2::{Digest as _, Sha256};
use tokio_postgres::types::Type;

use super::Prepared;
use crate::db::connect::failed;
use crate::db::erased_conversations::{self, ConversationMac};
use crate::domain::ConversationId;
use crate::error::Error;

/// Locks the conversations of a batch, and says which of them were erased.
pub(super) async fn lock(
    transaction: &Transaction<'_>,
    batch: impl Iterator<Item = &Prepared> + Clone,
) -> Result<Vec<ConversationMac>, Error> {
    let ids = batch
        .clone()
        .map(|prepared| &prepared.event.conversation_id);
    lock_conversations(transaction, ids).await?;
    let macs: Vec<_> = batch.map(|prepared| prepared.mac).collect();
    // A statement of its own: it sees what was committed while the lock was waited for.
    erased_conversations::among(&**transaction, &macs).await
}

/// In one order, so that nobody waits in a circle.
pub(super) async fn lock_conversations(
    transaction: &Transaction<'_>,
    conversations: impl Iterator<Item = &ConversationId>,
) -> Result<(), Error> {
    let lock = "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT key FROM unnest($1::int8[]) AS k (key) ORDER BY key) keys";
    let keys: Vec<i64> = conversations.map(|id| lock_key(id.as_str())).collect();
    let locked = transaction
        .query_typed(lock, &[(&keys, Type::INT8_ARRAY)])
        .await;
    locked.map(drop).map_err(failed)
}

/// Locks what has this name in CXone, and says whether it was erased.
pub(in crate::db) async fn lock_name(
    transaction: &Transaction<'_>,
    name: &str,
    mac: &ConversationMac,
) -> Result<bool, Error> {
    let lock = "SELECT pg_advisory_xact_lock($1)";
    let locked = transaction
        .query_typed(lock, &[(&lock_key(name), Type::INT8)])
        .await;
    locked.map_err(failed)?;
    let erased = erased_conversations::among(&**transaction, &[*mac]).await?;
    Ok(!erased.is_empty())
}

/// The statement that locks what has this name in CXone until the transaction ends.
pub(in crate::db) fn lock_statement(name: &str) -> String {
    format!("SELECT pg_advisory_xact_lock('{}')", lock_key(name))
}

fn lock_key(name: &str) -> i64 {
    let digest: [u8; 32] = Sha256::digest(name).into();
    digest
        .first_chunk()
        .map_or(0, |first| i64::from_be_bytes(*first))
}
