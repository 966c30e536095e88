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

/// Removes the conversation everywhere, and keeps later copies out.
pub(crate) async fn erase(app: &App, conversation: &ConversationId) -> Result<Receipt, Error> {
    let now = Timestamp::now();
    let mac = app.erasure_key.get(now).await?.mac(conversation);
    let receipt_id = ReceiptId::generate();
    let removed = conversations::erase(&app.database, conversation, &mac, receipt_id).await?;
    tracing::info!(receipt.id = %receipt_id, conversation.mac = %mac, "erased a conversation");
    Ok(Receipt {
        receipt_id,
        conversation_mac: mac.to_string(),
        erased_at: now,
        removed,
    })
}
