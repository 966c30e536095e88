//! Conversations as the function hands them to its store: one event each, and one row.

use jiff::Timestamp;
use shared::db::conversation_embeddings::NewChunk;
use shared::db::conversation_events::{NewEvent, TextState};
use shared::db::conversations::{Prepared, Rendition};
use shared::db::embedding_models::ModelId;
use shared::domain::{ConversationMac, DataActionEvent, ReceiptId};
use shared::text::schema_map::SchemaMap;

use crate::bench::Outcome;

/// What is stored of a payload; `number` makes its conversation unlike the others.
pub(crate) fn prepared(
    model: ModelId,
    number: usize,
    payload: String,
    chunk: NewChunk,
) -> Outcome<Prepared> {
    let event = DataActionEvent::parse(payload.as_bytes())?;
    let mut mac = [0; 32];
    mac[..8].copy_from_slice(&number.to_be_bytes());
    Ok(Prepared {
        mac: ConversationMac::new(mac),
        event: NewEvent {
            key: event.key,
            conversation_id: event.conversation_id,
            event: event.event,
            occurred_at: event.timestamp,
            received_at: Timestamp::now(),
            receipt_id: ReceiptId::generate(),
            raw: payload,
            raw_masked: false,
            supersedes: true,
            state: TextState::Searchable,
        },
        renditions: vec![Rendition {
            model,
            map: SchemaMap::default().version().clone(),
            chunks: vec![chunk],
            is_finished: true,
        }],
    })
}
