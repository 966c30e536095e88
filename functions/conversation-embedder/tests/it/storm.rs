//! The oracle: whatever happens, every message is in the end stored once or parked once; nothing is lost, double or invented.

use std::collections::BTreeMap;
use std::time::Duration;

use conversation_embedder::App;
use cxone_simulator::{Fault, FaultPlan, FaultRule};
use fastrand::Rng;
use fault_proxy::Plan;
use futures_util::future::join_all;
use shared::fail_point::{self, Fate};
use shared::testing::proof_size;

use crate::drive::deliver;
use crate::messages::completed;
use crate::world::World;

const SEED: u64 = 11;
const ENVIRONMENTS: usize = 5;
const PANICS: &str = "storm-panics";

fn bad_provider() -> FaultPlan {
    let faults = [
        (0.03, Fault::status(503)),
        (0.02, Fault::ExecutedThenLost),
        (0.02, Fault::Cut),
        (0.01, Fault::NotJson),
        (0.02, Fault::Slow { ms: 1_500 }),
    ];
    let rule = |(rate, fault)| FaultRule::rate("/v1/embeddings", rate, fault);
    FaultPlan {
        seed: SEED,
        rules: faults.map(rule).to_vec(),
    }
}

fn bad_database() -> Plan {
    Plan {
        seed: SEED,
        cut_before: 0.01,
        lose_answer: 0.02,
        delay: 0.02,
        delay_ms: 1..=150,
        refuse: 0.02,
        ..Plan::none()
    }
}

/// Every event, some of them twice or thrice, and some unreadable ones, in no order.
fn storm(count: usize, rng: &mut Rng) -> (Vec<String>, BTreeMap<String, usize>) {
    let (mut bodies, mut unreadable) = (Vec::new(), BTreeMap::new());
    for n in 0..count {
        let id = if n % 50 == 7 {
            PANICS.to_owned()
        } else {
            format!("c{n}")
        };
        let body = completed(&id, &format!("Number {n}."));
        bodies.extend(vec![body; [1, 1, 1, 2, 3][rng.usize(..5)]]);
        if n % 40 == 3 {
            let body = format!("unreadable {n}");
            unreadable.insert(body.clone(), 1);
            bodies.push(body);
        }
    }
    rng.shuffle(&mut bodies);
    (bodies, unreadable)
}

/// One environment takes from the queue what there is, and gives back what it reports.
async fn work(app: App, mut queue: Vec<String>, mut rng: Rng, rounds: usize) -> Vec<String> {
    for _ in 0..rounds {
        if queue.is_empty() {
            break;
        }
        rng.shuffle(&mut queue);
        let batch = queue.split_off(queue.len().saturating_sub(rng.usize(1..40)));
        let time = Duration::from_millis(rng.u64(2_000..10_000));
        let failed = deliver(&app, &batch, time).await;
        queue.extend(
            failed
                .iter()
                .map(|id| batch[id.parse::<usize>().unwrap()].clone()),
        );
    }
    queue
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_storm_everything_is_there_once() {
    let Some(world) = World::start("after_the_storm_everything_is_there_once", &[]).await else {
        return;
    };
    let count = proof_size(300, 2_000);
    let mut rng = Rng::with_seed(SEED);
    let (bodies, unreadable) = storm(count, &mut rng);
    let given = bodies.len();
    world.simulator.set_faults(bad_provider()).unwrap();
    world.proxy.set_plan(bad_database());
    fail_point::set(PANICS, Fate::Unwind);
    let share = bodies.len().div_ceil(ENVIRONMENTS);
    // Twice as many batches as one pass needs; what panics would never end.
    let rounds = share / 10;
    let mut environments = Vec::new();
    for queue in bodies.chunks(share) {
        let app = world.again(&[]).await;
        environments.push(work(app, queue.to_vec(), rng.fork(), rounds));
    }
    let left: Vec<String> = join_all(environments).await.concat();
    let panicking = (0..count).filter(|n| n % 50 == 7).count();
    println!(
        "{given} messages of {count} events: {} left after the storm (seed {SEED})",
        left.len()
    );
    assert!(left.len() >= panicking, "what panics stays in the queue");
    // The weather clears, the mistake is mended.
    world.simulator.clear_faults();
    world.proxy.set_plan(Plan::none());
    fail_point::clear(PANICS);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let app = world.again(&[]).await;
    let left = crate::drive::redeliver(&app, left, 20).await;
    assert!(left.is_empty(), "{} are never settled", left.len());
    verify(&world, count, &unreadable).await;
}

async fn verify(world: &World, count: usize, unreadable: &BTreeMap<String, usize>) {
    let stored = world
        .tally("SELECT raw_event->'data'->'transcript'->>'customer', count(*) FROM conversation_events GROUP BY 1")
        .await;
    let expected = (0..count).map(|n| (format!("Number {n}."), 1)).collect();
    assert_eq!(stored, expected, "lost, double or invented");
    let searchable = "conversation_events WHERE state = 'searchable'";
    let with_text = "(SELECT event_id FROM conversation_embeddings GROUP BY event_id HAVING count(*) = 1 AND count(embedding) = 1) e";
    assert_eq!(world.count(searchable).await, world.count(with_text).await);
    assert_eq!(
        world.count("conversation_embeddings").await,
        world.count(with_text).await
    );
    let orphans = "conversation_embeddings c WHERE NOT EXISTS (SELECT FROM conversation_events e WHERE e.id = c.event_id)";
    assert_eq!(world.count(orphans).await, 0);
    let mut parked = BTreeMap::new();
    for body in world.parked() {
        *parked.entry(body).or_insert(0) += 1;
    }
    assert_eq!(&parked, unreadable);
}
