//! Transcripts go: those of one name, for good; or all that ended long ago, or never ended.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored::strange;
use crate::domain::ConversationId;
use crate::error::Error;

/// So many names may hang together. More do only where CXone gives many interactions one conversation by mistake: all of them would go.
const MOST_NAMES: usize = 1_000;

/// This name first, and every other one under which the same is known: an interaction has the conversations that its parts became, and a
/// conversation the interactions that became it.
pub(crate) async fn fetch_names(
    transaction: &Transaction<'_>,
    name: &ConversationId,
) -> Result<Vec<ConversationId>, Error> {
    let mut names = vec![name.clone()];
    let mut followed = 0;
    while let Some(name) = names.get(followed).cloned() {
        for other in fetch_others(transaction, &name).await? {
            if !names.contains(&other) {
                names.push(other);
            }
        }
        if names.len() > MOST_NAMES {
            let what = format!(
                "more than {MOST_NAMES} interactions and conversations of transcripts hang together"
            );
            return Err(Error::Conflict(what));
        }
        followed += 1;
    }
    Ok(names)
}

/// What stands beside a name, in either column.
async fn fetch_others(
    transaction: &Transaction<'_>,
    name: &ConversationId,
) -> Result<Vec<ConversationId>, Error> {
    let fetch = "SELECT DISTINCT unnest(ARRAY[interaction_id, conversation_id]) FROM transcripts
        WHERE interaction_id = $1 OR conversation_id = $1 LIMIT $2";
    let most = i64::try_from(MOST_NAMES).unwrap_or(i64::MAX);
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&name.as_str(), Type::TEXT),
        (&most.saturating_add(2), Type::INT8),
    ];
    let rows = transaction.query_typed(fetch, &values).await;
    let rows = rows.map_err(failed)?;
    // A part that CXone does not have is no conversation.
    let parts = rows
        .iter()
        .filter_map(|row| Some((row, row.get::<_, Option<String>>(0)?)));
    parts
        .map(|(row, name)| ConversationId::parse(name).map_err(|_| strange(row, 0)))
        .collect()
}

/// Removes every part of what has these names; whatever becomes of a post that is under way, nothing is written of it. Gives how many
/// parts went; nothing, if one had another name as well.
pub(crate) async fn erase(
    transaction: &Transaction<'_>,
    names: &[ConversationId],
) -> Result<Option<u64>, Error> {
    let erase = "
        DELETE FROM transcripts WHERE (id, part) IN (
            SELECT id, part FROM transcripts WHERE interaction_id = ANY($1) OR conversation_id = ANY($1) ORDER BY number FOR UPDATE)
        RETURNING interaction_id = ANY($1) AND (conversation_id IS NULL OR conversation_id = ANY($1))";
    let names: Vec<_> = names.iter().map(ConversationId::as_str).collect();
    let names = [(&names as _, Type::TEXT_ARRAY)];
    let rows = transaction.query_typed(erase, &names).await;
    let rows = rows.map_err(failed)?;
    let are_all = rows.iter().all(|row| row.get(0));
    Ok(are_all.then(|| u64::try_from(rows.len()).unwrap_or(u64::MAX)))
}

/// Removes up to `most` transcripts of which every part ended before, and as many of which a part waits since before; says how many parts
/// went. The words of a person are not kept for longer because CXone does not take them.
pub async fn expire(database: &Database, before: Timestamp, most: i64) -> Result<u64, Error> {
    let ended = expire_ended(database, before, most).await?;
    let waiting = expire_waiting(database, before, most).await?;
    if waiting > 0 {
        tracing::warn!(
            transcript.given_up = "expired",
            transcript.parts = waiting,
            "transcripts waited for CXone for longer than is kept, and are gone"
        );
    }
    Ok(ended + waiting)
}

/// Those of which a part waits since before, whole, the oldest first. What is being posted stays for now, and so does what was brought
/// back since.
async fn expire_waiting(database: &Database, before: Timestamp, most: i64) -> Result<u64, Error> {
    let expire = "
        DELETE FROM transcripts WHERE id IN (
            SELECT t.id FROM transcripts t
            WHERE t.state IN ('pending', 'sending') AND coalesce(t.waits_since, t.created_at) < $1 AND NOT EXISTS (
                SELECT FROM transcripts o WHERE o.id = t.id AND o.state IN ('pending', 'sending')
                    AND (o.lease_until > clock_timestamp() OR coalesce(o.waits_since, o.created_at) >= $1))
            ORDER BY t.number LIMIT $2 FOR UPDATE OF t SKIP LOCKED)
        AND (lease_until IS NULL OR lease_until <= clock_timestamp())";
    let values = [(&before as _, Type::TIMESTAMPTZ), (&most as _, Type::INT8)];
    let connection = database.connection().await?;
    let expired = connection.execute_typed(expire, &values).await;
    expired.map_err(failed)
}

/// Those of which every part ended before, the oldest first. A dead part goes too, lest it hold what follows for ever, and takes along what
/// waits for it in its own transcript: without it, that is none.
async fn expire_ended(database: &Database, before: Timestamp, most: i64) -> Result<u64, Error> {
    let expire = "
        DELETE FROM transcripts WHERE id IN (
            SELECT t.id FROM transcripts t WHERE t.ended_at < $1 AND NOT EXISTS (
                SELECT FROM transcripts o WHERE o.id = t.id AND (o.ended_at >= $1 OR o.ended_at IS NULL AND NOT EXISTS (
                    SELECT FROM transcripts d WHERE d.id = t.id AND d.state = 'dead')))
            ORDER BY t.ended_at LIMIT $2 FOR UPDATE OF t SKIP LOCKED)";
    let values = [(&before as _, Type::TIMESTAMPTZ), (&most as _, Type::INT8)];
    let connection = database.connection().await?;
    let expired = connection.execute_typed(expire, &values).await;
    expired.map_err(failed)
}
