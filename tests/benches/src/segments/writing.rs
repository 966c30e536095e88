//! Writers that store conversations as the function does, until the rows or the time are over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use shared::db::Database;
use shared::db::conversation_embeddings::NewChunk;
use shared::db::conversations::{Prepared, store};
use shared::db::embedding_models::ModelId;
use shared::db::vector_segments::{prepare_next, roll_over};
use shared::db::words::Words;
use shared::domain::{Embedding, TextHash};
use shared::text::terms::Analysis;

use super::corpus::Corpus;
use super::ours::{BATCH, WRITERS, another};
use crate::bench::Outcome;
use crate::prepared::prepared;
use crate::scratch::Ready;

/// Who writes, and until when.
#[derive(Clone)]
pub(super) struct Writing {
    pub(super) corpus: Arc<Corpus>,
    pub(super) model: ModelId,
    pub(super) dimensions: usize,
    pub(super) next: Arc<AtomicUsize>,
    /// Writers end before this row,
    pub(super) rows: usize,
    /// and at this moment.
    pub(super) until: Instant,
    /// So many rows fill a segment.
    pub(super) full: usize,
}

/// Says how long the longest batch took.
pub(super) async fn write_all(ready: &Ready, writing: &Writing) -> Outcome<Duration> {
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        writers.push(tokio::spawn(write(another(ready)?, writing.clone())));
    }
    let mut slowest = Duration::ZERO;
    for writer in writers {
        slowest = slowest.max(writer.await??);
    }
    Ok(slowest)
}

/// Stores batch after batch, whichever is next.
async fn write(database: Database, writing: Writing) -> Outcome<Duration> {
    let full = i64::try_from(writing.full * writing.dimensions)?;
    let mut slowest = Duration::ZERO;
    loop {
        let first = writing.next.fetch_add(BATCH, Ordering::Relaxed);
        if first >= writing.rows || Instant::now() >= writing.until {
            return Ok(slowest);
        }
        let batch = (first..writing.rows.min(first + BATCH)).map(|row| prepare(&writing, row));
        let batch = batch.collect::<Outcome<Vec<_>>>()?;
        let began = Instant::now();
        let kept = store(&database, &batch).await?;
        slowest = slowest.max(began.elapsed());
        for fill in kept.fills.iter().filter(|fill| fill.values >= full) {
            roll_over(&database, fill).await?;
            // Whoever is in the way does the same.
            let _ = prepare_next(&database, writing.model).await;
        }
    }
}

fn prepare(writing: &Writing, row: usize) -> Outcome<Prepared> {
    let text = writing.corpus.text(row);
    let payload = json!({
        "event": "conversation.completed",
        "timestamp": "2026-01-15T10:30:00Z",
        "conversationId": format!("conv-{row}"),
        "data": { "text": text },
    });
    let vector = writing.corpus.vector(row, writing.dimensions);
    let chunk = NewChunk {
        hash: TextHash::of(&text),
        words: Words::count(&text, Analysis::English),
        embedding: Some(Arc::new(embedding(vector)?)),
        metadata: r#"{"source":"cxone_data_action","language":"en"}"#.to_owned(),
        text,
    };
    prepared(writing.model, row, payload.to_string(), chunk)
}

/// A vector of these numbers.
pub(super) fn embedding(numbers: Vec<f32>) -> Outcome<Embedding> {
    let dimensions = u16::try_from(numbers.len())?;
    Ok(Embedding::parse(numbers, dimensions)?)
}
