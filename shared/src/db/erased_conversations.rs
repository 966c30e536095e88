//! The table `erased_conversations`: tombstones, so that a late copy, a redrive or a replay brings nothing back.

use serde::Serialize;
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::connect::failed;
pub use crate::domain::ConversationMac;
use crate::domain::ReceiptId;
use crate::error::Error;

/// How many rows of each table went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Removed {
    /// Raw events.
    pub conversation_events: u64,
    /// Texts and vectors.
    pub conversation_embeddings: u64,
}

/// Keeps the tombstone; after a second erasure of the same conversation the first one's receipt, day and counts stand.
pub(super) async fn bury(
    client: &impl GenericClient,
    mac: &ConversationMac,
    receipt: ReceiptId,
    removed: Removed,
) -> Result<(), Error> {
    let bury = "INSERT INTO erased_conversations (conversation_mac, receipt_id, removed) VALUES ($1, $2, $3::text::json)
        ON CONFLICT (conversation_mac) DO NOTHING";
    let removed = serde_json::to_string(&removed).unwrap_or_default();
    let values: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] = [
        (&mac.as_bytes(), Type::BYTEA),
        (&receipt.as_uuid(), Type::UUID),
        (&removed, Type::TEXT),
    ];
    let buried = client.query_typed(bury, &values).await;
    buried.map(drop).map_err(failed)
}

/// Which of these conversations were erased.
pub(super) async fn among(
    client: &impl GenericClient,
    macs: &[ConversationMac],
) -> Result<Vec<ConversationMac>, Error> {
    let erased =
        "SELECT conversation_mac FROM erased_conversations WHERE conversation_mac = ANY($1)";
    let bytes: Vec<_> = macs.iter().map(ConversationMac::as_bytes).collect();
    let rows = client
        .query_typed(erased, &[(&bytes, Type::BYTEA_ARRAY)])
        .await
        .map_err(failed)?;
    let mac = |row: &tokio_postgres::Row| {
        row.get::<_, &[u8]>(0)
            .try_into()
            .ok()
            .map(ConversationMac::new)
    };
    Ok(rows.iter().filter_map(mac).collect())
}
