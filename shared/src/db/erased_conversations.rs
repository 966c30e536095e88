//! The table `erased_conversations`: tombstones, so that a late copy, a redrive or a replay brings nothing back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_postgres::types::Type;
use tokio_postgres::{GenericClient, Row};
use uuid::Uuid;

use super::connect::failed;
pub use crate::domain::ConversationMac;
use crate::domain::ReceiptId;
use crate::error::Error;

/// How many rows of each table went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Removed {
    /// Raw events.
    pub conversation_events: u64,
    /// Texts and vectors.
    pub conversation_embeddings: u64,
    /// Parts of transcripts that were to be injected, or were. Receipts of before there were any do not say.
    #[serde(default)]
    pub transcripts: u64,
    /// What was kept of live interactions.
    #[serde(default, skip_serializing_if = "is_none")]
    pub assist_interactions: u64,
    /// Sessions, their orders, and what agents were shown and clicked.
    #[serde(default, skip_serializing_if = "is_none")]
    pub ranking: u64,
    /// What somebody else's server was still to be told.
    #[serde(default, skip_serializing_if = "is_none")]
    pub callbacks: u64,
    /// How far live interactions were forwarded.
    #[serde(default, skip_serializing_if = "is_none")]
    pub stream_offsets: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// What stands on record of an erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The receipt that whoever asked first was given.
    pub receipt_id: ReceiptId,
    /// When that was.
    pub erased_at: Timestamp,
    /// What went then.
    pub removed: Removed,
}

/// Keeps the tombstone, and gives the one that stands: after a second erasure of the same conversation the first one's receipt, day
/// and counts.
pub(super) async fn bury(
    client: &impl GenericClient,
    mac: &ConversationMac,
    receipt: ReceiptId,
    removed: Removed,
) -> Result<Tombstone, Error> {
    // The row that is there is written as it is, because only written rows are returned.
    let bury = "INSERT INTO erased_conversations AS known (conversation_mac, receipt_id, removed) VALUES ($1, $2, $3::text::json)
        ON CONFLICT (conversation_mac) DO UPDATE SET receipt_id = known.receipt_id RETURNING receipt_id, erased_at, removed::text";
    let removed = serde_json::to_string(&removed).unwrap_or_default();
    let values: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] = [
        (&mac.as_bytes(), Type::BYTEA),
        (&receipt.as_uuid(), Type::UUID),
        (&removed, Type::TEXT),
    ];
    let rows = client.query_typed(bury, &values).await.map_err(failed)?;
    let standing = rows.first().and_then(read);
    standing.ok_or_else(|| {
        Error::misconfigured("a row of erased_conversations breaks the rules of its columns")
    })
}

fn read(row: &Row) -> Option<Tombstone> {
    let receipt: Uuid = row.get(0);
    Some(Tombstone {
        receipt_id: receipt.into(),
        erased_at: row.get(1),
        removed: serde_json::from_str(row.get(2)).ok()?,
    })
}

/// The receipt under which this was erased, if it was.
pub(super) async fn fetch_receipt(
    client: &impl GenericClient,
    mac: &ConversationMac,
) -> Result<Option<ReceiptId>, Error> {
    let fetch = "SELECT receipt_id FROM erased_conversations WHERE conversation_mac = $1";
    let mac = [(&mac.as_bytes() as _, Type::BYTEA)];
    let rows = client.query_typed(fetch, &mac).await.map_err(failed)?;
    Ok(rows.first().map(|row| row.get::<_, Uuid>(0).into()))
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
    let mac = |row: &Row| {
        row.get::<_, &[u8]>(0)
            .try_into()
            .ok()
            .map(ConversationMac::new)
    };
    Ok(rows.iter().filter_map(mac).collect())
}
