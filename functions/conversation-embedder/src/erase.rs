//! A conversation is erased, for good, with a receipt.

use jiff::Timestamp;
use serde::Serialize;
use shared::db::conversations;
use shared::db::erased_conversations::Removed;
use shared::domain::{ConversationId, ReceiptId};
use shared::error::Error;

use crate::app::App;

/// What whoever asked for the erasure keeps. It does not name the conversation: whoever holds the key can tell which it was.
#[derive(Debug, Serialize)]
pub(crate) struct Receipt {
    receipt_id: ReceiptId,
    /// The conversation under the key of tombstones, in hexadecimal.
    conversation_mac: String,
    erased_at: Timestamp,
    removed: Removed,
}

/// Removes the conversation everywhere, and keeps later copies out. A repeat is answered with the receipt that is on record.
pub(crate) async fn erase(app: &App, conversation: &ConversationId) -> Result<Receipt, Error> {
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let mac = key.mac(conversation);
    let new = ReceiptId::generate();
    let tombstone = conversations::erase(&app.database, &key, conversation, new).await?;
    tracing::info!(receipt.id = %tombstone.receipt_id, conversation.mac = %mac, "erased a conversation");
    Ok(Receipt {
        receipt_id: tombstone.receipt_id,
        conversation_mac: mac.to_string(),
        erased_at: tombstone.erased_at,
        removed: tombstone.removed,
    })
}
