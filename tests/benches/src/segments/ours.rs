//! Our side: writers that store conversations as the function does, and the keeper beside them, as it is deployed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use shared::config::Env;
use shared::db::Database;
use shared::db::conversation_embeddings::NewChunk;
use shared::db::conversation_events::{NewEvent, TextState};
use shared::db::conversations::{Prepared, Rendition, store};
use shared::db::embedding_models::ModelId;
use shared::db::search::{Filter, Snapshot};
use shared::db::vector_segments::{
    MergeRules, fetch_backlog, fetch_closed, prepare_next, release, roll_over, seal_beside,
    take_lease,
};
use shared::db::words::Words;
use shared::domain::query::ConversationQuery;
use shared::domain::{ConversationMac, DataActionEvent, Embedding, ReceiptId, TextHash};
use shared::testing;
use shared::text::schema_map::SchemaMap;
use shared::text::terms::Analysis;
use vector_keeper::{App, Config, handle};

use super::asking::{Answer, Answers, Asked, beside};
use super::corpus::Corpus;
use super::{NEAREST, Setting};
use crate::bench::Outcome;
use crate::scratch::Ready;

/// Connections that write at once.
pub(super) const WRITERS: usize = 4;
/// Rows of a transaction.
pub(super) const BATCH: usize = 100;
/// Memory for building a graph, on every side.
pub(super) const MEMORY_MB: u32 = 512;

/// Longer than any step of filling.
const AMPLE: Duration = Duration::from_hours(1);
/// What the function has.
const LIMIT: Duration = Duration::from_mins(15);

/// What a window came to.
pub(super) struct Window {
    pub(super) rows: usize,
    /// Until every graph stood that was due.
    pub(super) time: Duration,
    /// Until the writers ended.
    pub(super) written: Duration,
    /// The longest that a batch took.
    pub(super) slowest: Duration,
    /// The most segments that waited for their graph at once.
    pub(super) waiting: i64,
    pub(super) asked: Asked,
}

/// Who writes, and until when.
#[derive(Clone)]
struct Writing {
    corpus: Arc<Corpus>,
    model: ModelId,
    dimensions: usize,
    next: Arc<AtomicUsize>,
    /// Writers end before this row,
    rows: usize,
    /// and at this moment.
    until: Instant,
    /// So many rows fill a segment.
    full: usize,
}

/// The rows that stand before, as merging would have left them: large segments, and fewer than a merge takes of small ones. Each graph is
/// built once.
pub(super) async fn prefill(ready: &Ready, corpus: &Arc<Corpus>, setting: Setting) -> Outcome<()> {
    let merged = setting.segment() * MergeRules::default().fan;
    let large = setting.prefilled / merged * merged;
    let next = Arc::new(AtomicUsize::new(0));
    for (rows, full, tier) in [
        (large, merged, 1),
        (setting.prefilled, setting.segment(), 0),
    ] {
        let writing = Writing {
            corpus: Arc::clone(corpus),
            model: ready.model,
            dimensions: setting.dimensions,
            next: Arc::clone(&next),
            rows,
            until: Instant::now() + AMPLE,
            full,
        };
        write_all(ready, &writing).await?;
        next.store(rows, Ordering::Relaxed);
        seal_closed(ready, tier).await?;
    }
    Ok(ready.scratch.client.batch_execute("VACUUM ANALYZE").await?)
}

async fn seal_closed(ready: &Ready, tier: i16) -> Outcome<()> {
    let database = &ready.database;
    let lease = take_lease(database, ready.model, AMPLE).await?;
    let lease = lease.ok_or("another keeper has the lease")?;
    let rules = MergeRules {
        memory: Some(i64::from(MEMORY_MB) << 20),
        ..MergeRules::default()
    };
    let until = tokio::time::Instant::now() + AMPLE;
    for segment in fetch_closed(database, ready.model).await? {
        seal_beside(database, &lease, segment, &rules, until).await?;
    }
    release(database, lease).await?;
    let merged = "UPDATE vector_segments SET tier = $1::smallint WHERE state = 'sealed' AND tier = 0 AND $1::smallint > 0";
    ready.scratch.client.execute(merged, &[&tier]).await?;
    Ok(())
}

