//! The table `stream_offsets`.

use std::collections::HashSet;
use std::time::Duration;

use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::lease::{LOCK, LOCK_LIGHTLY, Lease, write_holding};
use crate::db::Database;
use crate::db::connect::failed;
use crate::domain::{ConversationId, ConversationMac, ErasureKey, InteractionId};
use crate::error::Error;
use crate::queue::InteractionMessage;
use crate::transcript::Interaction;

/// How far an interaction was forwarded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offset {
    /// What is known of it.
    pub interaction: Interaction,
    /// What is to be sent, if it was not. What follows is decided already: whoever goes on sends just this.
    pub unsent: Vec<InteractionMessage>,
}

impl Offset {
    /// Whether words wait: to be sent, or for the end of their sentence.
    pub fn has_words(&self) -> bool {
        !self.unsent.is_empty() || self.interaction.waiting_since().is_some()
    }
}

/// Stores what is about to be sent, and what is known once it is: all of it or nothing. Renews the lease. Of interactions that were erased
/// nothing is stored, and nothing may be sent: gives those.
pub async fn store<'a>(
    database: &Database,
    key: &ErasureKey,
    lease: &Lease,
    offsets: impl IntoIterator<Item = (&'a InteractionId, &'a Offset)>,
) -> Result<Vec<InteractionId>, Error> {
    let (mut asked, mut macs) = (vec![], vec![]);
    let (mut progress, mut unsent, mut has_words) = (vec![], vec![], vec![]);
    for (id, offset) in offsets {
        asked.push(id);
        macs.push(key.mac_of(id.as_str()));
        progress.push(json(&offset.interaction)?);
        let messages = (!offset.unsent.is_empty()).then(|| json(&offset.unsent));
        unsent.push(messages.transpose()?);
        has_words.push(offset.has_words());
    }
    let store = "
        INSERT INTO stream_offsets (interaction_id, progress, unsent, has_words)
        SELECT id, progress::json, unsent::json, has_words
        FROM held, unnest($3::text[], $4::text[], $5::text[], $6::bool[], $7::bytea[]) AS o (id, progress, unsent, has_words, mac)
        WHERE NOT EXISTS (SELECT FROM erased_conversations WHERE conversation_mac = o.mac)
        ON CONFLICT (interaction_id) DO UPDATE SET progress = EXCLUDED.progress, unsent = EXCLUDED.unsent,
            has_words = EXCLUDED.has_words, seen_at = clock_timestamp()";
    let ids: Vec<_> = asked.iter().map(|id| id.as_str()).collect();
    let macs: Vec<_> = macs.iter().map(ConversationMac::as_bytes).collect();
    let values: [(&(dyn ToSql + Sync), Type); 5] = [
        (&ids, Type::TEXT_ARRAY),
        (&progress, Type::TEXT_ARRAY),
        (&unsent, Type::TEXT_ARRAY),
        (&has_words, Type::BOOL_ARRAY),
        (&macs, Type::BYTEA_ARRAY),
    ];
    let stored = write_holding(database, lease, LOCK, store, &values).await?;
    let stored: HashSet<_> = stored.iter().map(String::as_str).collect();
    asked.retain(|id| !stored.contains(id.as_str()));
    Ok(asked.into_iter().cloned().collect())
}

/// What was to be sent is sent. Whoever comes after a lost lease changes nothing. Should a crash of the database take it back, it is sent
/// again as after a crash of ours.
pub async fn forget_sent(
    database: &Database,
    lease: &Lease,
    ids: impl IntoIterator<Item = &InteractionId>,
) -> Result<(), Error> {
    let ids: Vec<_> = ids.into_iter().map(InteractionId::as_str).collect();
    let forget = "
        UPDATE stream_offsets SET unsent = NULL,
            has_words = EXISTS (SELECT FROM json_array_elements(progress -> 'channels') c WHERE json_typeof(c -> 'rest') <> 'null')
        FROM held WHERE interaction_id = ANY ($3)";
    let values: [(&(dyn ToSql + Sync), Type); 1] = [(&ids, Type::TEXT_ARRAY)];
    let forgotten = write_holding(database, lease, LOCK_LIGHTLY, forget, &values).await;
    forgotten.map(drop)
}

