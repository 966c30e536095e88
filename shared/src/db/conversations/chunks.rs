//! The texts, vectors and words of renditions are written, each model's into its fresh segment.

use deadpool_postgres::Transaction;

use super::Placed;
use crate::db::conversation_embeddings;
use crate::db::embedding_models::ModelId;
use crate::db::vector_segments::{self, SegmentId};
use crate::db::vector_types::VectorTypes;
use crate::db::words::{self, NewWords, WordSpace};
use crate::error::Error;

pub(super) async fn insert_chunks(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    renditions: &[Placed<'_>],
) -> Result<(), Error> {
    let spoken = renditions
        .iter()
        .filter(|one| !one.rendition.chunks.is_empty());
    let mut models: Vec<_> = spoken.map(|one| one.rendition.model).collect();
    models.sort();
    models.dedup();
    if models.is_empty() {
        return Ok(());
    }
    let chunks = renditions.iter().map(|one| one.rendition.chunks.len());
    let held = vector_segments::hold_fresh(transaction, &models, chunks.sum());
    let (segments, docs) = held.await?;
    let places: Vec<(ModelId, SegmentId)> = models.into_iter().zip(segments).collect();
    let (mut rows, mut docs) = (Vec::new(), docs.into_iter());
    for one in renditions {
        let place = |(model, _): &&(ModelId, _)| *model == one.rendition.model;
        if let Some((_, segment)) = places.iter().find(place) {
            rows.extend(one.rows(*segment, &mut docs));
        }
    }
    conversation_embeddings::insert(transaction, types, &rows).await?;
    let words = rows.iter().map(|row| NewWords {
        space: WordSpace::Conversations(row.model),
        segment: Some(row.segment.0),
        doc: row.doc,
        words: &row.chunk.words,
    });
    words::insert(transaction, &words.collect::<Vec<_>>()).await
}
