//! What changes several tables at once: an event is stored with its texts and vectors, or not at all.
//!
//! Whoever changes a conversation holds its lock until the transaction ends, so that two events of one conversation, or an
//! event and its erasure, come one after the other. Locks are taken in one order: nobody waits in a circle.

mod again;
mod remove;

use deadpool_postgres::Transaction;
use sha2::{Digest as _, Sha256};
use tokio_postgres::types::Type;

pub use self::again::store_again;
pub use self::remove::{erase, expire};
use super::Database;
use super::connect::failed;
use super::conversation_embeddings::{self, NewChunk, Row};
use super::conversation_events::{self, EventId, NewEvent, TextState};
use super::embedded::{self, Mark};
use super::embedding_models::ModelId;
use super::erased_conversations::{self, ConversationMac};
use super::vector_segments::{self, SegmentId};
use super::vector_types::VectorTypes;
use crate::domain::ConversationId;
use crate::error::Error;
use crate::text::schema_map::MapVersion;

/// A lock is waited for briefly, and if this machine vanishes or is frozen, its locks go within seconds.
const LIMITS: &str =
    "SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// An event's text as one model has it.
#[derive(Clone)]
pub struct Rendition {
    /// The model.
    pub model: ModelId,
    /// The map that found the text.
    pub map: MapVersion,
    /// The pieces, in order.
    pub chunks: Vec<NewChunk>,
}

/// An event with everything that is to be stored of it.
#[derive(Clone)]
pub struct Prepared {
    /// The conversation's name under the key of tombstones.
    pub mac: ConversationMac,
    /// The event.
    pub event: NewEvent,
    /// Its text, once for every model.
    pub renditions: Vec<Rendition>,
}

/// What storing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is stored.
    New,
    /// It was stored before.
    Duplicate,
    /// Its conversation was erased; nothing was stored.
    Erased,
}

/// Stores all of them in one transaction, or none; one answer per event, in order.
pub async fn store(database: &Database, batch: &[Prepared]) -> Result<Vec<Stored>, Error> {
    let mut connection = database.connection().await?;
    let transaction = connection.transaction().await.map_err(failed)?;
    let erased = lock(&transaction, batch.iter()).await?;
    let is_erased = |prepared: &Prepared| erased.contains(&prepared.mac);
    let kept: Vec<&Prepared> = batch.iter().filter(|one| !is_erased(one)).collect();
    let events: Vec<&NewEvent> = kept.iter().map(|prepared| &prepared.event).collect();
    let ids = conversation_events::insert(&transaction, &events).await?;
    let new: Vec<(EventId, &Prepared)> = ids
        .iter()
        .zip(&kept)
        .filter_map(|(id, prepared)| Some(((*id)?, *prepared)))
        .collect();
    settle(&transaction, database.vector_types(), &new).await?;
    crate::fail_point::reach("store.before_commit");
    transaction.commit().await.map_err(failed)?;
    let mut ids = ids.into_iter();
    let outcome = |prepared: &Prepared| match is_erased(prepared) {
        true => Stored::Erased,
        false if ids.next().flatten().is_some() => Stored::New,
        false => Stored::Duplicate,
    };
    Ok(batch.iter().map(outcome).collect())
}

/// Locks the conversations of a batch, and says which of them were erased.
async fn lock(
    transaction: &Transaction<'_>,
    batch: impl Iterator<Item = &Prepared> + Clone,
) -> Result<Vec<ConversationMac>, Error> {
    transaction.batch_execute(LIMITS).await.map_err(failed)?;
    let ids = batch
        .clone()
        .map(|prepared| &prepared.event.conversation_id);
    lock_conversations(transaction, ids).await?;
    let macs: Vec<_> = batch.map(|prepared| prepared.mac).collect();
    erased_conversations::among(&**transaction, &macs).await
}

