//! What the product talks about: identifiers and records that cannot be built wrong. Pure: no I/O, no clock.

mod event;
mod ids;
mod text_hash;
mod tombstone;
mod vector;

pub(crate) use event::hex;
pub use event::{DataActionEvent, EventKey};
pub use ids::{ConversationId, CorrelationId, EventName, ReceiptId};
pub use text_hash::TextHash;
pub use tombstone::{ConversationMac, ErasureKey};
pub use vector::{Embedding, Provider, Space, VectorFlaw};

use jiff::Timestamp;

/// Reads an ISO 8601 instant. One without an offset names no instant, so it is refused.
pub fn parse_instant(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(
        |_| "must be an ISO 8601 date and time with an offset, such as 2026-01-15T10:30:00Z",
    )
}
