//! The blows, drawn from the seed, and how they fall.

use std::sync::Arc;
use std::time::Duration;

use aws_double::Fault as AwsFault;
use cxone_simulator::{Fault, FaultPlan, FaultRule, StreamTrouble};
use fault_proxy::Plan;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use tokio::time::Instant;

use crate::history::WORLD;
use crate::world::World;

/// The leases of the dead end, and what waits for a later try waits no longer.
const LATER: &str = "UPDATE knowledge_sync SET lease_until = '-infinity';
    UPDATE stream_lease SET lease_until = '-infinity';
    UPDATE segment_keepers SET until = '-infinity';
    UPDATE transcripts SET next_try_at = least(next_try_at, clock_timestamp() + interval '200 milliseconds') WHERE state = 'pending';
    UPDATE transcripts SET lease_until = least(lease_until, clock_timestamp() + interval '2 seconds') WHERE state = 'sending';
    UPDATE injection_pace SET paused_until = least(paused_until, clock_timestamp())";
/// A minute passes for cards.
pub(crate) const FORGET: &str =
    "UPDATE assist_impressions SET shown_at = shown_at - interval '2 minutes'";

/// Somebody answers in the place of AWS, and seems to be content.
const NOT_AWS: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<!doctype html>";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Blow {
    /// Kill -9, of whoever stands there in the row of those who run.
    Kill(usize),
    /// It stands still for so long, and goes on as if nothing had been.
    Stop(usize, Duration),
    /// Postgres cannot be reached.
    Cut(Duration),
    /// A server process of Postgres is killed -9: all of it goes down, and comes back from its log.
    Crash,
    /// Time passes.
    Later,
}

/// When which blow falls.
fn draw(seed: u64, within: Duration) -> Vec<(Duration, Blow)> {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut at, mut blows) = (Duration::from_secs(2), Vec::new());
    while at < within {
        let whom = random.usize(..1_000);
        let blow = match random.u32(..100) {
            0..45 => Blow::Kill(whom),
            45..65 => Blow::Stop(whom, Duration::from_millis(random.u64(200..4_000))),
            65..75 => Blow::Cut(Duration::from_millis(random.u64(100..1_500))),
            75..80 => Blow::Crash,
            _ => Blow::Later,
        };
        blows.push((at, blow));
        at += Duration::from_millis(random.u64(100..900));
    }
    blows
}

/// Lets everything go wrong for so long.
pub(crate) async fn rage(world: &Arc<World>, within: Duration) {
    misbehave(world);
    let begun = Instant::now();
    for (at, blow) in draw(world.seed, within) {
        tokio::time::sleep_until(begun + at).await;
        match blow {
            Blow::Kill(whom) => {
                strike(world, whom, Signal::KILL, "killed");
            }
            Blow::Stop(whom, time) => {
                let slot = strike(world, whom, Signal::STOP, "stopped");
                tokio::spawn(wake(Arc::clone(world), slot, time));
            }
            Blow::Cut(time) => cut(world, time).await,
            Blow::Crash => crash(world).await,
            Blow::Later => let_time_pass(world).await,
        }
    }
    tokio::time::sleep_until(begun + within).await;
}

