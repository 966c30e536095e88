//! Our side: writers that fill segments, and the keeper that seals them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pgvector::Vector;
use serde_json::json;
use shared::db::Database;
use shared::db::conversation_embeddings::NewChunk;
use shared::db::conversation_events::{NewEvent, TextState};
use shared::db::conversations::{Prepared, Rendition, store};
use shared::db::embedding_models::ModelId;
use shared::db::search::{Filter, Snapshot};
use shared::db::vector_segments::{
    Sealing, drain, fetch_closed, prepare_next, release, roll_over, seal, take_lease,
};
use shared::db::words::Words;
use shared::domain::query::ConversationQuery;
use shared::domain::{ConversationMac, DataActionEvent, Embedding, ReceiptId, TextHash};
use shared::text::schema_map::SchemaMap;
use shared::text::terms::Analysis;

use super::vectors::{DIMENSIONS, vector};
use super::{Counts, NEAREST};
use crate::bench::Outcome;
use crate::scratch::Ready;

/// Connections that write at once.
pub(super) const WRITERS: usize = 4;
/// Rows of a transaction.
pub(super) const BATCH: usize = 100;

/// Longer than any step of this.
const AMPLE: Duration = Duration::from_mins(10);

/// What filling came to.
pub(super) struct Filled {
    pub(super) time: Duration,
    /// The longest that a batch took to be stored.
    pub(super) slowest: Duration,
    pub(super) sealed: usize,
}

/// Stores everything, and seals what is full; ends when every full segment has its graph.
pub(super) async fn fill(ready: &Ready, counts: Counts) -> Outcome<Filled> {
    let (next, over) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let started = Instant::now();
    let keeper = another(ready)?;
    let keeping = tokio::spawn(keep(keeper, ready.model, Arc::clone(&over)));
    let mut writers = Vec::new();
    for _ in 0..WRITERS {
        let (database, next) = (another(ready)?, Arc::clone(&next));
        writers.push(tokio::spawn(write(database, ready.model, next, counts)));
    }
    let mut slowest = Duration::ZERO;
    for writer in writers {
        slowest = slowest.max(writer.await??);
    }
    over.store(true, Ordering::Relaxed);
    let sealed = keeping.await??;
    let time = started.elapsed();
    let scratch = &ready.scratch;
    let found = scratch.count("conversation_embeddings").await?;
    if usize::try_from(found)? != counts.rows {
        return Err(format!("{found} rows were stored, not {}", counts.rows).into());
    }
    scratch.client.batch_execute("ANALYZE").await?;
    Ok(Filled {
        time,
        slowest,
        sealed,
    })
}

fn another(ready: &Ready) -> Outcome<Database> {
    Ok(Database::new(ready.scratch.url.parse()?, None)?)
}

/// Stores batch after batch, whichever is next.
async fn write(
    database: Database,
    model: ModelId,
    next: Arc<AtomicUsize>,
    counts: Counts,
) -> Outcome<Duration> {
    let full = i64::try_from(counts.segment * DIMENSIONS)?;
    let mut slowest = Duration::ZERO;
    loop {
        let first = next.fetch_add(BATCH, Ordering::Relaxed);
        if first >= counts.rows {
            return Ok(slowest);
        }
        let batch = (first..counts.rows.min(first + BATCH)).map(|number| prepare(model, number));
        let batch = batch.collect::<Outcome<Vec<_>>>()?;
        let began = Instant::now();
        let kept = store(&database, &batch).await?;
        slowest = slowest.max(began.elapsed());
        for fill in kept.fills.iter().filter(|fill| fill.values >= full) {
            roll_over(&database, fill).await?;
            // Whoever is in the way does the same.
            let _ = prepare_next(&database, model).await;
        }
    }
}

/// Seals what is closed, until nothing more will be; says how many segments.
async fn keep(database: Database, model: ModelId, over: Arc<AtomicBool>) -> Outcome<usize> {
    let lease = take_lease(&database, model, AMPLE).await?;
    let lease = lease.ok_or("another keeper has the lease")?;
    let mut sealed = 0;
    loop {
        let is_last = over.load(Ordering::Relaxed);
        let closed = fetch_closed(&database, model).await?;
        if closed.is_empty() && is_last {
            break;
        }
        drain(&database, tokio::time::Instant::now() + AMPLE).await?;
        for segment in closed {
            while seal(&database, &lease, segment).await? == Sealing::Busy {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            sealed += 1;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    release(&database, lease).await?;
    Ok(sealed)
}

fn prepare(model: ModelId, number: usize) -> Outcome<Prepared> {
    let payload = json!({
        "event": "conversation.completed",
        "timestamp": "2026-01-15T10:30:00Z",
        "conversationId": format!("conv-{number}"),
        "data": { "text": format!("Parcel {number} has not arrived, where is it?") },
    });
    let payload = payload.to_string();
    let event = DataActionEvent::parse(payload.as_bytes())?;
    let text = format!("Parcel {number} has not arrived, where is it?");
    let mut mac = [0; 32];
    mac[..8].copy_from_slice(&number.to_be_bytes());
    let chunk = NewChunk {
        hash: TextHash::of(&text),
        words: Words::count(&text, Analysis::English),
        embedding: Some(Arc::new(embedding(vector(number))?)),
        metadata: r#"{"source":"cxone_data_action","language":"en"}"#.to_owned(),
        text,
    };
    Ok(Prepared {
        mac: ConversationMac::new(mac),
        event: NewEvent {
            key: event.key,
            conversation_id: event.conversation_id,
            event: event.event,
            occurred_at: event.timestamp,
            received_at: Timestamp::now(),
            receipt_id: ReceiptId::generate(),
            raw: payload,
            raw_masked: false,
            supersedes: true,
            state: TextState::Searchable,
        },
        renditions: vec![Rendition {
            model,
            map: SchemaMap::default().version().clone(),
            chunks: vec![chunk],
        }],
    })
}

fn embedding(numbers: Vec<f32>) -> Outcome<Embedding> {
    Ok(Embedding::parse(numbers, u16::try_from(DIMENSIONS)?)?)
}

/// What each question took and found, as search asks.
pub(super) async fn ask(
    ready: &Ready,
    questions: &[Vec<f32>],
) -> Outcome<Vec<(Duration, Vec<i64>)>> {
    let query = ConversationQuery::parse(br#"{"query": "nothing"}"#)?;
    let filter = Filter::of_conversations(&query, None);
    let mut answers = Vec::new();
    for question in questions {
        let question = embedding(question.clone())?;
        let started = Instant::now();
        let mut connection = ready.database.connection().await?;
        let snapshot = Snapshot::begin(&ready.database, &mut connection).await?;
        let near = snapshot.nearest(&filter, None, &question, NEAREST).await?;
        snapshot.end().await?;
        let time = started.elapsed();
        answers.push((time, near.iter().map(|one| one.doc.0).collect()));
    }
    Ok(answers)
}

/// The nearest, by looking at every row.
pub(super) async fn exact(ready: &Ready, questions: &[Vec<f32>]) -> Outcome<Vec<Vec<i64>>> {
    let exact = format!(
        "SELECT doc FROM conversation_embeddings ORDER BY embedding <=> $1, doc LIMIT {NEAREST}"
    );
    let mut answers = Vec::new();
    for question in questions {
        let vector = Vector::from(question.clone());
        let rows = ready.scratch.client.query(&exact, &[&vector]).await?;
        answers.push(rows.iter().map(|row| row.get(0)).collect());
    }
    Ok(answers)
}
