//! The texts, vectors and words of renditions are written, each model's into its fresh segment.

use deadpool_postgres::Transaction;

use super::Placed;
use crate::db::conversation_embeddings;
use crate::db::embedding_models::ModelId;
use crate::db::vector_segments::{Fill, Held, SegmentId, hold_fresh};
use crate::db::vector_types::VectorTypes;
use crate::db::words::{self, NewWords, WordSpace};
use crate::error::Error;

/// Says how full the segments are with them.
pub(super) async fn insert_chunks(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    renditions: &[Placed<'_>],
) -> Result<Vec<Fill>, Error> {
    let spoken = renditions
        .iter()
        .filter(|one| !one.rendition.chunks.is_empty());
    let mut models: Vec<_> = spoken.map(|one| one.rendition.model).collect();
    models.sort();
    models.dedup();
    if models.is_empty() {
        return Ok(Vec::new());
    }
    let chunks = renditions.iter().map(|one| one.rendition.chunks.len());
    let Held {
        segments,
        docs,
        fills,
    } = hold_fresh(transaction, &models, chunks.sum()).await?;
    let (mut rows, mut docs) = (Vec::new(), docs.into_iter());
    for one in renditions {
        let place = |(model, _): &&(ModelId, SegmentId)| *model == one.rendition.model;
        if let Some((_, segment)) = segments.iter().find(place) {
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
    words::insert(transaction, &words.collect::<Vec<_>>()).await?;
    Ok(fills)
}