/// What goes wrong all the while, besides the blows.
fn misbehave(world: &World) {
    let seed = world.seed;
    world.wire.set_plan(Plan {
        seed,
        cut_before: 0.002,
        lose_answer: 0.004,
        delay: 0.02,
        refuse: 0.01,
        ..Plan::none()
    });
    world.aws.set_plan(Plan {
        seed,
        cut_before: 0.005,
        lose_answer: 0.01,
        answer: 0.005,
        answer_bytes: NOT_AWS.as_bytes().to_vec(),
        delay: 0.05,
        delay_ms: 1..=800,
        ..Plan::none()
    });
    let sqs = [
        ("SendMessage", AwsFault::ExecuteThenLose, 0.05),
        ("SendMessageBatch", AwsFault::EntryFails(0), 0.05),
        ("GetSecretValue", AwsFault::Status(503), 0.05),
    ];
    for (operation, fault, rate) in sqs {
        world.double.fail_rate(operation, fault, rate, seed);
    }
    let mut rules = Vec::new();
    for path in ["embeddings", "transcripts", "knowledge", "assist", "tokens"] {
        for (rate, fault) in [
            (0.02, Fault::ExecutedThenLost),
            (0.01, Fault::Lost),
            (0.02, Fault::status(503)),
            (0.01, Fault::status(500)),
            (0.01, Fault::Cut),
            (0.01, Fault::NotJson),
            (0.005, Fault::status(401)),
            (0.02, Fault::Slow { ms: 1_500 }),
            // Longer than most invocations may take.
            (0.001, Fault::Slow { ms: 12_000 }),
        ] {
            rules.push(FaultRule::rate(path, rate, fault));
        }
    }
    for fault in [
        Fault::WrongDimension { dimension: None },
        Fault::MissingVector,
        Fault::NanVector,
        Fault::ZeroVector,
        Fault::ReorderedVectors,
    ] {
        rules.push(FaultRule::rate("embeddings", 0.01, fault));
    }
    rules.push(FaultRule::rate("knowledge", 0.02, Fault::RepeatedArticle));
    world
        .simulator
        .set_faults(FaultPlan { seed, rules })
        .unwrap();
    world.simulator.stream().set_trouble(StreamTrouble {
        lose_every: Some(23),
        double_every: Some(5),
        junk_every: Some(11),
        ..StreamTrouble::default()
    });
}

/// Whom it hit.
fn strike(world: &World, whom: usize, signal: Signal, what: &str) -> String {
    let slots = world.running.slots();
    let slot = slots[whom % slots.len()].clone();
    if world.running.signal(&slot, signal) {
        world.history.tell(WORLD, format!("{what}: {slot}"));
    }
    slot
}

async fn wake(world: Arc<World>, slot: String, after: Duration) {
    tokio::time::sleep(after).await;
    if world.running.signal(&slot, Signal::CONT) {
        world.history.tell(WORLD, format!("goes on: {slot}"));
    }
}

async fn cut(world: &World, time: Duration) {
    world
        .history
        .tell(WORLD, format!("no database: for {time:?}"));
    world.wire.down();
    tokio::time::sleep(time).await;
    world.wire.up();
}

/// Kills the process that serves a connection of ours.
async fn crash(world: &World) {
    let row = world
        .rows()
        .await
        .query_one("SELECT pg_backend_pid()", &[])
        .await;
    let Ok(row) = row else { return };
    let id = Pid::from_raw(row.get(0)).unwrap();
    let backend = pidfd_open(id, PidfdFlags::empty()).unwrap();
    pidfd_send_signal(backend, Signal::KILL).unwrap();
    world.history.tell(WORLD, "Postgres crashed");
}

/// Time passes for leases. Postgres may be away just now: then it does not.
pub(crate) async fn let_time_pass(world: &World) {
    if world.rows().await.batch_execute(LATER).await.is_ok() {
        world.history.tell(WORLD, "time passes");
    }
}

/// Nothing goes wrong any more.
pub(crate) async fn calm(world: &World) {
    world.wire.up();
    world.wire.set_plan(Plan::none());
    world.aws.set_plan(Plan::none());
    world.double.clear_faults();
    world.simulator.clear_faults();
    world
        .simulator
        .stream()
        .set_trouble(StreamTrouble::default());
    for slot in world.running.slots() {
        world.running.signal(&slot, Signal::CONT);
    }
    world.history.tell(WORLD, "calm");
    world.rows().await;
}

#[test]
fn a_seed_gives_the_same_blows_and_another_one_gives_others() {
    let day = Duration::from_mins(2);
    assert_eq!(draw(3, day), draw(3, day));
    assert_ne!(draw(3, day), draw(4, day));
    let blows = draw(3, day);
    let kinds = [
        blows.iter().any(|(_, it)| matches!(it, Blow::Kill(_))),
        blows.iter().any(|(_, it)| matches!(it, Blow::Stop(..))),
        blows.iter().any(|(_, it)| matches!(it, Blow::Cut(_))),
        blows.iter().any(|(_, it)| *it == Blow::Crash),
        blows.iter().any(|(_, it)| *it == Blow::Later),
    ];
    assert_eq!(kinds, [true; 5]);
}
