//! A transcript is taken in: all of its parts and an entry of the audit, or nothing.

use deadpool_postgres::Transaction;
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::audit::{Entry, EntryKind};
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::db::{Database, audit, conversations};
use crate::domain::{ErasureKey, InteractionId, TranscriptId};
use crate::error::Error;

/// A transcript that is to be taken in.
#[derive(Debug, Clone)]
pub struct NewTranscript<'a> {
    /// Whose it is.
    pub interaction: &'a InteractionId,
    /// Under which a repeat is known.
    pub idempotency_key: Option<&'a str>,
    /// What a repeat must have sent as well.
    pub request_hash: [u8; 32],
    /// Where somebody wants to be told of each part.
    pub archive_callback_url: Option<&'a str>,
    /// What is posted, in order; at least one.
    pub parts: &'a [NewPart<'a>],
    /// What the audit says of it. No personal text, and no name of a person or conversation.
    pub audit: Value,
}

/// One post.
#[derive(Debug, Clone, Copy)]
pub struct NewPart<'a> {
    /// JSON, posted byte for byte.
    pub payload: &'a [u8],
    /// How many messages it holds.
    pub messages: usize,
}

/// What was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub id: TranscriptId,
    /// How many parts it has.
    pub parts: usize,
    /// Whether it was taken in before.
    pub is_repeat: bool,
}

/// Takes a transcript in. Something else under the same key is [`Error::Conflict`], and so is an interaction that was erased.
pub async fn store(
    database: &Database,
    key: &ErasureKey,
    transcript: &NewTranscript<'_>,
) -> Result<Stored, Error> {
    match try_to(database, key, transcript).await? {
        Some(stored) => Ok(stored),
        // Its twin was committed while this one was on its way; now it can be seen.
        None => try_to(database, key, transcript)
            .await?
            .ok_or_else(|| Error::transient("Postgres", "a transcript was taken in twice at once")),
    }
}

/// Writes an entry of the audit about an interaction of which nothing was taken in.
pub async fn note(
    database: &Database,
    key: &ErasureKey,
    interaction: &str,
    content: Value,
) -> Result<(), Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    append(&transaction, key, interaction, content).await?;
    transaction.commit().await.map_err(failed)
}

/// Appends such an entry.
pub(super) async fn append(
    transaction: &Transaction<'_>,
    key: &ErasureKey,
    interaction: &str,
    content: Value,
) -> Result<(), Error> {
    let entry = Entry {
        kind: EntryKind::Transcript,
        subject: interaction,
        content,
    };
    audit::append(transaction, key, entry).await.map(drop)
}

async fn try_to(
    database: &Database,
    key: &ErasureKey,
    transcript: &NewTranscript<'_>,
) -> Result<Option<Stored>, Error> {
    let interaction = transcript.interaction.as_str();
    let mac = key.mac_of(interaction);
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    // Held to the end: those of one interaction are numbered in the order in which they can be seen, and an erasure misses none.
    if conversations::lock_name(&transaction, interaction, &mac).await? {
        return Err(Error::Conflict("the interaction was erased".to_owned()));
    }
    if let Some(known) = known(&transaction, transcript).await? {
        return Ok(Some(known));
    }
    let id = TranscriptId::generate();
    if !insert(&transaction, id, mac.as_bytes(), transcript).await? {
        return Ok(None);
    }
    append(&transaction, key, interaction, transcript.audit.clone()).await?;
    crate::fail_point::reach("store_transcript.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(Some(Stored {
        id,
        parts: transcript.parts.len(),
        is_repeat: false,
    }))
}

/// What was taken in under the same key.
async fn known(
    transaction: &Transaction<'_>,
    transcript: &NewTranscript<'_>,
) -> Result<Option<Stored>, Error> {
    let known = "SELECT id, parts, request_hash = $2 FROM transcripts WHERE idempotency_key = $1 AND part = 1";
    let Some(key) = transcript.idempotency_key else {
        return Ok(None);
    };
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&key, Type::TEXT),
        (&transcript.request_hash.as_slice(), Type::BYTEA),
    ];
    let rows = transaction.query_typed(known, &values).await;
    let rows = rows.map_err(failed)?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Stored, Error> {
    if !row.get::<_, bool>(2) {
        let what = "the idempotency key was used for another transcript";
        return Err(Error::Conflict(what.to_owned()));
    }
    Ok(Stored {
        id: row.get::<_, Uuid>(0).into(),
        parts: row.get::<_, i16>(1).unsigned_abs().into(),
        is_repeat: true,
    })
}

/// Says whether nobody else used the key in the meantime.
async fn insert(
    transaction: &Transaction<'_>,
    id: TranscriptId,
    mac: &[u8],
    transcript: &NewTranscript<'_>,
) -> Result<bool, Error> {
    let insert = "INSERT INTO transcripts
            (id, part, parts, interaction_id, subject_mac, idempotency_key, request_hash, payload, messages, archive_callback_url)
        SELECT $1, n, cardinality($7::bytea[]), $2, $3, $4, $5, p, m, $6
        FROM unnest($7::bytea[], $8::int4[]) WITH ORDINALITY AS part (p, m, n) ORDER BY n";
    let payloads: Vec<_> = transcript.parts.iter().map(|part| part.payload).collect();
    let messages: Vec<_> = transcript
        .parts
        .iter()
        .map(|part| i32::try_from(part.messages).unwrap_or(i32::MAX))
        .collect();
    let values: [(&(dyn ToSql + Sync), Type); 8] = [
        (&id.as_uuid(), Type::UUID),
        (&transcript.interaction.as_str(), Type::TEXT),
        (&mac, Type::BYTEA),
        (&transcript.idempotency_key, Type::TEXT),
        (&transcript.request_hash.as_slice(), Type::BYTEA),
        (&transcript.archive_callback_url, Type::TEXT),
        (&payloads, Type::BYTEA_ARRAY),
        (&messages, Type::INT4_ARRAY),
    ];
    match transaction.execute_typed(insert, &values).await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}
