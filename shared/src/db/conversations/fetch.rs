//! What is stored of a conversation, for those who ask for it by name.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored;
use crate::domain::{ConversationId, EventName, ReceiptId};
use crate::error::Error;

/// Nobody tells more events of one conversation: an answer has to stay small.
const MOST_EVENTS: i64 = 1_000;

/// What is stored of a conversation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredConversation {
    /// Its name in CXone.
    pub conversation_id: ConversationId,
    /// What CXone sent of it, the earliest first; at most the first 1,000.
    pub events: Vec<StoredLine>,
}

/// An event of a conversation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StoredEvent))]
pub struct StoredLine {
    /// What happened.
    pub event: EventName,
    /// When, by CXone's clock.
    pub occurred_at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// What the caller was given.
    pub receipt_id: ReceiptId,
    /// What became of its text: `searchable`, `superseded` by a later event, `no_text`, or `incomplete`.
    pub state: String,
    /// How many passages search can find, of the model that queries use.
    pub chunks: i64,
    /// How many of them only words can find.
    pub without_vector: i64,
    /// What was found out of its text: a JSON object, null without any passages.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub tags: Option<Box<RawValue>>,
}

/// What is stored of a conversation, if anything is. Nothing is of one that was erased.
pub async fn fetch(
    database: &Database,
    conversation: &ConversationId,
) -> Result<Option<StoredConversation>, Error> {
    // Tags that are not of a single passage are the same for all of an event.
    let events = "SELECT e.event, e.occurred_at, e.received_at, e.receipt_id, e.state, c.chunks, c.without_vector, c.tags::text AS tags
        FROM conversation_events e, LATERAL (
            SELECT count(*) AS chunks, count(*) FILTER (WHERE p.embedding IS NULL) AS without_vector,
                (array_agg(p.semantic_metadata - '{content_length,without_vector,conversation_id}'::text[] ORDER BY p.chunk))[1] AS tags
            FROM conversation_embeddings p
            WHERE p.event_id = e.id AND p.model_id = (SELECT id FROM embedding_models WHERE active)) c
        WHERE e.conversation_id = $1 ORDER BY e.occurred_at, e.id LIMIT $2";
    let values = [
        (&conversation.as_str() as _, Type::TEXT),
        (&MOST_EVENTS as _, Type::INT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(events, &values).await;
    let events = rows
        .map_err(failed)?
        .iter()
        .map(line)
        .collect::<Result<Vec<_>, _>>()?;
    let stored = |events| StoredConversation {
        conversation_id: conversation.clone(),
        events,
    };
    Ok((!events.is_empty()).then_some(events).map(stored))
}

fn line(row: &Row) -> Result<StoredLine, Error> {
    let receipt: uuid::Uuid = row.get(3);
    Ok(StoredLine {
        event: stored::word(row, 0, |name| EventName::parse(name).ok())?,
        occurred_at: row.get(1),
        received_at: row.get(2),
        receipt_id: receipt.into(),
        state: row.get(4),
        chunks: row.get(5),
        without_vector: row.get(6),
        tags: stored::document(row, 7)?,
    })
}
