//! Stored events are made into vectors anew: of another model, or under another map.

use deadpool_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{Prepared, Stored, insert_chunks, lock, marks, supersede};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversation_embeddings;
use crate::db::conversation_events::{self, EventId};
use crate::db::embedded;
use crate::error::Error;

/// Stores the renditions of events that are stored already, all in one transaction, or none. What they had of the same model
/// gives way. An event that went or was superseded meanwhile is left alone.
pub async fn store_again(
    database: &Database,
    batch: &[(EventId, Prepared)],
) -> Result<Vec<Stored>, Error> {
    let mut connection = database.connection().await?;
    let transaction = connection.transaction().await.map_err(failed)?;
    lock(&transaction, batch.iter().map(|(_, prepared)| prepared)).await?;
    let standing = fetch_standing(&transaction, batch).await?;
    let outcome = |id: &EventId| match standing.contains(id) {
        true => Stored::New,
        false => Stored::Erased,
    };
    let outcomes = batch.iter().map(|(id, _)| outcome(id)).collect();
    let kept: Vec<_> = batch
        .iter()
        .filter(|(id, _)| standing.contains(id))
        .collect();
    let states: Vec<_> = kept
        .iter()
        .map(|(id, one)| (*id, one.event.state))
        .collect();
    conversation_events::update_states(&transaction, &states).await?;
    let pairs: Vec<_> = kept.iter().map(|(id, one)| (*id, one)).collect();
    let superseded = supersede(&transaction, &pairs).await?;
    let marks: Vec<_> = pairs.iter().flat_map(|(id, one)| marks(*id, one)).collect();
    let is_new = embedded::insert(&transaction, &marks).await?;
    let renditions = pairs.iter().flat_map(|(id, one)| {
        one.renditions
            .iter()
            .map(|rendition| (*id, *one, rendition))
    });
    let new = renditions.zip(is_new).filter(|(_, is_new)| *is_new);
    let new: Vec<_> = new.map(|(rendition, _)| rendition).collect();
    for (id, _, rendition) in &new {
        conversation_embeddings::delete(&transaction, &[*id], Some(rendition.model)).await?;
    }
    let stand = |(id, _, one): &&(EventId, &Prepared, &super::Rendition)| {
        !superseded.contains(id) && !one.chunks.is_empty()
    };
    let stand: Vec<_> = new.iter().filter(stand).copied().collect();
    insert_chunks(&transaction, database.vector_types(), &stand).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(outcomes)
}

async fn fetch_standing(
    transaction: &Transaction<'_>,
    batch: &[(EventId, Prepared)],
) -> Result<Vec<EventId>, Error> {
    let standing =
        "SELECT id FROM conversation_events WHERE id = ANY($1) AND state <> 'superseded'";
    let ids: Vec<_> = batch.iter().map(|(id, _)| id.0).collect();
    let rows = transaction
        .query_typed(standing, &[(&ids, Type::INT8_ARRAY)])
        .await
        .map_err(failed)?;
    Ok(rows.iter().map(|row| EventId(row.get(0))).collect())
}
