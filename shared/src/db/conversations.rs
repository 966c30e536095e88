//! What changes several tables at once: an event is stored with its texts and vectors, or not at all.
//!
//! Whoever changes a conversation holds its lock until the transaction ends, so that two events of one conversation, or an
//! event and its erasure, come one after the other. Locks are taken in one order: nobody waits in a circle.

mod again;
mod chunks;
mod fetch;
mod lock;
mod remove;

use deadpool_postgres::Transaction;

pub use self::again::store_again;
use self::chunks::insert_chunks;
pub use self::fetch::{StoredConversation, StoredLine, fetch};
use self::lock::lock;
pub(super) use self::lock::{lock_name, lock_statement};
pub use self::remove::{erase, expire};
use super::Database;
use super::connect::failed;
use super::conversation_embeddings::{self, NewChunk, Row};
use super::conversation_events::{self, EventId, NewEvent, TextState};
use super::embedded::{self, Mark};
use super::embedding_models::ModelId;
use super::erased_conversations::ConversationMac;
use super::transaction::begin;
use super::vector_segments::{Fill, SegmentId};
use super::vector_types::VectorTypes;
use crate::error::Error;
use crate::search::words::Doc;
use crate::text::schema_map::MapVersion;

/// An event's text as one model has it.
#[derive(Clone)]
pub struct Rendition {
    /// The model.
    pub model: ModelId,
    /// The map that found the text.
    pub map: MapVersion,
    /// The pieces, in order.
    pub chunks: Vec<NewChunk>,
    /// Whether every piece had its turn. If not, the event waits for its vectors as if it had none.
    pub is_finished: bool,
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

impl Prepared {
    /// Whether every model has had its turn with every piece.
    pub fn is_finished(&self) -> bool {
        self.renditions.iter().all(|one| one.is_finished)
    }
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

/// What was kept of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// One answer per event, in order.
    pub stored: Vec<Stored>,
    /// How full the segments are that took the vectors.
    pub fills: Vec<Fill>,
}

/// Stores all of them in one transaction, or none.
pub async fn store(database: &Database, batch: &[Prepared]) -> Result<Kept, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
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
    let fills = settle(&transaction, database.vector_types(), &new).await?;
    crate::fail_point::reach("store.before_commit");
    transaction.commit().await.map_err(failed)?;
    let mut ids = ids.into_iter();
    let outcome = |prepared: &Prepared| match is_erased(prepared) {
        true => Stored::Erased,
        false if ids.next().flatten().is_some() => Stored::New,
        false => Stored::Duplicate,
    };
    let stored = batch.iter().map(outcome).collect();
    Ok(Kept { stored, fills })
}

/// A rendition of a stored event.
#[derive(Clone, Copy)]
struct Placed<'a> {
    event: EventId,
    prepared: &'a Prepared,
    rendition: &'a Rendition,
}

impl<'a> Placed<'a> {
    /// All renditions of an event.
    fn all((event, prepared): &(EventId, &'a Prepared)) -> impl Iterator<Item = Self> + use<'a> {
        let (event, prepared) = (*event, *prepared);
        let place = move |rendition| Self {
            event,
            prepared,
            rendition,
        };
        prepared.renditions.iter().map(place)
    }

    /// Takes a number of `docs` for each row.
    fn rows(
        self,
        segment: SegmentId,
        docs: &mut impl Iterator<Item = Doc>,
    ) -> impl Iterator<Item = Row<'a>> {
        let row = move |((chunk, number), doc)| Row {
            segment,
            model: self.rendition.model,
            event: self.event,
            conversation: &self.prepared.event.conversation_id,
            occurred_at: self.prepared.event.occurred_at,
            number,
            chunk,
            doc,
        };
        self.rendition.chunks.iter().zip(0..).zip(docs).map(row)
    }
}

/// Writes the texts and vectors of new events, and lets the latest of each conversation take the others' place.
async fn settle(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    new: &[(EventId, &Prepared)],
) -> Result<Vec<Fill>, Error> {
    let superseded = supersede(transaction, new).await?;
    let standing = new.iter().filter(|(id, _)| !superseded.contains(id));
    let marked = standing.clone().flat_map(|(id, one)| marks(*id, one));
    let marks: Vec<Mark<'_>> = marked.collect();
    embedded::mark(transaction, &marks).await?;
    let renditions: Vec<_> = standing.flat_map(Placed::all).collect();
    insert_chunks(transaction, types, &renditions).await
}

/// The events whose texts gave way to a later event's: those of these events that came too late, and those that had stood.
async fn supersede(
    transaction: &Transaction<'_>,
    changed: &[(EventId, &Prepared)],
) -> Result<Vec<EventId>, Error> {
    let events = changed.iter().map(|(_, prepared)| &prepared.event);
    let conversations: Vec<_> = events
        .filter(|event| takes_part(event))
        .map(|event| &event.conversation_id)
        .collect();
    if conversations.is_empty() {
        return Ok(Vec::new());
    }
    let superseded = conversation_events::supersede(transaction, &conversations).await?;
    conversation_embeddings::delete(transaction, &superseded).await?;
    embedded::forget(transaction, &superseded).await?;
    Ok(superseded)
}

/// Whether it takes the place of earlier events of its conversation, and gives way to later ones.
fn takes_part(event: &NewEvent) -> bool {
    event.supersedes && event.state == TextState::Searchable
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
            is_finished: rendition.is_finished,
        }
    })
}
