//! The page costs the same however much is stored.

use std::time::Instant;

use shared::testing;

use crate::world::{World, events};

/// Events, in CI and in full, all of one day.
const EVENTS: (u32, u32) = (20_000, 1_000_000);
/// What a person waits without noticing, and a debug build on a busy machine keeps.
const MOST_MS: f64 = 300.0;

#[tokio::test]
async fn the_page_comes_at_once_with_a_million_events() {
    let Some(world) = World::start("the_page_comes_at_once").await else {
        return;
    };
    let count = u32::try_from(testing::proof_size(EVENTS.0 as usize, EVENTS.1 as usize)).unwrap();
    let pause = 80_000.0 / f64::from(count);
    world
        .rows
        .batch_execute(&events(count, pause))
        .await
        .unwrap();
    world
        .rows
        .batch_execute(include_str!("seed.sql"))
        .await
        .unwrap();
    world.rows.batch_execute("ANALYZE").await.unwrap();
    let started = Instant::now();
    while world.roll_up().await["finished"] != true {}
    let first_count = started.elapsed();
    let started = Instant::now();
    world.roll_up().await;
    let next_count = started.elapsed();
    let mut times = Vec::new();
    for _ in 0..21 {
        let started = Instant::now();
        assert_eq!(world.page().await.status_code, 200);
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let (median, most) = (times[10], times[20]);
    println!(
        "{count} events: first count {first_count:?}, next {next_count:?}, page {median:.1} ms (median of 21), {most:.1} at most"
    );
    assert!(median < MOST_MS, "{times:?}");
}
