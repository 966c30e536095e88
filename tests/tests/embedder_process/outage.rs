//! The database goes and comes back; and it ends connections while they are in use.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::testing::proof_size;

use crate::world::{AMPLE, Queue, World, failed, names};

/// The claims of an invocation whose connection ends while it gives them up last as long as it could have, and five seconds.
const BRIEF: Duration = Duration::from_secs(15);

/// Who calls is told by then that the database is away: in CI, long before its time is up; in full, as fast as it is meant to be.
fn told_by() -> Duration {
    Duration::from_secs(proof_size(15, 3) as u64)
}

/// So long after its return everything works again.
fn well_by() -> Duration {
    Duration::from_secs(proof_size(12, 2) as u64)
}

#[tokio::test]
async fn an_outage_of_the_database_is_told_at_once_and_over_at_once() {
    let Some(world) = World::start("an_outage_of_the_database").await else {
        return;
    };
    let mut process = world.spawn(&[]).await;
    let mut all = names("before", 10);
    let mut queue = Queue::of(&all);
    assert!(queue.deliver(&mut process, AMPLE).await && queue.is_empty());
    let (mut told, mut well) = (Duration::ZERO, Duration::ZERO);
    for outage in 0..proof_size(5, 50) {
        let conversations = names(&format!("outage-{outage}"), 10);
        let mut queue = Queue::of(&conversations);
        all.extend(conversations);
        world.wires.database.down();
        let started = Instant::now();
        assert!(
            queue.deliver(&mut process, AMPLE).await,
            "{}",
            process.log()
        );
        told = told.max(started.elapsed());
        assert_eq!(queue.len(), 10, "all are reported");
        world.wires.database.up();
        let started = Instant::now();
        while !queue.is_empty() {
            assert!(
                queue.deliver(&mut process, AMPLE).await,
                "{}",
                process.log()
            );
        }
        well = well.max(started.elapsed());
    }
    println!("told after {told:?}, well again after {well:?}, at most");
    assert!(told < told_by() && well < well_by());
    let log = process.log();
    assert!(
        log.contains("\"error.kind\":\"transient\"") && log.contains("Postgres failed for now")
    );
    world.assert_stored_once(&all).await;
}

#[tokio::test]
async fn an_outage_in_the_middle_of_a_batch_loses_and_doubles_nothing() {
    let Some(world) = World::start("an_outage_in_the_middle").await else {
        return;
    };
    let mut process = world.spawn(&[]).await;
    let mut all = names("before", 10);
    let mut queue = Queue::of(&all);
    assert!(queue.deliver(&mut process, AMPLE).await && queue.is_empty());
    world.slow_provider(400);
    let (mut waiting, mut told, mut well) = (Queue::default(), Duration::ZERO, Duration::ZERO);
    for outage in 0..proof_size(2, 20) {
        let conversations = names(&format!("outage-{outage}"), 10);
        let mut queue = Queue::of(&conversations);
        all.extend(conversations);
        let batch = process.function.invoke(queue.event());
        let cut = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            world.wires.database.down();
            Instant::now()
        };
        let (answer, down) = tokio::join!(batch, cut);
        let answer = answer.unwrap();
        told = told.max(answer.at.duration_since(down));
        assert_eq!(failed(&answer).len(), 10, "{}", process.log());
        world.wires.database.up();
        waiting.take(&mut queue);
        let conversations = names(&format!("after-{outage}"), 10);
        let mut queue = Queue::of(&conversations);
        all.extend(conversations);
        let started = Instant::now();
        assert!(queue.deliver(&mut process, AMPLE).await && queue.is_empty());
        well = well.max(started.elapsed());
    }
    println!("told {told:?} after the cut, well again after {well:?}, at most");
    assert!(told < told_by() && well < well_by());
    // The claims could not be given up without a database: they end by themselves.
    while !waiting.is_empty() {
        assert!(
            waiting.deliver(&mut process, AMPLE).await,
            "{}",
            process.log()
        );
    }
    world.assert_stored_once(&all).await;
}

/// Backends are ended by their server, one by one, as by an administrator. The server itself goes on: this is not its `kill -9`.
#[tokio::test]
async fn backends_that_end_in_the_middle_of_a_batch_lose_and_double_nothing() {
    let Some(world) = World::start("backends_that_end").await else {
        return;
    };
    let world = Arc::new(world);
    world.slow_provider(30);
    let mut process = world.spawn(&[]).await;
    let wanted = proof_size(20, 500);
    let killer = tokio::spawn(end_backends(Arc::clone(&world), wanted));
    let (mut all, mut rounds, mut hit) = (Vec::new(), 0, 0);
    while !killer.is_finished() {
        let conversations = names(&format!("round-{rounds}"), 50);
        let mut queue = Queue::of(&conversations);
        all.extend(conversations);
        rounds += 1;
        while !queue.is_empty() {
            assert!(
                queue.deliver(&mut process, BRIEF).await,
                "{}",
                process.log()
            );
            hit += usize::from(!queue.is_empty());
        }
    }
    killer.await.unwrap();
    println!(
        "{wanted} backends ended in {rounds} batches of 50; {hit} invocations reported messages"
    );
    assert!(hit > 0, "no batch was hit: {}", process.log());
    world.assert_stored_once(&all).await;
}

/// Ends so many connections of the function while they are at work, at random moments.
async fn end_backends(world: Arc<World>, wanted: usize) {
    // Who is meant is settled first: a condition beside the call could be evaluated after it.
    let find = "SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'cxone-memory' AND state <> 'idle'";
    let end = "SELECT pg_terminate_backend($1)";
    let (mut random, mut ended) = (1_u64, 0);
    while ended < wanted {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        tokio::time::sleep(Duration::from_millis((random >> 33) % 20)).await;
        for row in world.rows.query(find, &[]).await.unwrap() {
            let backend: i32 = row.get(0);
            let answer = world.rows.query_one(end, &[&backend]).await.unwrap();
            ended += usize::from(answer.get::<_, bool>(0));
        }
    }
}
