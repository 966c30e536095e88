//! Whatever time is left and however slow the provider is: the answer goes out in time, and what is left can be done at once.

use std::time::{Duration, Instant};

use conversation_embedder::App;
use cxone_simulator::{Fault, FaultPlan, FaultRule, Settings, Simulator};
use fastrand::Rng;
use fault_proxy::Plan;
use futures_util::future::join_all;
use serde_json::Value;
use shared::testing::proof_size;
use tokio_postgres::Client;

use crate::drive::deliver;
use crate::messages::completed;
use crate::world::World;

const SEED: u64 = 4;
/// In CI, what the machine may add to any run; the slow answers of the provider are of two and of nine seconds.
fn late() -> Duration {
    Duration::from_millis(proof_size(1_500, 0) as u64)
}

fn slow() -> FaultPlan {
    let rule = |ms| FaultRule::rate("/v1/embeddings", 0.25, Fault::Slow { ms });
    FaultPlan {
        seed: SEED,
        rules: [100, 700, 2_000, 9_000].map(rule).to_vec(),
    }
}

#[derive(Default)]
struct Found {
    runs: usize,
    reported: usize,
    least_spare: Option<Duration>,
}

/// How many of these messages somebody still holds.
async fn held(rows: &Client, left: &[String]) -> i64 {
    let key = |body: &String| {
        let message: Value = serde_json::from_str(body).unwrap();
        message["event_key"].as_str().unwrap().to_owned()
    };
    let keys: Vec<_> = left.iter().map(key).collect();
    let held = "SELECT count(*) FROM embedding_claims WHERE encode(event_key, 'hex') = ANY($1)";
    rows.query_one(held, &[&keys]).await.unwrap().get(0)
}

