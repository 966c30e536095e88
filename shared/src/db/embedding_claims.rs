//! The table `embedding_claims`: of copies that arrive together, one works and the others wait for it.

use std::time::Duration;

use deadpool_postgres::Transaction;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::Database;
use super::connect::failed;
use super::conversation_events::EventId;
use super::erased_conversations::ConversationMac;
use crate::domain::EventKey;
use crate::error::Error;

/// Who claims. New for every invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder(Uuid);

/// What a claim came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The work is ours, for a while.
    Ours,
    /// The event is stored: nothing is left to do.
    Done,
    /// Its conversation was erased: it must not come back.
    Erased,
    /// Somebody else is at it.
    Busy,
}

impl Holder {
    /// A holder unlike every other.
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

/// Claims what nobody has done and nobody is doing, for `span`; one answer per event, in order. It asks the database once.
///
/// A claim outlives its work on purpose: whoever looked just before the work was stored meets the claim just after.
pub async fn claim(
    database: &Database,
    wanted: &[(EventKey, ConversationMac)],
    holder: Holder,
    span: Duration,
) -> Result<Vec<Claim>, Error> {
    let claim = "
        WITH wanted AS (SELECT * FROM unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS w (key, mac, position)),
        looked_up AS (
            SELECT w.*, EXISTS (SELECT FROM erased_conversations WHERE conversation_mac = w.mac) AS erased,
                EXISTS (SELECT FROM conversation_events WHERE event_key = w.key) AS done
            FROM wanted w),
        claimed AS (
            INSERT INTO embedding_claims AS c (event_key, holder, until)
            SELECT DISTINCT key, $3::uuid, now() + $4::float8 * interval '1 second' FROM looked_up
            WHERE NOT erased AND NOT done ORDER BY key
            ON CONFLICT (event_key) DO UPDATE SET holder = excluded.holder, until = excluded.until
                WHERE c.until < now() OR c.holder = excluded.holder
            RETURNING event_key)
        SELECT CASE WHEN l.erased THEN 'erased' WHEN l.done THEN 'done' WHEN c.event_key IS NULL THEN 'busy' ELSE 'ours' END
        FROM looked_up l LEFT JOIN claimed c ON c.event_key = l.key ORDER BY l.position";
    let keys: Vec<_> = wanted.iter().map(|(key, _)| key.to_bytes()).collect();
    let macs: Vec<_> = wanted.iter().map(|(_, mac)| mac.as_bytes()).collect();
    let rows = database
        .connection()
        .await?
        .query_typed(
            claim,
            &[
                (&keys, Type::BYTEA_ARRAY),
                (&macs, Type::BYTEA_ARRAY),
                (&holder.0, Type::UUID),
                (&span.as_secs_f64(), Type::FLOAT8),
            ],
        )
        .await
        .map_err(failed)?;
    Ok(rows.iter().map(|row| read(row.get(0))).collect())
}

fn read(word: &str) -> Claim {
    match word {
        "ours" => Claim::Ours,
        "done" => Claim::Done,
        "erased" => Claim::Erased,
        _ => Claim::Busy,
    }
}

/// Gives up what was not done, so that a retry need not wait.
pub async fn release(database: &Database, keys: &[EventKey], holder: Holder) -> Result<(), Error> {
    // Claims are locked in the order of their keys, here as in `claim`: nobody waits in a circle.
    let release = "DELETE FROM embedding_claims WHERE event_key IN (
        SELECT event_key FROM embedding_claims WHERE event_key = ANY($1) AND holder = $2 ORDER BY event_key FOR UPDATE)";
    let keys: Vec<_> = keys.iter().map(EventKey::to_bytes).collect();
    database
        .connection()
        .await?
        .query_typed(
            release,
            &[(&keys, Type::BYTEA_ARRAY), (&holder.0, Type::UUID)],
        )
        .await
        .map(drop)
        .map_err(failed)
}

/// Forgets the claims of these events.
pub(super) async fn forget(transaction: &Transaction<'_>, events: &[EventId]) -> Result<(), Error> {
    let forget = "DELETE FROM embedding_claims WHERE event_key IN (
        SELECT c.event_key FROM embedding_claims c JOIN conversation_events e USING (event_key)
        WHERE e.id = ANY($1) ORDER BY c.event_key FOR UPDATE OF c)";
    let events: Vec<_> = events.iter().map(|event| event.0).collect();
    transaction
        .execute_typed(forget, &[(&events, Type::INT8_ARRAY)])
        .await
        .map(drop)
        .map_err(failed)
}

/// Forgets claims that hold no more.
pub async fn sweep(database: &Database) -> Result<(), Error> {
    let sweep = "DELETE FROM embedding_claims WHERE event_key IN (
        SELECT event_key FROM embedding_claims WHERE until < now() - interval '1 hour' FOR UPDATE SKIP LOCKED)";
    database
        .connection()
        .await?
        .query_typed(sweep, &[])
        .await
        .map(drop)
        .map_err(failed)
}
