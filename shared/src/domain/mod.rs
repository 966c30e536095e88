//! What the product talks about: identifiers and records that cannot be built wrong. Pure: no I/O, no clock.

pub mod article;
pub(crate) mod body;
mod callback_url;
mod event;
mod ids;
mod knowledge;
mod locale;
#[cfg(feature = "openapi")]
pub(crate) mod openapi;
mod plane;
pub mod query;
mod score;
mod speaker;
mod text_hash;
mod tombstone;
mod vector;
mod words;

pub use article::{ArticleFlaw, LocalizedBody, RemoteArticle};
pub use callback_url::CallbackUrl;
pub use event::hex;
pub(crate) use event::unhex;
pub use event::{DataActionEvent, EventKey};
pub(crate) use ids::is_plain;
pub use ids::{
    ArticleId, ConversationId, CorrelationId, EventName, InteractionId, PartyId, ReceiptId,
    SessionId, SnippetId, TranscriptId,
};
pub use knowledge::{
    ArticleState, Change, ConflictKind, ConflictPolicy, LinkState, RunId, RunKind, RunState,
};
pub use locale::Locale;
pub use plane::{Place, lay_out};
pub use score::Score;
pub use speaker::Speaker;
pub use text_hash::TextHash;
pub use tombstone::{ConversationMac, ErasureKey};
pub use vector::{Embedding, Provider, Space, VectorFlaw};
pub(crate) use words::words;

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

/// Reads an ISO 8601 instant. One without an offset names no instant, so it is refused.
pub fn parse_instant(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(
        |_| "must be an ISO 8601 date and time with an offset, such as 2026-01-15T10:30:00Z",
    )
}

/// Reads an ISO 8601 instant of a sender who leaves the offset out where it means UTC, as CXone does.
pub fn parse_instant_or_utc(text: &str) -> Result<Timestamp, &'static str> {
    parse_instant(text).or_else(|wrong| {
        let pieces = Pieces::parse(text).map_err(|_| wrong)?;
        if pieces.offset().is_some() || pieces.time_zone_annotation().is_some() {
            return Err(wrong);
        }
        let time = pieces.time().unwrap_or_default();
        let utc = Offset::UTC.to_timestamp(pieces.date().to_datetime(time));
        utc.map_err(|_| wrong)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_and_without_one_it_is_utc() {
        for (text, instant) in [
            ("2026-01-15T10:30:00Z", Some("2026-01-15T10:30:00Z")),
            ("2026-01-15T10:30:00+02:00", Some("2026-01-15T08:30:00Z")),
            (
                "2026-01-15T10:30:00.25-0500",
                Some("2026-01-15T15:30:00.25Z"),
            ),
            ("2026-01-15T10:30:00", Some("2026-01-15T10:30:00Z")),
            ("2026-01-15 10:30:00.123", Some("2026-01-15T10:30:00.123Z")),
            ("2026-01-15", Some("2026-01-15T00:00:00Z")),
            ("2026-01-15T10:30:00+26:00", None),
            ("2026-01-15T10:30:00[Europe/Berlin]", None),
            ("2026-02-30T10:30:00", None),
            ("10:30:00", None),
            ("soon", None),
            ("", None),
        ] {
            let expected = instant.map(|instant| instant.parse::<Timestamp>().unwrap());
            assert_eq!(parse_instant_or_utc(text).ok(), expected, "{text}");
        }
    }
}
