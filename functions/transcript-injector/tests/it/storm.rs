//! Many transcripts, faults of every kind, environments that are lost in the middle, processes that are killed, several at once: each is injected
//! once, whole, in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cxone_simulator::{ChatPace, Fault, FaultPlan, FaultRule, Recorded};
use serde_json::json;
use shared::testing;
use tokio::task::JoinSet;
use tokio::time::Instant;
use transcript_injector::App;

use crate::taken::{Part, payload};
use crate::world::{TIME, World, invoke};

/// So many in this process, whose environments are lost; one process more, which is killed.
const INJECTORS: usize = 2;
/// So fast that the storm ends, and so slow that the bucket matters.
const PACE: ChatPace = ChatPace {
    burst: 400.0, // Half of it, and what is given in two seconds, is left to the tenant.
    per_minute: 6_000.0,
};
const SETTINGS: [(&str, &str); 2] = [
    ("TRANSCRIPTS_PER_MINUTE", "6000"),
    ("TRANSCRIPTS_BURST", "400"),
];
/// What was taken in: the bodies of each interaction, in their order.
type Bodies = BTreeMap<String, Vec<String>>;

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

/// Takes in so many. Every fifth is of an interaction that has some already; every tenth has parts.
async fn take_in(world: &World, count: usize) -> Bodies {
    let mut bodies = Bodies::new();
    let mut parts = Vec::new();
    for number in 0..count {
        let many = if number % 5 == 0 { number % 50 } else { number };
        let interaction = format!("i-{many}");
        let counts = if number % 10 == 3 {
            vec![2, 1, 1]
        } else {
            vec![1]
        };
        for (place, messages) in (1..).zip(&counts) {
            let unique = i64::try_from(parts.len()).unwrap();
            let body = payload(&interaction, unique, *messages);
            let of_interaction = bodies.entry(interaction.clone()).or_default();
            of_interaction.push(body.clone());
            parts.push(Part {
                transcript: format!("t-{number}"),
                place,
                of: i16::try_from(counts.len()).unwrap(),
                interaction: interaction.clone(),
                body,
            });
        }
    }
    world.insert(&parts).await;
    bodies
}

/// Drains again and again. Now and then the environment is gone in the middle of it: whatever it was doing, it never goes on.
async fn injector(world: Arc<World>, is_done: Arc<AtomicBool>) -> u32 {
    let mut lost = 0;
    let mut app: Arc<App> = world.another().await;
    while !is_done.load(Ordering::Relaxed) {
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

/// The same with a process, which is killed as by `kill -9` at whatever it is doing.
async fn killed(world: Arc<World>, is_done: Arc<AtomicBool>) -> u32 {
    let mut kills = 0;
    while !is_done.load(Ordering::Relaxed) {
        let mut process = world.process().await;
        let life = Duration::from_millis(fastrand::u64(500..6_000));
        let drains = async {
            loop {
                let event = json!({ "task": "drain" }).to_string();
                process.invoke_within(event, TIME).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        assert!(tokio::time::timeout(life, drains).await.is_err());
        process.kill().await.unwrap();
        kills += 1;
    }
    kills
}

/// Waits until nothing waits; and lets time go faster for what waits for a later try or for the dead.
async fn watch(world: &World, all: i64) {
    let hurry = "UPDATE transcripts SET next_try_at = clock_timestamp() + interval '300 milliseconds'
            WHERE state = 'pending' AND next_try_at > clock_timestamp() + interval '300 milliseconds';
        UPDATE transcripts SET lease_until = clock_timestamp() + interval '5 seconds'
            WHERE state = 'sending' AND lease_until > clock_timestamp() + interval '5 seconds';
        UPDATE injection_pace SET paused_until = clock_timestamp() + interval '1 second'
            WHERE paused_until > clock_timestamp() + interval '1 second'";
    loop {
        world.rows.batch_execute(hurry).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let waiting = "SELECT count(*) FROM transcripts WHERE state IN ('pending', 'sending')";
        if world.value::<i64>(waiting).await == 0 {
            let ended = "SELECT count(*) FROM transcripts WHERE ended_at IS NOT NULL";
            assert_eq!(world.value::<i64>(ended).await, all);
            return;
        }
    }
}

/// How many posts came before the tenant's bucket had something for them. Each counts, whatever became of it.
fn too_fast(posts: &[Recorded]) -> usize {
    let per_ms = PACE.per_minute / 60_000.0;
    let (mut left, mut at) = (PACE.burst, posts.first().map_or(0, |post| post.at_ms));
    let mut count = 0;
    for post in posts {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let given = post.at_ms.saturating_sub(at) as f64 * per_ms;
        (left, at) = ((left + given).min(PACE.burst) - 1.0, post.at_ms);
        count += usize::from(left < 0.0);
    }
    count
}

/// Every conversation of the tenant is one that was taken in, and stands in the archive; each was told of once, and is in the audit once.
async fn check(world: &World, expected: &Bodies, parts: i64) {
    let injected = "SELECT count(*) FROM transcripts WHERE state = 'injected'";
    assert_eq!(world.value::<i64>(injected).await, parts);
    let mut made = Bodies::new();
    let mut names = BTreeMap::new();
    for one in world.simulator.transcripts().conversations() {
        names.insert(one.id, one.interaction.clone());
        made.entry(one.interaction).or_default().push(one.body);
    }
    assert!(made == *expected, "lost, double, or out of order");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_injected_once_whole_and_in_order() {
    let Some(world) = World::with("each_is_injected_once", Some(PACE), &SETTINGS).await else {
        return;
    };
    let count = testing::proof_size(600, 10_000);
    let world = Arc::new(world);
    let expected = take_in(&world, count).await;
    let parts = expected.values().map(Vec::len).sum::<usize>();
    println!("{count} transcripts, {parts} parts");
    let parts = i64::try_from(parts).unwrap();
    world.simulator.set_faults(faults()).unwrap();
    let is_done = Arc::new(AtomicBool::default());
    let (mut injectors, mut processes) = (JoinSet::new(), JoinSet::new());
    let since = Instant::now();
    for _ in 0..INJECTORS {
        injectors.spawn(injector(Arc::clone(&world), Arc::clone(&is_done)));
    }
    processes.spawn(killed(Arc::clone(&world), Arc::clone(&is_done)));
    watch(&world, parts).await;
    let took = since.elapsed();
    is_done.store(true, Ordering::Relaxed);
    let lost: u32 = injectors.join_all().await.into_iter().sum();
    let kills: u32 = processes.join_all().await.into_iter().sum();

    let posts = world.posts();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for hit in posts.iter().filter_map(|post| post.fault.as_ref()) {
        *kinds
            .entry(format!("{} {:?}", hit.rule, hit.kind))
            .or_default() += 1;
    }
    let repeats = world.simulator.transcripts().repeats();
    println!(
        "{took:?}: {} posts, {repeats} repeats, {lost} environments lost, {kills} processes killed; faults by rule: {kinds:?}",
        posts.len(),
    );
    assert_eq!(too_fast(&posts), 0, "the pace is the tenant's");
    assert_eq!(world.simulator.transcripts().hurries(), 0);
    check(&world, &expected, parts).await;
}
