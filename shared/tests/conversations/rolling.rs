//! A full segment gives way to the next one, and is sealed: nothing waits, nothing is lost.

use std::time::Duration;

use fault_proxy::{FaultProxy, Plan};
use shared::Kind;
use shared::db::Database;
use shared::db::conversations::{Kept, erase, store};
use shared::db::vector_segments::{
    Fill, Sealing, drain, fetch_all, fetch_backlog, fetch_closed, fetch_models, open, prepare_next,
    release, roll_over, seal, take_lease,
};
use shared::domain::ReceiptId;
use tokio::time::Instant;

use crate::stage::{DIMENSIONS, Stage, chunk, erasure_key, event, id, space};

const LEASE: Duration = Duration::from_mins(1);
const STATES: &str = "SELECT id::text, state FROM vector_segments ORDER BY id";
/// What a writer holds until its transaction ends.
const WRITE: &str = "BEGIN; SELECT pg_advisory_xact_lock_shared(x'0043586f6e655365'::bigint)";

fn within(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}

async fn write(stage: &Stage, name: &str) -> Kept {
    let one = event(stage.model, name, "said", 0);
    store(&stage.database, &[one]).await.unwrap()
}

/// Writes something, and lets the next segment take the place of the one that took it.
async fn close(stage: &Stage, name: &str) -> Fill {
    let fill = write(stage, name).await.fills[0];
    assert!(roll_over(&stage.database, &fill).await.unwrap());
    assert!(prepare_next(&stage.database, stage.model).await.unwrap());
    fill
}

#[tokio::test]
async fn the_next_one_takes_the_place_of_the_one_that_was_seen_full_and_of_no_other() {
    let Some(stage) = Stage::set("the_next_one_takes").await else {
        return;
    };
    assert_eq!(stage.lines(STATES).await, ["1 fresh", "2 next"]);
    assert!(!prepare_next(&stage.database, stage.model).await.unwrap());
    let values = |kept: &Kept| kept.fills[0].values / i64::from(DIMENSIONS);
    let first = write(&stage, "conv-1").await;
    let second = write(&stage, "conv-2").await;
    assert_eq!(values(&second), values(&first) + 1, "a chunk each");
    let full = second.fills[0];
    assert!(roll_over(&stage.database, &full).await.unwrap());
    assert!(
        !roll_over(&stage.database, &full).await.unwrap(),
        "it is closed"
    );
    assert_eq!(stage.lines(STATES).await, ["1 closed", "2 fresh"]);
    let third = write(&stage, "conv-3").await;
    assert_eq!(values(&third), 1, "it counts from the roll-over on");
    let none = roll_over(&stage.database, &third.fills[0]).await.unwrap();
    assert!(
        !none,
        "without a next one everybody goes on in the full one"
    );
    write(&stage, "conv-4").await;
    assert!(prepare_next(&stage.database, stage.model).await.unwrap());
    assert!(roll_over(&stage.database, &third.fills[0]).await.unwrap());
    assert_eq!(
        stage.lines(STATES).await,
        ["1 closed", "2 closed", "4 fresh"]
    );
    let spread =
        "SELECT segment::text, count(*)::text FROM conversation_embeddings GROUP BY 1 ORDER BY 1";
    assert_eq!(stage.lines(spread).await, ["1 2", "2 2"]);
}

/// All models count their chunks together: who is little written to has its segment closed when it is full, and not when others' are.
#[tokio::test]
async fn what_others_chunks_would_fill_goes_on_and_is_closed_when_it_is_full() {
    let Some(stage) = Stage::set("what_others_chunks_would_fill").await else {
        return;
    };
    let two = open(&stage.database, &space("two")).await.unwrap();
    let values = |kept: &Kept| kept.fills[0].values / i64::from(DIMENSIONS);
    write(&stage, "conv-1").await;
    for number in 0..20 {
        let name = format!("conv-two-{number}");
        let one = event(two, &name, "said", 0);
        store(&stage.database, &[one]).await.unwrap();
    }
    let full = write(&stage, "conv-2").await;
    assert!(values(&full) > 20, "of which two are its own");
    assert!(!roll_over(&stage.database, &full.fills[0]).await.unwrap());
    let states = "SELECT state FROM vector_segments WHERE model_id = 1 ORDER BY id";
    assert_eq!(stage.lines(states).await, ["fresh", "next"]);
    let third = write(&stage, "conv-3").await;
    assert_eq!(values(&third), 3, "it is known as full as it is");
    assert!(roll_over(&stage.database, &third.fills[0]).await.unwrap());
    assert_eq!(stage.lines(states).await, ["closed", "fresh"]);
}

