//! The table `embedded`: which event was made into vectors of which model, under which schema map.

mod progress;

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::types::Type;

pub use self::progress::{Progress, count_missing, count_progress, fetch_progress};
use super::Database;
use super::connect::failed;
use super::conversation_events::{self, EventId, StoredEvent};
use super::embedding_models::ModelId;
use crate::domain::{ConversationId, EventName};
use crate::error::Error;
use crate::text::schema_map::MapVersion;
use crate::text::terms::Analysis;

/// One event under one model and one map.
#[derive(Debug)]
pub(super) struct Mark<'a> {
    pub(super) event: EventId,
    pub(super) model: ModelId,
    pub(super) map: &'a MapVersion,
    pub(super) chunks: i32,
    pub(super) without_vector: i32,
    /// If not, the event goes on waiting.
    pub(super) is_finished: bool,
}

/// Words of no version are those of another version than today's, so that whatever bears it waits.
const NO_VERSION: i16 = 0;

/// How events of one name are read now.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The name.
    pub event: EventName,
    /// The version of its map.
    pub map: MapVersion,
    /// Whether such an event takes the place of earlier ones. If not, it stands even if it had given way before.
    pub supersedes: bool,
}

/// Marks events; of each mark, in order, whether it is new, or the event had another map, or words of another version, or was not
/// finished. What is finished is never outdone by what is not.
pub(super) async fn mark(
    transaction: &Transaction<'_>,
    marks: &[Mark<'_>],
) -> Result<Vec<bool>, Error> {
    let insert = "
        INSERT INTO embedded AS known (event_id, model_id, map_version, chunks, without_vector, words_version)
        SELECT * FROM unnest($1::int8[], $2::int2[], $3::text[], $4::int4[], $5::int4[], $6::int2[])
        ON CONFLICT (event_id, model_id) DO UPDATE SET map_version = excluded.map_version, chunks = excluded.chunks,
            without_vector = excluded.without_vector, words_version = excluded.words_version, embedded_at = now()
            WHERE (known.map_version, known.words_version) <> (excluded.map_version, $7)
        RETURNING event_id, model_id";
    let events: Vec<_> = marks.iter().map(|mark| mark.event.0).collect();
    let models: Vec<_> = marks.iter().map(|mark| mark.model.0).collect();
    let maps: Vec<_> = marks.iter().map(|mark| mark.map.as_str()).collect();
    let chunks: Vec<_> = marks.iter().map(|mark| mark.chunks).collect();
    let without: Vec<_> = marks.iter().map(|mark| mark.without_vector).collect();
    let version = |mark: &Mark<'_>| {
        if mark.is_finished {
            Analysis::VERSION
        } else {
            NO_VERSION
        }
    };
    let versions: Vec<i16> = marks.iter().map(version).collect();
    let rows = transaction
        .query_typed(
            insert,
            &[
                (&events, Type::INT8_ARRAY),
                (&models, Type::INT2_ARRAY),
                (&maps, Type::TEXT_ARRAY),
                (&chunks, Type::INT4_ARRAY),
                (&without, Type::INT4_ARRAY),
                (&versions, Type::INT2_ARRAY),
                (&Analysis::VERSION, Type::INT2),
            ],
        )
        .await
        .map_err(failed)?;
    let new: std::collections::HashSet<(i64, i16)> =
        rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(events
        .into_iter()
        .zip(models)
        .map(|pair| new.contains(&pair))
        .collect())
}

/// Forgets what these events were made into, of every model. What gave way has no marks, so that it is made anew if it comes back.
pub(super) async fn forget(transaction: &Transaction<'_>, events: &[EventId]) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    let forget = "DELETE FROM embedded WHERE event_id = ANY($1)";
    let events: Vec<_> = events.iter().map(|event| event.0).collect();
    transaction
        .execute_typed(forget, &[(&events, Type::INT8_ARRAY)])
        .await
        .map(drop)
        .map_err(failed)
}

/// Events by what they are about, and when they happened. What is not said does not matter.
#[derive(Debug, Default)]
pub struct Chosen {
    /// Their conversation.
    pub conversation: Option<ConversationId>,
    /// When the first of them happened, by CXone's clock.
    pub from: Option<Timestamp>,
    /// When none of them happened any more.
    pub to: Option<Timestamp>,
}

/// What a step of [`let_wait`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Events that wait now.
    pub events: u64,
    /// The last one that was looked at; `None` if there was none any more.
    pub last: Option<EventId>,
}

