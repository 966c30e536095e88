//! One listener loses its way to CXone and keeps the one to Postgres: it holds up nobody who hears.

use std::time::{Duration, Instant};

use crate::world::{DIALECTS, Dialect, QUICK, World};

const LONG: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_hears_nothing_makes_way_for_one_that_hears() {
    for dialect in DIALECTS {
        make_way(dialect).await;
    }
}

async fn make_way(dialect: Dialect) {
    let test = "a_process_that_hears_nothing";
    let Some(world) = World::speaking(dialect, test, QUICK).await else {
        return;
    };
    let stream = world.simulator.stream();
    let deaf = world.by_another_way(None).await;
    stream.say("i-1", 0, "Hello.");
    world.is_told_once(["i-1".to_owned()]).await;
    let other = world.process().await;
    world.way.down();
    let cut = Instant::now();
    stream.say("i-1", 0, "Are you there?");
    world.is_told_once(["i-1".to_owned()]).await;
    let gap = cut.elapsed();
    println!("{dialect:?}: after the cut it took {gap:?}");
    assert!(gap < world.rhythm.lease * 4, "{gap:?}");
    // It hears again, and stands by for the other one.
    let opened = world.opened();
    world.way.up();
    while world.opened() == opened {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stream.say("i-1", 0, "Fine.");
    world.is_told_once(["i-1".to_owned()]).await;
    other.abort();
    stream.say("i-1", 0, "Who is it now?");
    world.is_told_once(["i-1".to_owned()]).await;
    deaf.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invocation_that_hears_nothing_leaves_to_the_next_tick() {
    let mut rhythm = QUICK;
    rhythm.deaf = Duration::from_millis(400);
    // While somebody is there for long, a tick leaves at once: nobody stands by.
    rhythm.early = Duration::from_millis(1);
    let test = "an_invocation_that_hears_nothing";
    let Some(world) = World::start(test, rhythm).await else {
        return;
    };
    let stream = world.simulator.stream();
    let deaf = world.by_another_way(Some(LONG)).await;
    stream.say("i-1", 0, "Hello.");
    world.is_told_once(["i-1".to_owned()]).await;
    let report = world.tick(LONG).await.await.unwrap().unwrap();
    assert!(!report.is_needed, "the first one is there for long");
    world.way.down();
    stream.say("i-1", 0, "Are you there?");
    let left = tokio::time::timeout(Duration::from_secs(20), deaf).await;
    left.expect("it goes on without ears").unwrap().unwrap();
    let next = world.listen(LONG).await;
    stream.say("i-1", 0, "Now you hear me.");
    world.is_told_once(["i-1".to_owned()]).await;
    next.abort();
}
