//! The process dies at every named place, and at random moments: what it held is given again, and has its effect once.

use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use serde_json::json;
use shared::testing::proof_size;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::world::{AMPLE, DEAD, Queue, World, completed, names};

/// Where a batch can die, and how many of its 50 messages are stored by then.
const OF_BATCHES: [(&str, i64); 8] = [
    ("embed.claimed", 0),
    ("embed.prepared", 0),
    ("embed.embedded", 0),
    ("store.before_commit", 0),
    ("embed.stored", 50),
    ("roll_over.closed", 50),
    ("next.before_commit", 50),
    ("roll_over.prepared", 50),
];
/// Where a task can die.
const OF_TASKS: [&str; 3] = [
    "erase.before_commit",
    "expire.before_commit",
    "store_again.before_commit",
];
/// The invocations that die have this much time: one that runs out of it lives on.
const SHORT: Duration = Duration::from_secs(14);
/// A claim ends so long after it was made: the invocation's time without its spare half second, and five seconds.
const SPAN: f64 = 18.5;

/// Between two looks at a claim, and for the start of a process and the work itself, which in CI is the machine's affair.
fn work() -> f64 {
    Duration::from_secs(proof_size(30, 5) as u64).as_secs_f64()
}

#[tokio::test]
async fn a_batch_that_dies_at_any_place_has_its_effect_once() {
    // A few at a time: unoptimised processes that get too little of the processor are not done when their time is up.
    for some in OF_BATCHES.chunks(4) {
        let mut deaths = JoinSet::new();
        for (place, stored) in some {
            deaths.spawn(die_at(place, *stored));
        }
        deaths.join_all().await;
    }
}

async fn die_at(place: &'static str, stored: i64) {
    let Some(world) = World::start(place).await else {
        return;
    };
    let conversations = names("conv", 50);
    let mut queue = Queue::of(&conversations);
    let full = ("SEGMENT_VALUES", "1"); // With the first batch.
    let mut doomed = world.spawn(&[("FAIL_POINT", place), full]).await;
    assert!(
        !queue.deliver(&mut doomed, SHORT).await,
        "{place}: it answers: {}",
        doomed.log()
    );
    let Ok(end) = timeout(AMPLE, doomed.function.ended()).await else {
        panic!("{place}: it lives on: {}", doomed.log());
    };
    let end = end.unwrap();
    let abort = Signal::ABORT.as_raw();
    assert_eq!(end.signal(), Some(abort), "{place}: {}", doomed.log());
    for table in ["conversation_events", "conversation_embeddings"] {
        let there = world.count(table).await;
        assert_eq!(there, stored, "{place}: {table}: {}", doomed.log());
    }
    let delay = claims_left(&world).await;
    assert!(delay < SPAN, "{place}: claims for {delay} s are left");
    let died = Instant::now();
    let mut next = world.spawn(&[]).await;
    while !queue.is_empty() {
        let answers = queue.deliver(&mut next, AMPLE).await;
        assert!(answers, "{place}: {}", next.log());
    }
    let took = died.elapsed().as_secs_f64();
    println!("{place}: claims end {delay:.1} s after the death, all is settled after {took:.1} s");
    let most = if stored == 0 { delay + work() } else { work() };
    assert!(took < most, "{place}: {took} s");
    world.assert_stored_once(&conversations).await;
}

/// For how many seconds claims are still held.
async fn claims_left(world: &World) -> f64 {
    let left = "SELECT extract(epoch FROM max(until) - now())::float8 FROM embedding_claims";
    let left: Option<f64> = world.rows.query_one(left, &[]).await.unwrap().get(0);
    left.unwrap_or_default()
}

#[tokio::test]
async fn a_batch_that_is_killed_at_a_random_moment_has_its_effect_once() {
    let Some(world) = World::start("a_batch_that_is_killed").await else {
        return;
    };
    world.slow_provider(100);
    let (mut all, mut random) = (Vec::new(), 1_u64);
    for round in 0..proof_size(1, 30) {
        let conversations = names(&format!("round-{round}"), 50);
        let mut queue = Queue::of(&conversations);
        all.extend(conversations);
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let moment = Duration::from_millis((random >> 33) % 600);
        let mut doomed = world.spawn(&[]).await;
        while doomed.function.first_asked_at().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let id = doomed.id();
        let killer = tokio::spawn(async move {
            tokio::time::sleep(moment).await;
            kill_process(id, Signal::KILL).unwrap();
        });
        let was_done = queue.deliver(&mut doomed, SHORT / 2).await;
        killer.await.unwrap();
        let mut next = world.spawn(&[]).await;
        while !queue.is_empty() {
            assert!(queue.deliver(&mut next, AMPLE).await, "{}", next.log());
        }
        println!("killed after {moment:?}, when it had answered: {was_done}");
    }
    world.assert_stored_once(&all).await;
}

