//! Many transcripts, faults of every kind, environments that are lost in the middle, several at once: each is injected once, whole, in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cxone_simulator::{ChatPace, Fault, FaultPlan, FaultRule};
use serde_json::json;
use shared::testing;
use tokio::task::JoinSet;
use tokio::time::Instant;
use transcript_injector::App;

use crate::world::{TIME, World, invoke, payload};

const INJECTORS: usize = 2;
/// So fast that the storm ends, and so slow that the bucket matters.
const PACE: ChatPace = ChatPace {
    burst: 200.0,
    per_minute: 3_000.0,
};

/// 10 % in all.
fn faults() -> FaultPlan {
    let busy = Fault::Status {
        status: 429,
        retry_after: Some("1".to_owned()),
        code: None,
        body: None,
    };
    let rules = [
        (0.03, Fault::ExecutedThenLost),
        (0.015, Fault::Lost),
        (0.005, busy),
        (0.01, Fault::status(500)),
        (0.01, Fault::status(503)),
        (0.01, Fault::Cut),
        (0.005, Fault::NotJson),
        (0.005, Fault::status(401)),
        (0.005, Fault::status(403)),
        (0.005, Fault::Slow { ms: 2_500 }),
    ];
    let rule = |(rate, fault)| FaultRule::rate("transcripts", rate, fault);
    let rules = rules.into_iter().map(rule).collect();
    FaultPlan { seed: 7, rules }
}

/// Drains again and again. Now and then the environment is gone in the middle of it: whatever it was doing, it never goes on.
async fn injector(world: Arc<World>, is_done: Arc<std::sync::atomic::AtomicBool>) -> u32 {
    let mut lost = 0;
    let mut app: Arc<App> = world.another().await;
    while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
        let event = json!({ "task": "drain" });
        let life = match fastrand::u8(..4) {
            0 => Duration::from_millis(fastrand::u64(5..400)),
            _ => TIME,
        };
        let run = invoke(&app, event, TIME);
        if tokio::time::timeout(life, run).await.is_err() {
            lost += 1;
            app = world.another().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    lost
}

/// Waits until nothing waits; and lets time go faster for what waits for a later try or for the dead.
async fn watch(world: &World, all: i64) {
    let hurry = "UPDATE transcripts SET next_try_at = least(next_try_at, clock_timestamp() + interval '300 milliseconds') WHERE state = 'pending';
        UPDATE transcripts SET lease_until = least(lease_until, clock_timestamp() + interval '3 seconds') WHERE state = 'sending';
        UPDATE injection_pace SET paused_until = least(paused_until, clock_timestamp() + interval '1 second')";
    loop {
        world.rows.batch_execute(hurry).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let ended = "SELECT count(*) FROM transcripts WHERE ended_at IS NOT NULL";
        if world.value::<i64>(ended).await == all {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_injected_once_whole_and_in_order() {
    let settings = [
        ("TRANSCRIPTS_PER_MINUTE", "3000"),
        ("TRANSCRIPTS_BURST", "200"),
    ];
    let Some(world) = World::with("each_is_injected_once", Some(PACE), &settings).await else {
        return;
    };
    let count = testing::proof_size(600, 10_000);
    let world = Arc::new(world);
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut parts = 0;
    for number in 0..count {
        // Every fifth is of an interaction that has some already; every tenth has parts.
        let interaction = format!("i-{}", if number % 5 == 0 { number % 50 } else { number });
        let messages = if number % 10 == 3 {
            vec![2, 1, 1]
        } else {
            vec![1]
        };
        world.take(&interaction, &messages).await;
        for count in messages {
            let body = payload(&interaction, parts, count);
            expected.entry(interaction.clone()).or_default().push(body);
            parts += 1;
        }
    }
    world.simulator.set_faults(faults()).unwrap();
    let is_done = Arc::new(std::sync::atomic::AtomicBool::default());
    let mut injectors = JoinSet::new();
    let since = Instant::now();
    for _ in 0..INJECTORS {
        injectors.spawn(injector(Arc::clone(&world), Arc::clone(&is_done)));
    }
    watch(&world, parts).await;
    is_done.store(true, std::sync::atomic::Ordering::Relaxed);
    let lost: u32 = injectors.join_all().await.into_iter().sum();
    let hand = world.simulator.transcripts();
    println!(
        "{count} transcripts, {parts} parts in {:?}: {} posts, {} repeats, {} too fast, {lost} environments lost",
        since.elapsed(),
        world.posted(),
        hand.repeats(),
        hand.hurries(),
    );

    let allowed = PACE.burst + since.elapsed().as_secs_f64() * PACE.per_minute / 60.0;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let posted = world.posted() as f64;
    assert!(posted <= allowed, "{posted} posts, {allowed} allowed");
    let injected = "SELECT count(*) FROM transcripts WHERE state = 'injected'";
    assert_eq!(world.value::<i64>(injected).await, parts);
    for (interaction, bodies) in &expected {
        assert_eq!(&world.bodies(interaction), bodies, "{interaction}");
    }
    assert_eq!(
        hand.conversations().len(),
        expected.values().map(Vec::len).sum::<usize>()
    );
    let names: BTreeMap<_, _> = hand
        .conversations()
        .into_iter()
        .map(|it| (it.id, it.interaction))
        .collect();
    let archived = "SELECT conversation_id, interaction_id FROM transcript_archive";
    let archived = world.rows.query(archived, &[]).await.unwrap();
    let archived: BTreeMap<String, String> = archived
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    assert_eq!(archived, names, "the archive is what CXone has");
    let told = "SELECT count(*) FROM callbacks";
    assert_eq!(world.value::<i64>(told).await, parts, "each is told once");
    let entries =
        "SELECT count(*) FROM audit_entries WHERE content::json ->> 'status' = 'injected'";
    assert_eq!(world.value::<i64>(entries).await, parts);
    assert!(world.audit().await.is_sound());
}
