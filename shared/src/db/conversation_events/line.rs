//! The line of a conversation: its events that take each other's place, of which the latest is what search finds.

use deadpool_postgres::Transaction;
use tokio_postgres::types::Type;

use super::EventId;
use crate::db::connect::failed;
use crate::domain::ConversationId;
use crate::error::Error;

/// Of the events of each of these conversations that take each other's place, from the latest to the first, those that `part` names.
/// Conversation by conversation, and as an array: with no statistics of their names, which would outlive them, the planner else takes
/// a hundred conversations for half the table.
fn line(part: &str) -> String {
    format!(
        "ARRAY(SELECT e.id FROM unnest($1::text[]) AS c (conversation) CROSS JOIN LATERAL (
            SELECT id FROM conversation_events
            WHERE conversation_id = c.conversation AND supersedes AND state IN ('searchable', 'superseded')
            ORDER BY occurred_at DESC, id DESC {part}) e)"
    )
}

/// Of the events of these conversations that take each other's place, leaves the latest searchable; gives the others that
/// were searchable until now.
pub(in crate::db) async fn supersede(
    transaction: &Transaction<'_>,
    conversations: &[&ConversationId],
) -> Result<Vec<EventId>, Error> {
    let supersede = format!(
        "UPDATE conversation_events SET state = 'superseded' WHERE state = 'searchable' AND id = ANY({}) RETURNING id",
        line("OFFSET 1")
    );
    let conversations: Vec<_> = conversations.iter().map(|id| id.as_str()).collect();
    let rows = transaction
        .query_typed(&supersede, &[(&conversations, Type::TEXT_ARRAY)])
        .await
        .map_err(failed)?;
    Ok(rows.iter().map(|row| EventId(row.get(0))).collect())
}

/// Where the latest of the events that take each other's place has given way to one that does so no more, it stands again. It has
/// no texts and no marks: the next page of a re-embedding makes them.
pub(in crate::db) async fn bring_back(
    transaction: &Transaction<'_>,
    conversations: &[&ConversationId],
) -> Result<(), Error> {
    if conversations.is_empty() {
        return Ok(());
    }
    let bring_back = format!(
        "UPDATE conversation_events SET state = 'searchable' WHERE state = 'superseded' AND id = ANY({})",
        line("LIMIT 1")
    );
    let conversations: Vec<_> = conversations.iter().map(|id| id.as_str()).collect();
    transaction
        .execute_typed(&bring_back, &[(&conversations, Type::TEXT_ARRAY)])
        .await
        .map(drop)
        .map_err(failed)
}