async fn lock_conversations(
    transaction: &Transaction<'_>,
    conversations: impl Iterator<Item = &ConversationId>,
) -> Result<(), Error> {
    let lock = "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT key FROM unnest($1::int8[]) AS k (key) ORDER BY key) keys";
    let keys: Vec<i64> = conversations.map(lock_key).collect();
    let locked = transaction
        .query_typed(lock, &[(&keys, Type::INT8_ARRAY)])
        .await;
    locked.map(drop).map_err(failed)
}

fn lock_key(conversation: &ConversationId) -> i64 {
    let digest: [u8; 32] = Sha256::digest(conversation.as_str()).into();
    digest
        .first_chunk()
        .map_or(0, |first| i64::from_be_bytes(*first))
}

/// Writes the texts and vectors of new events, and lets the latest of each conversation take the others' place.
async fn settle(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    new: &[(EventId, &Prepared)],
) -> Result<(), Error> {
    let superseded = supersede(transaction, new).await?;
    let marks: Vec<Mark<'_>> = new.iter().flat_map(|(id, one)| marks(*id, one)).collect();
    embedded::insert(transaction, &marks).await?;
    let standing = new.iter().filter(|(id, _)| !superseded.contains(id));
    let renditions: Vec<_> = standing
        .flat_map(|(id, one)| {
            one.renditions
                .iter()
                .map(|rendition| (*id, *one, rendition))
        })
        .filter(|(_, _, rendition)| !rendition.chunks.is_empty())
        .collect();
    insert_chunks(transaction, types, &renditions).await
}

/// The events whose texts gave way to a later event's, which may be new ones themselves.
async fn supersede(
    transaction: &Transaction<'_>,
    new: &[(EventId, &Prepared)],
) -> Result<Vec<EventId>, Error> {
    let takes_part = |event: &&NewEvent| event.supersedes && event.state == TextState::Searchable;
    let events = new.iter().map(|(_, prepared)| &prepared.event);
    let conversations: Vec<_> = events
        .filter(takes_part)
        .map(|event| &event.conversation_id)
        .collect();
    if conversations.is_empty() {
        return Ok(Vec::new());
    }
    let superseded = conversation_events::supersede(transaction, &conversations).await?;
    let known = |id: &&EventId| new.iter().all(|(new, _)| new != *id);
    let old: Vec<_> = superseded.iter().filter(known).copied().collect();
    conversation_embeddings::delete(transaction, &old, None).await?;
    Ok(superseded)
}

fn marks(event: EventId, prepared: &Prepared) -> impl Iterator<Item = Mark<'_>> {
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    prepared.renditions.iter().map(move |rendition| {
        let without = rendition
            .chunks
            .iter()
            .filter(|chunk| chunk.embedding.is_none());
        Mark {
            event,
            model: rendition.model,
            map: &rendition.map,
            chunks: count(rendition.chunks.len()),
            without_vector: count(without.count()),
        }
    })
}

async fn insert_chunks(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    renditions: &[(EventId, &Prepared, &Rendition)],
) -> Result<(), Error> {
    let mut models: Vec<_> = renditions.iter().map(|(_, _, one)| one.model).collect();
    models.sort();
    models.dedup();
    if models.is_empty() {
        return Ok(());
    }
    let segments = vector_segments::hold_fresh(transaction, &models).await?;
    let places: Vec<(ModelId, SegmentId)> = models.into_iter().zip(segments).collect();
    let rows = renditions.iter().flat_map(|(event, prepared, rendition)| {
        let place = places.iter().find(|(model, _)| *model == rendition.model);
        let chunks = rendition.chunks.iter().zip(0..);
        place.into_iter().flat_map(move |(model, segment)| {
            chunks.clone().map(move |(chunk, number)| Row {
                segment: *segment,
                model: *model,
                event: *event,
                conversation: &prepared.event.conversation_id,
                occurred_at: prepared.event.occurred_at,
                number,
                chunk,
            })
        })
    });
    let rows: Vec<_> = rows.collect();
    conversation_embeddings::insert(transaction, types, &rows).await
}