/// The events of one conversation, which are few, by its index; `most` of them.
const OF_CONVERSATION: &str = "
    WITH near AS MATERIALIZED (SELECT id, occurred_at FROM conversation_events WHERE conversation_id = $1),
    part AS MATERIALIZED (SELECT id, occurred_at FROM near WHERE id > $5 ORDER BY id LIMIT $6)";
/// The next events of all, by their numbers, wanted or not. Were the wanted ones looked for, a step could read the whole table.
const OF_ALL: &str = "
    WITH part AS MATERIALIZED (SELECT id, occurred_at FROM conversation_events WHERE $1::text IS NULL AND id > $5 ORDER BY id LIMIT $6)";

/// Takes what is known of these events for outdated, of every model: those among the next `most` behind `after`. Their texts and vectors stay
/// until others take their place.
pub async fn let_wait(
    database: &Database,
    chosen: &Chosen,
    after: Option<EventId>,
    most: i64,
) -> Result<Waiting, Error> {
    let part = match &chosen.conversation {
        Some(_) => OF_CONVERSATION,
        None => OF_ALL,
    };
    // As an array, the numbers are looked up one by one, however large the table is.
    let wait = format!(
        "{part}, waiting AS (UPDATE embedded d SET words_version = $4 WHERE d.event_id = ANY (ARRAY(SELECT id FROM part
            WHERE ($2::timestamptz IS NULL OR occurred_at >= $2) AND ($3::timestamptz IS NULL OR occurred_at < $3)))
            RETURNING d.event_id)
        SELECT (SELECT count(DISTINCT event_id) FROM waiting), (SELECT max(id) FROM part)"
    );
    let conversation = chosen.conversation.as_ref().map(ConversationId::as_str);
    let after = after.map_or(0, |id| id.0);
    let question: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 6] = [
        (&conversation, Type::TEXT),
        (&chosen.from, Type::TIMESTAMPTZ),
        (&chosen.to, Type::TIMESTAMPTZ),
        (&NO_VERSION, Type::INT2),
        (&after, Type::INT8),
        (&most, Type::INT8),
    ];
    let connection = database.connection().await?;
    let row = connection.query_typed_one(&wait, &question).await;
    let row = row.map_err(failed)?;
    let (events, last): (i64, Option<i64>) = (row.get(0), row.get(1));
    Ok(Waiting {
        events: events.unsigned_abs(),
        last: last.map(EventId),
    })
}

/// Payloads that are read at once hold at most so many bytes, but for the last of them.
const MOST_BYTES: i64 = 32 << 20;

/// The first events, by number, that lack this model under their event's present map, or the words of today: at most `most`, and fewer where their payloads
/// are large.
pub async fn fetch_missing(
    database: &Database,
    model: ModelId,
    readings: &[Reading],
    after: Option<EventId>,
    most: i64,
) -> Result<Vec<StoredEvent>, Error> {
    let missing = "
        WITH page AS (SELECT e.id, e.event_key, e.conversation_id, e.event, e.occurred_at, e.received_at, e.receipt_id,
            e.raw_event::text AS raw, e.raw_masked, e.supersedes
        FROM conversation_events e
        JOIN unnest($2::text[], $3::text[], $4::bool[]) AS m (event, version, supersedes) ON m.event = e.event
        WHERE e.id > $5 AND (e.state <> 'superseded' OR NOT m.supersedes) AND NOT EXISTS (
            SELECT FROM embedded d WHERE d.event_id = e.id AND d.model_id = $1 AND d.map_version = m.version AND d.words_version = $8)
        ORDER BY e.id LIMIT $6),
        measured AS (SELECT *, sum(octet_length(raw)) OVER (ORDER BY id) - octet_length(raw) AS before FROM page)
        SELECT id, event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw, raw_masked, supersedes
        FROM measured WHERE before < $7 ORDER BY id";
    let (names, versions, supersedes) = columns(readings);
    let after = after.map_or(0, |id| id.0);
    let question: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 8] = [
        (&model.0, Type::INT2),
        (&names, Type::TEXT_ARRAY),
        (&versions, Type::TEXT_ARRAY),
        (&supersedes, Type::BOOL_ARRAY),
        (&after, Type::INT8),
        (&most, Type::INT8),
        (&MOST_BYTES, Type::INT8),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = database
        .connection()
        .await?
        .query_typed(missing, &question)
        .await
        .map_err(failed)?;
    rows.iter().map(conversation_events::read).collect()
}

fn columns(readings: &[Reading]) -> (Vec<&str>, Vec<&str>, Vec<bool>) {
    let names = readings.iter().map(|one| one.event.as_str());
    let versions = readings.iter().map(|one| one.map.as_str());
    let supersedes = readings.iter().map(|one| one.supersedes);
    (names.collect(), versions.collect(), supersedes.collect())
}