#[tokio::test]
async fn a_model_from_before_gets_its_next_segment() {
    let Some(stage) = Stage::set("a_model_from_before").await else {
        return;
    };
    let before =
        "DELETE FROM vector_segments WHERE state = 'next'; DROP TABLE conversation_embeddings_2";
    stage.bystander.batch_execute(before).await.unwrap();
    open(&stage.database, &space("one")).await.unwrap();
    assert_eq!(stage.lines(STATES).await, ["1 fresh", "4 next"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_that_roll_over_at_once_one_does() {
    let Some(stage) = Stage::set("of_many_that_roll").await else {
        return;
    };
    let others = stage.others(8);
    for round in 1..=10 {
        let full = write(&stage, &format!("conv-{round}")).await.fills[0];
        let rolls = others.iter().cloned().map(|database| {
            tokio::spawn(async move {
                let rolled = roll_over(&database, &full).await.unwrap();
                // Who waits for another that does the same gives up; the other has done it.
                let prepared = prepare_next(&database, full.model).await;
                (rolled, prepared.unwrap_or(false))
            })
        });
        let mut done = (0, 0);
        for one in rolls.collect::<Vec<_>>() {
            let (rolled, prepared) = one.await.unwrap();
            done.0 += u8::from(rolled);
            done.1 += u8::from(prepared);
        }
        assert_eq!(done, (1, 1), "round {round}");
    }
    let states = "SELECT state, count(*)::text FROM vector_segments GROUP BY 1 ORDER BY 1";
    assert_eq!(
        stage.lines(states).await,
        ["closed 10", "fresh 1", "next 1"]
    );
}

#[tokio::test]
async fn a_segment_is_made_without_waiting_for_who_reads_or_writes() {
    let Some(stage) = Stage::set("made_without_waiting").await else {
        return;
    };
    let full = write(&stage, "conv-1").await.fills[0];
    let busy = "BEGIN; SELECT count(*) FROM conversation_embeddings;
        INSERT INTO conversation_embeddings SELECT segment, model_id, 7, chunk, source_system, conversation_id, occurred_at, text_content,
            content_hash, embedding, semantic_metadata FROM conversation_embeddings";
    stage.bystander.batch_execute(busy).await.unwrap();
    let started = Instant::now();
    assert!(roll_over(&stage.database, &full).await.unwrap());
    assert!(prepare_next(&stage.database, stage.model).await.unwrap());
    let took = started.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    // Where segments are swapped at this moment, it gives up soon.
    let swap = "COMMIT; BEGIN; DELETE FROM vector_segments WHERE state = 'next'; LOCK TABLE conversation_embeddings IN ACCESS EXCLUSIVE MODE";
    stage.bystander.batch_execute(swap).await.unwrap();
    let started = Instant::now();
    let error = prepare_next(&stage.database, stage.model)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Transient, "{}", error.chain());
    let took = started.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test]
async fn who_writes_is_waited_for_and_who_comes_later_is_not() {
    let Some(stage) = Stage::set("who_writes_is_waited").await else {
        return;
    };
    assert!(drain(&stage.database, within(0)).await.unwrap());
    stage.bystander.batch_execute(WRITE).await.unwrap();
    assert!(!drain(&stage.database, within(300)).await.unwrap());
    let database = stage.test.database().unwrap();
    // With its connection, it has seen who writes before the later one comes.
    assert!(!drain(&database, within(0)).await.unwrap());
    let waiting = tokio::spawn(async move { drain(&database, within(20_000)).await.unwrap() });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let later = stage.test.bystander().await.unwrap();
    later.batch_execute(WRITE).await.unwrap();
    assert!(!waiting.is_finished());
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    assert!(waiting.await.unwrap(), "the later one still writes");
}

#[tokio::test]
async fn who_lost_the_lease_changes_nothing() {
    let Some(stage) = Stage::set("who_lost_the_lease").await else {
        return;
    };
    close(&stage, "conv-1").await;
    let take = |span| take_lease(&stage.database, stage.model, span);
    assert_eq!(fetch_models(&stage.database).await.unwrap(), [stage.model]);
    let lost = take(Duration::ZERO).await.unwrap().unwrap();
    let held = take(LEASE).await.unwrap().unwrap();
    assert!(take(LEASE).await.unwrap().is_none());
    let closed = fetch_closed(&stage.database, stage.model).await.unwrap();
    let error = seal(&stage.database, &lost, closed[0]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict, "{}", error.chain());
    assert_eq!(stage.lines(STATES).await[0], "1 closed");
    release(&stage.database, lost).await.unwrap();
    assert!(
        take(LEASE).await.unwrap().is_none(),
        "it is left to its holder"
    );
    let sealed = seal(&stage.database, &held, closed[0]).await.unwrap();
    assert_eq!(sealed, Sealing::Sealed);
    release(&stage.database, held).await.unwrap();
    assert!(take(LEASE).await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_sealed_has_its_graph_and_knows_its_rows_and_their_span() {
    let Some(stage) = Stage::set("what_is_sealed").await else {
        return;
    };
    for second in [40, 10, 20] {
        let name = format!("conv-{second}");
        let mut one = event(stage.model, &name, "said", second);
        // What only words can find has no place in the graph.
        let mut silent = chunk("alone");
        silent.embedding = None;
        one.renditions[0].chunks.push(silent);
        store(&stage.database, &[one]).await.unwrap();
    }
    close(&stage, "conv-0").await;
    let (key, late) = (erasure_key(), id("conv-40"));
    erase(&stage.database, &key, &late, ReceiptId::generate())
        .await
        .unwrap();
    assert_eq!(fetch_backlog(&stage.database).await.unwrap().closed, 1);
    let lease = take_lease(&stage.database, stage.model, LEASE).await;
    let lease = lease.unwrap().unwrap();
    let closed = fetch_closed(&stage.database, stage.model).await.unwrap();
    for _ in 0..2 {
        let sealed = seal(&stage.database, &lease, closed[0]).await.unwrap();
        assert_eq!(sealed, Sealing::Sealed);
    }
    assert!(
        fetch_closed(&stage.database, stage.model)
            .await
            .unwrap()
            .is_empty()
    );
    let known = "SELECT state, row_count::text, extract(epoch FROM first_at)::int8::text, extract(epoch FROM last_at)::int8::text,
        (sealed_at >= closed_at)::text FROM vector_segments WHERE id = 1";
    assert_eq!(
        stage.lines(known).await,
        ["sealed 5 1768473000 1768473020 true"]
    );
    let graph = "SELECT pg_get_indexdef('conversation_embeddings_1_graph'::regclass)";
    let graph = stage.lines(graph).await.remove(0);
    assert!(
        graph.contains("USING hnsw") && graph.contains("ef_construction='128'"),
        "{graph}"
    );
    let all = fetch_all(&stage.database).await.unwrap();
    let told = all
        .iter()
        .map(|one| (one.id, one.state.as_str(), one.rows, one.graph.is_some()));
    let expected = [
        (1, "sealed", 5, true),
        (2, "fresh", 0, false),
        (3, "next", 0, false),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert!(all[0].graph.as_ref().unwrap().is_whole && all[0].build.is_none());
    assert_eq!(all[0].model, "local one 4");
}

#[tokio::test]
async fn a_graph_that_was_broken_off_is_built_anew() {
    let Some(stage) = Stage::set("a_graph_that_was_broken").await else {
        return;
    };
    close(&stage, "conv-1").await;
    let lease = take_lease(&stage.database, stage.model, LEASE).await;
    let lease = lease.unwrap().unwrap();
    let closed = fetch_closed(&stage.database, stage.model).await.unwrap()[0];
    // A build waits for whoever still sees the state of before. Meanwhile its connection is ended.
    let old = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM conversation_events";
    stage.bystander.batch_execute(old).await.unwrap();
    let database = stage.test.database().unwrap();
    let building = tokio::spawn(async move {
        let outcome = seal(&database, &lease, closed).await;
        (outcome, database, lease)
    });
    let other = stage.test.bystander().await.unwrap();
    let builds = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase LIKE 'waiting%'";
    while other.query_one(builds, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let all = fetch_all(&stage.database).await.unwrap();
    let graph = all[0].graph.as_ref().unwrap();
    assert!(!graph.is_whole && all[0].build.is_some(), "{all:?}");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index WHERE datname = current_database()";
    other.execute(end, &[]).await.unwrap();
    let (outcome, database, lease) = building.await.unwrap();
    assert!(outcome.is_err());
    let valid = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'conversation_embeddings_1_graph'::regclass";
    assert_eq!(lines(&other, valid).await, ["false"]);
    stage.bystander.batch_execute("COMMIT").await.unwrap();

    // Whoever cleans up or builds holds the table like this.
    let busy = "BEGIN; LOCK TABLE conversation_embeddings_1 IN SHARE UPDATE EXCLUSIVE MODE";
    other.batch_execute(busy).await.unwrap();
    assert_eq!(
        seal(&database, &lease, closed).await.unwrap(),
        Sealing::Busy
    );
    other.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(
        seal(&database, &lease, closed).await.unwrap(),
        Sealing::Sealed
    );
    assert_eq!(lines(&other, valid).await, ["true"]);
}

async fn lines(client: &tokio_postgres::Client, sql: &str) -> Vec<String> {
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// How often storing waits for the database.
async fn round_trips(database: &Database, proxy: &FaultProxy, stage: &Stage, name: &str) -> u64 {
    let before = proxy.stats().turns;
    let one = event(stage.model, name, "said", 0);
    store(database, &[one]).await.unwrap();
    proxy.stats().turns - before
}

#[tokio::test]
async fn a_roll_over_costs_storing_no_round_trip() {
    let Some(stage) = Stage::set("costs_storing_no_round").await else {
        return;
    };
    let address = stage.test.address().await.unwrap();
    let proxy = FaultProxy::start(address, Plan::none()).unwrap();
    let database = stage.test.database_through(proxy.address()).unwrap();
    round_trips(&database, &proxy, &stage, "conv-0").await;
    let before = round_trips(&database, &proxy, &stage, "conv-1").await;
    assert_eq!(before, 13, "as many as before there were roll-overs");
    close(&stage, "conv-2").await;
    let after = round_trips(&database, &proxy, &stage, "conv-3").await;
    assert_eq!(after, before);
}
