//! One listener follows another, in the middle of everything.

use std::time::{Duration, Instant};

use crate::world::{DIALECTS, Dialect, QUICK, World, sentences};

/// Long enough for any machine.
const LIFE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_over_in_a_burst_loses_and_doubles_nothing() {
    for dialect in DIALECTS {
        hand_over_in_a_burst(dialect).await;
    }
}

async fn hand_over_in_a_burst(dialect: Dialect) {
    // Whoever has listened for half a second leaves as soon as somebody stands by.
    let mut rhythm = QUICK;
    rhythm.leaving = Duration::from_millis(29_500);
    let Some(world) = World::speaking(dialect, "a_hand_over_in_a_burst", rhythm).await else {
        return;
    };
    let names: Vec<_> = (0..20).map(|number| format!("i-{number}")).collect();
    let said: Vec<Vec<String>> = (0..20).map(|number| sentences(number, 1_000)).collect();
    let speaking = async {
        for sentence in 0.. {
            for (name, said) in names.iter().zip(&said) {
                world.simulator.stream().speak(name, 0, &said[sentence]);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let following = async {
        let mut reports = Vec::new();
        let mut current = world.listen(LIFE).await;
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(600)).await;
            twenty_more(&world).await;
            let mut next = world.listen(LIFE).await;
            // On a slow machine the lease may have been lost to the other one before.
            let (left, stays) = tokio::select! {
                left = &mut current => (left, next),
                left = &mut next => (left, current),
            };
            reports.push(left.unwrap().unwrap());
            current = stays;
        }
        (reports, current)
    };
    let (reports, last) = tokio::select! {
        followed = following => followed,
        () = speaking => unreachable!(),
    };
    // On a slow machine the last one's life may be over before everything is forwarded.
    let rest = world.listen(Duration::from_mins(2)).await;
    world.is_told_once(names).await;
    rest.abort();
    let forwarded: Vec<_> = reports.iter().map(|report| report.forwarded).collect();
    println!(
        "{dialect:?}: {} hand-overs: {forwarded:?} utterances",
        reports.len()
    );
    assert!(
        forwarded.iter().filter(|count| **count >= 20).count() > 2,
        "{forwarded:?}"
    );
    last.abort();
}

/// Waits until twenty more utterances are forwarded, or whoever should do it must have found out that it cannot.
async fn twenty_more(world: &World) {
    let before = world.forwarded().len();
    for _ in 0..100 {
        if world.forwarded().len() >= before + 20 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_killed_is_followed_after_the_lease() {
    for dialect in DIALECTS {
        kill(dialect).await;
    }
}

async fn kill(dialect: Dialect) {
    let Some(world) = World::speaking(dialect, "whoever_is_killed", QUICK).await else {
        return;
    };
    let stream = world.simulator.stream();
    let first = world.listen(Duration::from_mins(1)).await;
    stream.say("i-1", 0, "Hello.");
    world.is_told_once(["i-1".to_owned()]).await;
    let second = world.listen(Duration::from_mins(1)).await;
    first.abort();
    let killed = Instant::now();
    stream.say("i-1", 0, "Are you there?");
    world.is_told_once(["i-1".to_owned()]).await;
    let gap = killed.elapsed();
    println!(
        "{dialect:?}: after a kill it took {gap:?}, with a lease of {:?}",
        world.rhythm.lease
    );
    assert!(gap < world.rhythm.lease * 4, "{gap:?}");
    second.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_sentence_survives_who_heard_it() {
    let mut rhythm = QUICK;
    // Longer than the first one lives, so that it cannot be the one who forwards.
    rhythm.quiet = jiff::SignedDuration::from_millis(4_500);
    let Some(world) = World::start("an_unfinished_sentence", rhythm).await else {
        return;
    };
    let first = world.listen(Duration::from_secs(4)).await;
    world.simulator.stream().say("i-1", 0, "Hello. I would");
    // The second one comes after it was said, and hears nothing of it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let second = world.listen(Duration::from_mins(1)).await;
    first.await.unwrap().unwrap();
    world.is_told_once(["i-1".to_owned()]).await;
    assert_eq!(world.told("i-1"), ["Hello.", "I would"]);
    second.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lost_the_lease_forwards_nothing_more() {
    let [one, other] = DIALECTS.map(lose_the_lease);
    tokio::join!(one, other);
}

async fn lose_the_lease(dialect: Dialect) {
    let Some(world) = World::speaking(dialect, "whoever_lost_the_lease", QUICK).await else {
        return;
    };
    let listening = world.listen(Duration::from_mins(1)).await;
    world.simulator.stream().say("i-1", 0, "One.");
    world.is_told_once(["i-1".to_owned()]).await;
    let other =
        "UPDATE stream_lease SET epoch = epoch + 1, lease_until = now() + interval '8 seconds'";
    world.rows.batch_execute(other).await.unwrap();
    for text in ["Two.", "Three."] {
        world.simulator.stream().say("i-1", 0, text);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(
        world.told("i-1"),
        ["One."],
        "the other one is to forward it"
    );
    // The other one does nothing, so that the lease comes back.
    world.is_told_once(["i-1".to_owned()]).await;
    assert_eq!(world.told("i-1"), ["One.", "Two.", "Three."]);
    listening.abort();
}
