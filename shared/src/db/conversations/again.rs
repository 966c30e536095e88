//! Stored events are made into vectors anew: of another model, or under another map.

use deadpool_postgres::Transaction;

use super::lock::lock;
use super::{Kept, Placed, Prepared, Stored, insert_chunks, marks, supersede, takes_part};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversation_embeddings;
use crate::db::conversation_events::{self, EventId, TextState};
use crate::db::embedded;
use crate::db::transaction::begin;
use crate::db::vector_segments::Fill;
use crate::db::vector_types::VectorTypes;
use crate::error::Error;

/// Stores the renditions of events that are stored already, all in one transaction, or none.
/// What an event had of the same model under another map gives way. An event that was erased, went or was superseded meanwhile is
/// left alone, and the answer is `Erased`; one that had given way and does so no more stands again. No event may stand in the batch twice.
pub async fn store_again(
    database: &Database,
    batch: &[(EventId, Prepared)],
) -> Result<Kept, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    lock(&transaction, batch.iter().map(|(_, prepared)| prepared)).await?;
    let ids: Vec<_> = batch.iter().map(|(id, _)| *id).collect();
    let events: Vec<_> = batch.iter().map(|(id, one)| (*id, &one.event)).collect();
    let standing = conversation_events::hold_standing(&transaction, &events).await?;
    let kept = batch.iter().filter(|(id, _)| standing.contains(id));
    let kept: Vec<_> = kept.map(|(id, prepared)| (*id, prepared)).collect();
    let (changed, fills) = replace(&transaction, database.vector_types(), &kept).await?;
    crate::fail_point::reach("store_again.before_commit");
    transaction.commit().await.map_err(failed)?;
    let outcome = |id: &EventId| match (standing.contains(id), changed.contains(id)) {
        (true, true) => Stored::New,
        (true, false) => Stored::Duplicate,
        (false, _) => Stored::Erased,
    };
    let stored = ids.iter().map(outcome).collect();
    Ok(Kept { stored, fills })
}

/// Says of which events something was new, and how full the segments are with it.
async fn replace(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    events: &[(EventId, &Prepared)],
) -> Result<(Vec<EventId>, Vec<Fill>), Error> {
    let marks: Vec<_> = events
        .iter()
        .flat_map(|(id, one)| marks(*id, one))
        .collect();
    let is_new = embedded::mark(transaction, &marks).await?;
    let renditions = events.iter().flat_map(Placed::all);
    let new: Vec<Placed<'_>> = renditions
        .zip(is_new)
        .filter_map(|(one, is_new)| is_new.then_some(one))
        .collect();
    let changed: Vec<_> = new.iter().map(|one| one.event).collect();
    let superseded = settle_states(transaction, events, &changed).await?;
    let old = new.iter().map(|one| (one.event, one.rendition.model));
    let old: Vec<_> = old.collect();
    conversation_embeddings::delete_of_models(transaction, &old).await?;
    let stands = |one: &Placed<'_>| !superseded.contains(&one.event);
    let new: Vec<_> = new.into_iter().filter(stands).collect();
    let fills = insert_chunks(transaction, types, &new).await?;
    Ok((changed, fills))
}

/// What changed may have gained its text, or lost it: of every model then. It may take others' place now, or no more.
async fn settle_states(
    transaction: &Transaction<'_>,
    events: &[(EventId, &Prepared)],
    changed: &[EventId],
) -> Result<Vec<EventId>, Error> {
    let changed = events.iter().filter(|(id, _)| changed.contains(id));
    let changed: Vec<_> = changed.copied().collect();
    let events: Vec<_> = changed.iter().map(|(id, one)| (*id, &one.event)).collect();
    conversation_events::update_states(transaction, &events).await?;
    let silent = events
        .iter()
        .filter(|(_, event)| event.state != TextState::Searchable);
    let silent: Vec<_> = silent.map(|(id, _)| *id).collect();
    conversation_embeddings::delete(transaction, &silent).await?;
    let aside = events.iter().filter(|(_, event)| !takes_part(event));
    let left: Vec<_> = aside.map(|(_, event)| &event.conversation_id).collect();
    conversation_events::bring_back(transaction, &left).await?;
    supersede(transaction, &changed).await
}