/// How far these interactions were forwarded, those of them that were.
pub async fn fetch(
    database: &Database,
    ids: impl IntoIterator<Item = &InteractionId>,
) -> Result<Vec<(InteractionId, Offset)>, Error> {
    let ids: Vec<_> = ids.into_iter().map(InteractionId::as_str).collect();
    let fetch = "SELECT interaction_id, progress::text, unsent::text FROM stream_offsets WHERE interaction_id = ANY ($1)";
    let connection = database.connection().await?;
    let values = [(&ids as _, Type::TEXT_ARRAY)];
    let rows = connection.query_typed(fetch, &values).await;
    Ok(readable(&rows.map_err(failed)?))
}

/// All interactions of which words wait: to be sent, or for the end of their sentence.
pub async fn fetch_open(database: &Database) -> Result<Vec<(InteractionId, Offset)>, Error> {
    let fetch =
        "SELECT interaction_id, progress::text, unsent::text FROM stream_offsets WHERE has_words";
    let connection = database.connection().await?;
    let rows = connection.query_typed(fetch, &[]).await;
    Ok(readable(&rows.map_err(failed)?))
}

/// Forgets up to `most` interactions of which nothing was forwarded for so long; says how many.
pub async fn expire(database: &Database, idle: Duration, most: i64) -> Result<u64, Error> {
    let expire = "
        DELETE FROM stream_offsets WHERE ctid IN (
            SELECT ctid FROM stream_offsets WHERE seen_at < now() - $1 * interval '1 second'
            ORDER BY seen_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    let connection = database.connection().await?;
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&idle.as_secs_f64(), Type::FLOAT8), (&most, Type::INT8)];
    let expired = connection.execute_typed(expire, &values).await;
    expired.map_err(failed)
}

/// Forgets the interactions with these names; says how many. Until the transaction ends nothing is forwarded: whoever stores then sees the
/// tombstone.
pub(in crate::db) async fn forget(
    transaction: &Transaction<'_>,
    names: &[ConversationId],
) -> Result<u64, Error> {
    transaction.batch_execute(LOCK).await.map_err(failed)?;
    let forget = "DELETE FROM stream_offsets WHERE interaction_id = ANY ($1)";
    let names: Vec<_> = names.iter().map(ConversationId::as_str).collect();
    let values = [(&names as _, Type::TEXT_ARRAY)];
    let done = transaction.execute_typed(forget, &values).await;
    done.map_err(failed)
}

/// One that cannot be read is left out, and its interaction begins anew: all others would wait for it.
fn readable(rows: &[Row]) -> Vec<(InteractionId, Offset)> {
    let read = |row| {
        let read = read(row);
        if let Err(error) = &read {
            let id: &str = row.get(0);
            tracing::error!(
                interaction.id = id,
                error = error.chain(),
                "an offset of the stream was left out"
            );
        }
        read.ok()
    };
    rows.iter().filter_map(read).collect()
}

fn read(row: &Row) -> Result<(InteractionId, Offset), Error> {
    let (id, progress, unsent): (String, &str, Option<&str>) = (row.get(0), row.get(1), row.get(2));
    // Not the failure itself: it may quote what was said.
    let unreadable = |_| Error::Bug {
        what: "an offset of the stream cannot be read",
        source: None,
    };
    let unsent = unsent.map(serde_json::from_str).transpose();
    let id = InteractionId::parse(id).map_err(Error::misconfigured)?;
    let offset = Offset {
        interaction: serde_json::from_str(progress).map_err(unreadable)?,
        unsent: unsent.map_err(unreadable)?.unwrap_or_default(),
    };
    Ok((id, offset))
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Bug {
        what: "an offset of the stream cannot be written",
        source: Some(Box::new(error)),
    })
}