#[tokio::test]
async fn a_task_that_dies_is_done_by_the_next_one() {
    let Some(world) = World::start("a_task_that_dies").await else {
        return;
    };
    let conversations = names("conv", 3);
    let mut queue = Queue::of(&conversations);
    let second =
        json!({"provider": "openai", "base_url": world.provider_url(), "model": "all-MiniLM-L6-v2",
        "dimensions": 384, "key_secret_id": "embedding-key"})
        .to_string();
    let mut first = world.spawn(&[]).await;
    assert!(queue.deliver(&mut first, AMPLE).await && queue.is_empty());
    let aged = "UPDATE conversation_events SET received_at = now() - interval '31 days' WHERE conversation_id = 'conv-1'";
    world.rows.execute(aged, &[]).await.unwrap();
    let with = [
        ("RETENTION_DAYS", "30"),
        ("EMBEDDING_SECOND", second.as_str()),
    ];
    let tasks = [
        json!({"task": "erase", "conversation_id": "conv-0"}),
        json!({"task": "expire"}),
        json!({"task": "reembed"}),
    ];
    // What there is before the tasks, and after each of them.
    let counts = [(3, 3, 0), (2, 2, 1), (1, 1, 1), (1, 2, 1)];
    let mut next = world.spawn(&with).await;
    for (step, (place, task)) in OF_TASKS.into_iter().zip(tasks).enumerate() {
        let mut doomed = world
            .spawn(&[with[0], with[1], ("FAIL_POINT", place)])
            .await;
        let answer = doomed.run(&task).await;
        assert!(answer.is_none(), "{place}: {answer:?}");
        until_locks_are_gone(&world).await;
        assert_eq!(contents(&world).await, counts[step], "{place}: half done");
        let answer = next.run(&task).await.unwrap();
        assert!(answer.is_ok, "{place}: {:?}", answer.body);
        assert_eq!(contents(&world).await, counts[step + 1], "{place}");
    }
    let mut late = Queue::default();
    late.send(completed("conv-0", "A late copy."));
    assert!(late.deliver(&mut next, AMPLE).await && late.is_empty());
    assert_eq!(
        contents(&world).await,
        counts[3],
        "what was erased stays so"
    );
    assert_eq!(world.double.message_count(DEAD), 0);
}

#[tokio::test]
async fn a_fold_that_dies_costs_nothing_and_the_next_one_does_it() {
    let Some(world) = World::start("a_fold_that_dies").await else {
        return;
    };
    let place = "tend.before_commit";
    let with = ("RETENTION_DAYS", "30");
    let mut doomed = world.spawn(&[("FAIL_POINT", place)]).await;
    let conversations = names("conv", 16);
    let mut late = Queue::default();
    for (number, name) in conversations.iter().enumerate() {
        let mut queue = Queue::of(std::slice::from_ref(name));
        let answers = queue.deliver(&mut doomed, SHORT).await;
        assert_eq!(answers, number < 15, "{name}: {}", doomed.log());
        late.take(&mut queue);
    }
    assert_eq!(
        world.count("conversation_events").await,
        16,
        "stored before"
    );
    assert_eq!(world.count("word_blocks").await, 16);
    let mut next = world.spawn(&[with]).await;
    assert!(late.deliver(&mut next, AMPLE).await && late.is_empty());
    world.assert_stored_once(&conversations).await;
    assert_eq!(world.count("word_blocks").await, 1, "{}", next.log());

    let aged = "UPDATE conversation_events SET received_at = now() - interval '31 days' WHERE conversation_id <> 'conv-0'";
    world.rows.execute(aged, &[]).await.unwrap();
    let expire = json!({"task": "expire"});
    let mut doomed = world.spawn(&[with, ("FAIL_POINT", place)]).await;
    assert!(doomed.run(&expire).await.is_none(), "{}", doomed.log());
    until_locks_are_gone(&world).await;
    let left = (contents(&world).await, world.count("word_dead").await);
    assert_eq!(left, ((1, 1, 0), 15));
    let answer = next.run(&expire).await.unwrap();
    assert!(answer.is_ok, "{:?}", answer.body);
    assert_eq!(world.count("word_dead").await, 0);
    assert_eq!(world.count("word_blocks WHERE chunks = 1").await, 1);
}

/// Postgres takes a moment to notice a death; until then the dead transaction holds its rows, and `expire` passes over them.
async fn until_locks_are_gone(world: &World) {
    let held =
        "pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    for _ in 0..200 {
        if world.count(held).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a dead process still holds its rows");
}

/// Events, texts and tombstones.
async fn contents(world: &World) -> (i64, i64, i64) {
    (
        world.count("conversation_events").await,
        world.count("conversation_embeddings").await,
        world.count("erased_conversations").await,
    )
}
