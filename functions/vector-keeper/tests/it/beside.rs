//! Writers fill segment after segment while the keeper seals: nothing is lost or doubled, and nobody waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use shared::db::Database;
use shared::db::conversations::{Stored, store};
use shared::db::embedding_models::ModelId;
use tokio_postgres::Client;

use crate::calls::{DIMENSIONS, event};
use crate::world::{PLENTY, World, invoke, next};

const WRITERS: usize = 8;
/// Events of each writer.
const EACH: usize = 150;
/// Rows of a segment.
const FULL: i64 = 200;

/// Writes events one by one; says how long the slowest took.
async fn write(database: Database, model: ModelId, writer: usize) -> Duration {
    let mut slowest = Duration::ZERO;
    for number in 0..EACH {
        let name = format!("conv-{writer}-{number}");
        let one = event(model, &name, "said", 0);
        let began = Instant::now();
        let kept = store(&database, &[one]).await;
        slowest = slowest.max(began.elapsed());
        let kept = kept.unwrap_or_else(|error| panic!("{}", error.chain()));
        assert_eq!(kept.stored, [Stored::New]);
        if kept.fills[0].values >= FULL * i64::from(DIMENSIONS) {
            next(&database, &kept).await;
        }
    }
    slowest
}

/// What was seen of the locks, as often as that can be looked at.
#[derive(Default)]
struct Seen {
    longest_wait_ms: f64,
    /// Builds of graphs over tables that are written to and deleted from.
    builds: i64,
    /// Those of them that hold a lock which somebody who deletes has to wait for.
    in_the_way: i64,
}

async fn look(client: Client, over: Arc<AtomicBool>, has_built: Arc<AtomicBool>) -> Seen {
    let waits = "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - l.waitstart))
                FILTER (WHERE a.query NOT LIKE '%INDEX CONCURRENTLY%'), 0)::float8 * 1000
        FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()";
    let builds = "SELECT count(DISTINCT p.pid), count(*) FILTER (WHERE l.granted AND l.mode IN
            ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
        FROM pg_stat_progress_create_index p JOIN pg_inherits h ON h.inhrelid = p.relid
        JOIN pg_locks l ON l.pid = p.pid AND l.relation IN (p.relid, h.inhparent)
        WHERE p.datname = current_database()";
    let mut seen = Seen::default();
    while !over.load(Ordering::Relaxed) {
        let row = client.query_one(waits, &[]).await.unwrap();
        seen.longest_wait_ms = seen.longest_wait_ms.max(row.get(0));
        let row = client.query_one(builds, &[]).await.unwrap();
        seen.builds = seen.builds.max(row.get(0));
        has_built.fetch_or(seen.builds > 0, Ordering::Relaxed);
        seen.in_the_way += row.get::<_, i64>(1);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_and_the_keeper_do_not_wait_for_one_another() {
    let Some(world) = World::start("writers_and_the_keeper").await else {
        return;
    };
    let model = world.stage.model;
    let [over, has_built] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
    let looker = world.stage.test.bystander().await.unwrap();
    let looking = tokio::spawn(look(looker, Arc::clone(&over), Arc::clone(&has_built)));
    // Each gets its graph in its place: what is built beside is attached to nothing that anybody writes into.
    let (keeper, until) = (world.patient().await, Arc::clone(&over));
    let keeping = tokio::spawn(async move {
        while !until.load(Ordering::Relaxed) {
            let task = json!({ "task": "keep" });
            invoke(&keeper, task, PLENTY).await.unwrap();
        }
    });
    let others = world.stage.others(WRITERS).into_iter().enumerate();
    let writers = others.map(|(writer, database)| tokio::spawn(write(database, model, writer)));
    let mut slowest = Duration::ZERO;
    for writer in writers.collect::<Vec<_>>() {
        slowest = slowest.max(writer.await.unwrap());
    }
    // On a slow machine the first build may begin when the last is written.
    let began = Instant::now();
    while !has_built.load(Ordering::Relaxed) && !keeping.is_finished() {
        assert!(began.elapsed() < PLENTY, "nothing is built");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    over.store(true, Ordering::Relaxed);
    keeping.await.unwrap();
    let seen = looking.await.unwrap();
    eprintln!(
        "the slowest write took {slowest:?}; the longest wait for a lock was {:.1} ms",
        seen.longest_wait_ms
    );
    // How long somebody waits is the machine's to say, and told by the bench; that no build is waited for is ours.
    assert!(seen.builds > 0, "builds ran beside the writers");
    assert_eq!(seen.in_the_way, 0, "a build holds what deleting waits for");

    world.keep().await;
    let rows = "SELECT count(*) FROM conversation_embeddings";
    let names = "SELECT count(DISTINCT conversation_id) FROM conversation_embeddings";
    let all = i64::try_from(WRITERS * EACH).unwrap();
    assert_eq!(
        (
            world.stage.number(rows).await,
            world.stage.number(names).await
        ),
        (all, all)
    );
    let sealed = world.count("sealed").await;
    assert!(
        sealed >= 2 && world.count("closed").await == 0,
        "{sealed} were sealed"
    );
    assert_eq!(world.graphs().await, sealed);
    let wrong = "SELECT count(*) FROM vector_segments s WHERE state = 'sealed'
        AND row_count <> (SELECT count(*) FROM conversation_embeddings e WHERE e.segment = s.id)";
    assert_eq!(
        world.stage.number(wrong).await,
        0,
        "what was counted had ended"
    );
}