/// Writes for the length of the window, with the keeper and somebody who asks beside; ends when the keeper has nothing left to do.
pub(super) async fn window(
    ready: &Ready,
    corpus: &Arc<Corpus>,
    setting: Setting,
) -> Outcome<Window> {
    let (writers_done, over) = (Arc::new(AtomicBool::new(false)), AtomicBool::new(false));
    let started = Instant::now();
    let keeping = tokio::spawn(keep(ready.scratch.url.clone(), Arc::clone(&writers_done)));
    let writing = Writing {
        corpus: Arc::clone(corpus),
        model: ready.model,
        dimensions: setting.dimensions,
        next: Arc::new(AtomicUsize::new(setting.prefilled)),
        rows: usize::MAX,
        until: started + setting.window,
        full: setting.segment(),
    };
    let writes = async {
        let slowest = write_all(ready, &writing).await;
        over.store(true, Ordering::Relaxed);
        slowest
    };
    let mut side = Ours(another(ready)?);
    let looker = another(ready)?;
    let (slowest, asked, most_waiting_at_once) = tokio::join!(
        writes,
        beside(&mut side, corpus, setting.dimensions, &over),
        most_waiting(&looker, &over)
    );
    let written = started.elapsed();
    writers_done.store(true, Ordering::Relaxed);
    keeping.await??;
    let time = started.elapsed();
    let found = ready.scratch.count("conversation_embeddings").await?;
    ready.scratch.client.batch_execute("ANALYZE").await?;
    Ok(Window {
        rows: usize::try_from(found)? - setting.prefilled,
        time,
        written,
        slowest: slowest?,
        waiting: most_waiting_at_once?,
        asked: asked?,
    })
}

async fn most_waiting(database: &Database, over: &AtomicBool) -> Outcome<i64> {
    let mut most = 0;
    while !over.load(Ordering::Relaxed) {
        most = most.max(fetch_backlog(database).await?.closed);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(most)
}

/// The function, invoked again and again, until it has nothing left to do after the writers have ended.
async fn keep(url: String, writers_done: Arc<AtomicBool>) -> Outcome<()> {
    let memory = MEMORY_MB.to_string();
    let env = Env::from_pairs([
        ("DATABASE_URL", url.as_str()),
        ("MAINTENANCE_MEMORY_MB", memory.as_str()),
    ]);
    let nobody = testing::aws_at("http://127.0.0.1:9").await;
    let app = App::new(Config::from_env(&env)?, &nobody).await?;
    loop {
        let is_last = writers_done.load(Ordering::Relaxed);
        let report = invoke(&app).await?;
        let models = report["models"].as_array().into_iter().flatten();
        let done = |one: &Value| {
            let count = |what: &str| one[what].as_array().map_or(0, Vec::len);
            count("sealed") + count("merged")
        };
        let is_idle = models.map(done).sum::<usize>() == 0;
        if is_last && is_idle {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn invoke(app: &App) -> Outcome<Value> {
    let mut context = Context::default();
    let deadline = (SystemTime::now() + LIMIT).duration_since(SystemTime::UNIX_EPOCH)?;
    context.deadline = u64::try_from(deadline.as_millis())?;
    let payload = serde_json::from_value(json!({ "task": "keep" }))?;
    let kept = handle(app, LambdaEvent { payload, context }).await;
    kept.map_err(|diagnostic| diagnostic.error_message.into())
}

fn another(ready: &Ready) -> Outcome<Database> {
    Ok(Database::new(ready.scratch.url.parse()?, None)?)
}

/// Says how long the longest batch took.
async fn write_all(ready: &Ready, writing: &Writing) -> Outcome<Duration> {
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
    let payload = payload.to_string();
    let event = DataActionEvent::parse(payload.as_bytes())?;
    let mut mac = [0; 32];
    mac[..8].copy_from_slice(&row.to_be_bytes());
    let vector = writing.corpus.vector(row, writing.dimensions);
    let chunk = NewChunk {
        hash: TextHash::of(&text),
        words: Words::count(&text, Analysis::English),
        embedding: Some(Arc::new(embedding(vector)?)),
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
            model: writing.model,
            map: SchemaMap::default().version().clone(),
            chunks: vec![chunk],
        }],
    })
}

fn embedding(numbers: Vec<f32>) -> Outcome<Embedding> {
    let dimensions = u16::try_from(numbers.len())?;
    Ok(Embedding::parse(numbers, dimensions)?)
}

/// Questions as search asks them.
pub(super) struct Ours(pub(super) Database);

impl Answers for Ours {
    async fn ask(&mut self, question: &[f32], is_checked: bool) -> Outcome<Answer> {
        let query = ConversationQuery::parse(br#"{"query": "nothing"}"#)?;
        let filter = Filter::of_conversations(&query, None);
        let question = embedding(question.to_vec())?;
        let started = Instant::now();
        let mut connection = self.0.connection().await?;
        let snapshot = Snapshot::begin(&self.0, &mut connection).await?;
        let near = snapshot.nearest(&filter, None, &question, NEAREST).await?;
        let time = started.elapsed();
        let mut nearest = None;
        if is_checked {
            // The same state, and no graph.
            let all = snapshot.nearest(&filter, Some(&[]), &question, NEAREST);
            nearest = Some(all.await?.iter().map(|one| one.doc.0.to_string()).collect());
        }
        snapshot.end().await?;
        Ok(Answer {
            time,
            found: near.iter().map(|one| one.doc.0.to_string()).collect(),
            nearest,
        })
    }
}