/// One environment's runs. What it reports is held by nobody, and done by another environment with a quick provider.
async fn run(rows: &Client, slow: App, quick: App, name: usize, runs: usize) -> Found {
    let mut rng = Rng::with_seed(SEED + name as u64);
    let mut found = Found::default();
    for nth in 0..runs {
        let id = |n| format!("c-{name}-{nth}-{n}");
        let bodies: Vec<_> = (0..rng.usize(1..8))
            .map(|n| completed(&id(n), &id(n)))
            .collect();
        // Under four seconds nothing is asked of the provider, so that there is time to store.
        let least = [300, 4_000][nth % 2];
        let time = Duration::from_millis(rng.u64(least..6_000));
        let started = Instant::now();
        let failed = deliver(&slow, &bodies, time).await;
        let took = started.elapsed();
        assert!(
            took < time + late(),
            "{name}-{nth}: beyond the deadline, {took:?} of {time:?}"
        );
        let spare = time.saturating_sub(took);
        let left: Vec<_> = failed
            .iter()
            .map(|id| bodies[id.parse::<usize>().unwrap()].clone())
            .collect();
        assert_eq!(held(rows, &left).await, 0, "{name}-{nth}");
        let failed = deliver(&quick, &left, Duration::from_secs(20)).await;
        assert!(failed.is_empty(), "{name}-{nth}: {failed:?}");
        found.runs += 1;
        found.reported += left.len();
        found.least_spare = Some(found.least_spare.map_or(spare, |least| least.min(spare)));
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_run_outlives_its_deadline_and_the_rest_is_done_at_once() {
    let Some(world) = World::start("no_run_outlives_its_deadline", &[]).await else {
        return;
    };
    let (runs, environments) = (proof_size(48, 10_000), proof_size(12, 30));
    let quick = Simulator::start(Settings::default()).unwrap();
    let url = [("EMBEDDING_BASE_URL", quick.url())];
    // The examples of intents are known from here on.
    let first = completed("first", "Hello.");
    assert!(
        deliver(&world.again(&url).await, &[first], Duration::from_secs(20))
            .await
            .is_empty()
    );
    world.simulator.set_faults(slow()).unwrap();
    let mut apps = Vec::new();
    for name in 0..environments {
        let (slow, quick) = (world.again(&[]).await, world.again(&url).await);
        apps.push(run(&world.rows, slow, quick, name, runs / environments));
    }
    let found = join_all(apps).await;
    let sum = |of: fn(&Found) -> usize| found.iter().map(of).sum::<usize>();
    let spare = found.iter().filter_map(|one| one.least_spare).min();
    println!(
        "{} runs, {} messages reported, least spare {spare:?} (seed {SEED})",
        sum(|it| it.runs),
        sum(|it| it.reported)
    );
    assert!(sum(|it| it.reported) > 0, "some must have been too slow");
    let events = world.count("conversation_events").await;
    assert_eq!(
        world
            .count("conversation_embeddings WHERE embedding IS NOT NULL")
            .await,
        events
    );
}

#[tokio::test]
async fn a_slow_database_ends_nothing_too_late_and_keeps_no_claim() {
    let Some(world) = World::start("a_slow_database_ends_nothing", &[]).await else {
        return;
    };
    let first = completed("first", "Hello.");
    assert!(world.deliver(&[first]).await.is_empty());
    // Every answer takes a while, so that the end comes in the middle of some question or other.
    let slow = Plan {
        delay: 1.0,
        delay_ms: 100..=100,
        ..Plan::none()
    };
    world.proxy.set_plan(slow);
    let (mut reported, claims) = (
        0,
        "embedding_claims c WHERE NOT EXISTS
        (SELECT FROM conversation_events e WHERE e.event_key = c.event_key)",
    );
    let runs = proof_size(10, 200);
    for nth in 0..runs {
        let time = Duration::from_millis(2_050 + 400 * (nth as u64 % 10));
        // Its vector is known, so that time ends at the database and not at the provider.
        let bodies = [completed(&format!("c{nth}"), "Hello.")];
        let started = Instant::now();
        reported += deliver(&world.app, &bodies, time).await.len();
        assert!(started.elapsed() < time + late(), "{time:?}");
        assert_eq!(
            world.count(claims).await,
            0,
            "of what was not stored, in {time:?}"
        );
    }
    println!("{reported} of {runs} reported, and no claim left");
    assert!((1..runs).contains(&reported), "{reported} of {runs}");
}

#[tokio::test]
async fn what_was_answered_in_time_is_stored() {
    // Five sentences are five pieces, and a request takes ten.
    let settings = [
        ("CHUNK_TOKENS", "16"),
        ("CHUNK_OVERLAP_TOKENS", "0"),
        ("SCHEMA_MAP", r#"{"transcript.customer": "C"}"#),
        ("EMBEDDING_BATCH_TEXTS", "10"),
        ("EMBEDDING_PARALLEL", "1"),
    ];
    let Some(world) = World::start("what_was_answered_in_time_is_stored", &settings).await else {
        return;
    };
    let said = |n: usize| {
        let sentence = |m| format!("The order {n} with item {m} came in a wet parcel today.");
        let sentences: Vec<_> = (0..5).map(sentence).collect();
        completed(&format!("c{n}"), &sentences.join(" "))
    };
    assert!(world.deliver(&[said(0)]).await.is_empty());
    let pieces = world.count("conversation_embeddings").await;
    assert!(pieces >= 5, "{pieces}");
    world.simulator.clear_requests();
    let slow = FaultRule::rate("/v1/embeddings", 1.0, Fault::Slow { ms: 300 });
    let rules = vec![slow];
    world
        .simulator
        .set_faults(FaultPlan { seed: SEED, rules })
        .unwrap();
    let bodies: Vec<_> = (1..=60).map(said).collect();
    let failed = deliver(&world.app, &bodies, Duration::from_secs(7)).await;
    let stored = i64::try_from(60 - failed.len()).unwrap();
    let answered = i64::try_from(world.asked()).unwrap() * 10 / pieces;
    println!("{answered} conversations were answered for and {stored} are stored");
    assert!((4..40).contains(&answered), "{answered}");
    assert!(stored + 4 >= answered, "{stored} of {answered}");
    assert_eq!(world.count("conversation_events").await, stored + 1);
}
