//! Our side: writers that store conversations as the function does, and the keeper beside them, as it is deployed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use shared::db::Database;
use shared::db::search::{Filter, Snapshot};
use shared::db::vector_segments::{
    MergeRules, fetch_backlog, fetch_closed, release, seal_beside, take_lease,
};
use shared::domain::query::ConversationQuery;

use super::asking::{Answer, Answers, Asked, beside};
use super::corpus::Corpus;
use super::keeping::keep;
use super::writing::{Writing, embedding, write_all};
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
        seal_beside(database, &lease, &[segment], &rules, until).await?;
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

/// Another connection pool to the same database.
pub(super) fn another(ready: &Ready) -> Outcome<Database> {
    Ok(Database::new(ready.scratch.url.parse()?, None)?)
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
