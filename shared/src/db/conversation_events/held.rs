//! Stored events that are about to change or to go. Whoever changes what hangs on an event holds its row first, so that retention,
//! which knows no conversations, never meets it half way.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{EventId, NewEvent};
use crate::db::connect::failed;
use crate::domain::ConversationId;
use crate::error::Error;

/// Holds those of these events that are still there and have not given way; what does not give way any more, all the same.
pub(in crate::db) async fn hold_standing(
    transaction: &Transaction<'_>,
    events: &[(EventId, &NewEvent)],
) -> Result<Vec<EventId>, Error> {
    let hold = "SELECT e.id FROM conversation_events e JOIN unnest($1::int8[], $2::bool[]) AS n (id, supersedes) ON n.id = e.id
        WHERE e.state <> 'superseded' OR NOT n.supersedes ORDER BY e.id FOR NO KEY UPDATE OF e";
    let ids_of: Vec<_> = events.iter().map(|(id, _)| id.0).collect();
    let supersedes: Vec<_> = events.iter().map(|(_, event)| event.supersedes).collect();
    let question = [
        (&ids_of as _, Type::INT8_ARRAY),
        (&supersedes as _, Type::BOOL_ARRAY),
    ];
    let rows = transaction.query_typed(hold, &question).await;
    Ok(ids(&rows.map_err(failed)?))
}

/// Holds every event of a conversation. What retention is just removing is waited for.
pub(in crate::db) async fn hold_conversation(
    transaction: &Transaction<'_>,
    conversation: &ConversationId,
) -> Result<Vec<EventId>, Error> {
    let hold =
        "SELECT id FROM conversation_events WHERE conversation_id = $1 ORDER BY id FOR UPDATE";
    let rows = transaction
        .query_typed(hold, &[(&conversation.as_str(), Type::TEXT)])
        .await;
    Ok(ids(&rows.map_err(failed)?))
}

/// Holds the oldest of the events that were received before `before`, up to `most`. What others hold is left for the next time.
pub(in crate::db) async fn hold_old(
    transaction: &Transaction<'_>,
    before: Timestamp,
    most: i64,
) -> Result<Vec<EventId>, Error> {
    let hold =
        "SELECT id FROM conversation_events WHERE received_at < $1 ORDER BY received_at LIMIT $2
        FOR UPDATE SKIP LOCKED";
    let question = [(&before as _, Type::TIMESTAMPTZ), (&most as _, Type::INT8)];
    let rows = transaction.query_typed(hold, &question).await;
    Ok(ids(&rows.map_err(failed)?))
}

/// Sets what became of the text of events that were mapped anew, and whether they take the place of others.
pub(in crate::db) async fn update_states(
    transaction: &Transaction<'_>,
    events: &[(EventId, &NewEvent)],
) -> Result<(), Error> {
    let update = "UPDATE conversation_events e SET state = n.state, supersedes = n.supersedes
        FROM unnest($1::int8[], $2::text[], $3::bool[]) AS n (id, state, supersedes)
        WHERE e.id = n.id AND (e.state, e.supersedes) <> (n.state, n.supersedes)";
    let ids: Vec<_> = events.iter().map(|(id, _)| id.0).collect();
    let states: Vec<_> = events.iter().map(|(_, one)| one.state.as_str()).collect();
    let supersedes: Vec<_> = events.iter().map(|(_, one)| one.supersedes).collect();
    let values = [
        (&ids as _, Type::INT8_ARRAY),
        (&states as _, Type::TEXT_ARRAY),
        (&supersedes as _, Type::BOOL_ARRAY),
    ];
    let updated = transaction.execute_typed(update, &values).await;
    updated.map(drop).map_err(failed)
}

/// Removes events, and with them what `embedded` says of them.
pub(in crate::db) async fn delete(
    transaction: &Transaction<'_>,
    events: &[EventId],
) -> Result<u64, Error> {
    let delete = "DELETE FROM conversation_events WHERE id = ANY($1)";
    let events: Vec<_> = events.iter().map(|event| event.0).collect();
    transaction
        .execute_typed(delete, &[(&events, Type::INT8_ARRAY)])
        .await
        .map_err(failed)
}

fn ids(rows: &[Row]) -> Vec<EventId> {
    rows.iter().map(|row| EventId(row.get(0))).collect()
}
