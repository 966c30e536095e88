//! The table `conversation_events`: what CXone sent, once.

mod held;
mod line;

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_postgres::types::Type;
use uuid::Uuid;

pub(super) use self::held::{delete, hold_conversation, hold_old, hold_standing, update_states};
pub(super) use self::line::{bring_back, supersede};
use super::Database;
use super::connect::failed;
use crate::domain::{ConversationId, EventKey, EventName, ReceiptId};
use crate::error::Error;

/// An event's number in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub(super) i64);

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The number that lies so many before that of the last event.
pub async fn fetch_before_last(database: &Database, numbers: i64) -> Result<EventId, Error> {
    let last = "SELECT coalesce(max(id), 0) FROM conversation_events";
    let connection = database.connection().await?;
    let row = connection.query_typed_one(last, &[]).await;
    let last: i64 = row.map_err(failed)?.get(0);
    Ok(EventId(last.saturating_sub(numbers)))
}

/// What became of an event's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextState {
    /// It has text, which search finds unless a later event takes its place.
    Searchable,
    /// Its payload maps to no text.
    NoText,
    /// A path that the map requires is not there.
    Incomplete,
}

/// An event as it is stored.
#[derive(Clone)]
pub struct NewEvent {
    /// The key under which it has its effect once.
    pub key: EventKey,
    /// Which conversation.
    pub conversation_id: ConversationId,
    /// What happened.
    pub event: EventName,
    /// When, by CXone's clock.
    pub occurred_at: Timestamp,
    /// When we received it.
    pub received_at: Timestamp,
    /// What the caller was given.
    pub receipt_id: ReceiptId,
    /// The payload, masked if the policy says so.
    pub raw: String,
    /// Whether it is masked.
    pub raw_masked: bool,
    /// Whether it takes the place of earlier events of its conversation.
    pub supersedes: bool,
    /// What became of its text.
    pub state: TextState,
}

impl TextState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Searchable => "searchable",
            Self::NoText => "no_text",
            Self::Incomplete => "incomplete",
        }
    }
}

/// Inserts those that are new; one number per event, in order, `None` for what was there already.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    events: &[&NewEvent],
) -> Result<Vec<Option<EventId>>, Error> {
    let insert = "
        INSERT INTO conversation_events
            (event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw_event, raw_masked, supersedes, state)
        SELECT key, conversation, event, occurred, received, receipt, raw::json, masked, supersedes, state
        FROM unnest($1::bytea[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::uuid[], $7::text[],
            $8::bool[], $9::bool[], $10::text[])
            AS e (key, conversation, event, occurred, received, receipt, raw, masked, supersedes, state)
        ON CONFLICT (event_key) DO NOTHING RETURNING event_key, id";
    let keys: Vec<_> = events.iter().map(|event| event.key.to_bytes()).collect();
    let conversations = column(events, |event| event.conversation_id.as_str());
    let names = column(events, |event| event.event.as_str());
    let occurred = column(events, |event| event.occurred_at);
    let received = column(events, |event| event.received_at);
    let receipts = column(events, |event| event.receipt_id.as_uuid());
    let payloads = column(events, |event| event.raw.as_str());
    let masked = column(events, |event| event.raw_masked);
    let supersedes = column(events, |event| event.supersedes);
    let states = column(events, |event| event.state.as_str());
    let rows = transaction
        .query_typed(
            insert,
            &[
                (&keys, Type::BYTEA_ARRAY),
                (&conversations, Type::TEXT_ARRAY),
                (&names, Type::TEXT_ARRAY),
                (&occurred, Type::TIMESTAMPTZ_ARRAY),
                (&received, Type::TIMESTAMPTZ_ARRAY),
                (&receipts, Type::UUID_ARRAY),
                (&payloads, Type::TEXT_ARRAY),
                (&masked, Type::BOOL_ARRAY),
                (&supersedes, Type::BOOL_ARRAY),
                (&states, Type::TEXT_ARRAY),
            ],
        )
        .await
        .map_err(failed)?;
    let mut new: std::collections::HashMap<&[u8], EventId> = rows
        .iter()
        .map(|row| (row.get(0), EventId(row.get(1))))
        .collect();
    Ok(keys.iter().map(|key| new.remove(key.as_slice())).collect())
}

fn column<'e, T>(events: &[&'e NewEvent], field: impl Fn(&'e NewEvent) -> T) -> Vec<T> {
    events.iter().map(|event| field(event)).collect()
}

/// One stored event, as it was received.
#[derive(Clone)]
pub struct StoredEvent {
    /// Its number.
    pub id: EventId,
    /// The event.
    pub event: NewEvent,
}

/// Every event name that is stored.
pub async fn fetch_names(database: &Database) -> Result<Vec<EventName>, Error> {
    let names = "SELECT DISTINCT event FROM conversation_events";
    let rows = database
        .connection()
        .await?
        .query_typed(names, &[])
        .await
        .map_err(failed)?;
    let name = |row: &tokio_postgres::Row| EventName::parse(row.get::<_, String>(0)).ok();
    Ok(rows.iter().filter_map(name).collect())
}

/// Reads a row of `id, event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw_event::text, raw_masked,
/// supersedes`. What was stored kept every rule; what does not is somebody else's doing.
pub(super) fn read(row: &tokio_postgres::Row) -> Result<StoredEvent, Error> {
    let strange =
        |_| Error::misconfigured("a row of conversation_events breaks the rules of its columns");
    let key: &[u8] = row.get(1);
    let receipt: Uuid = row.get(6);
    let event = NewEvent {
        key: EventKey::try_from(crate::domain::hex(key)).map_err(strange)?,
        conversation_id: ConversationId::parse(row.get::<_, String>(2)).map_err(strange)?,
        event: EventName::parse(row.get::<_, String>(3)).map_err(strange)?,
        occurred_at: row.get(4),
        received_at: row.get(5),
        receipt_id: receipt.into(),
        raw: row.get(7),
        raw_masked: row.get(8),
        supersedes: row.get(9),
        state: TextState::Searchable,
    };
    Ok(StoredEvent {
        id: EventId(row.get(0)),
        event,
    })
}
