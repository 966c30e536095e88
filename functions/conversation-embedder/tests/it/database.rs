//! A database that goes and comes, and answers that are lost after the work was done.

use std::time::{Duration, Instant};

use cxone_simulator::SettingsUpdate;
use fault_proxy::Plan;
use serde_json::json;
use shared::testing::proof_size;

use crate::drive::{deliver, redeliver};
use crate::messages::completed;
use crate::world::World;

fn batch(name: &str, nth: usize) -> Vec<String> {
    let id = |n| format!("{name}-{nth}-{n}");
    (0..10).map(|n| completed(&id(n), &id(n))).collect()
}

#[tokio::test]
async fn after_an_outage_it_is_well_at_once_and_nothing_is_lost() {
    let Some(world) = World::start("after_an_outage_it_is_well_at_once", &[]).await else {
        return;
    };
    assert!(world.deliver(&batch("first", 0)).await.is_empty());
    world.simulator.update(SettingsUpdate {
        embedding_latency_ms: Some(150),
        ..SettingsUpdate::default()
    });
    let outages = proof_size(6, 50);
    let (mut slowest_error, mut slowest_return) = (Duration::ZERO, Duration::ZERO);
    for nth in 0..outages {
        let (hit, next) = (batch("hit", nth), batch("next", nth));
        // Between the claim and the storing, or before everything.
        let wait = Duration::from_millis([0, 30, 80][nth % 3]);
        let outage = async {
            tokio::time::sleep(wait).await;
            world.proxy.down();
            Instant::now()
        };
        let (failed, began) =
            tokio::join!(deliver(&world.app, &hit, Duration::from_secs(5)), outage);
        assert_eq!(failed.len(), 10, "outage {nth}");
        slowest_error = slowest_error.max(began.elapsed());
        world.proxy.up();
        let back = Instant::now();
        assert!(world.deliver(&next).await.is_empty(), "outage {nth}");
        slowest_return = slowest_return.max(back.elapsed());
    }
    println!(
        "{outages} outages: reported within {slowest_error:?}, well within {slowest_return:?}"
    );
    // In CI, no more than that nobody hangs.
    let seconds = |small, full| Duration::from_secs(proof_size(small, full) as u64);
    assert!(slowest_error < seconds(12, 3), "{slowest_error:?}");
    assert!(slowest_return < seconds(10, 2), "{slowest_return:?}");
    // What was claimed when the database went is free five seconds after its deadline.
    let hit: Vec<_> = (0..outages).flat_map(|nth| batch("hit", nth)).collect();
    assert!(redeliver(&world.app, hit, 4).await.is_empty());
    let stored = i64::try_from(outages * 20 + 10).unwrap();
    assert_eq!(world.count("conversation_events").await, stored);
    assert_eq!(
        world
            .count("conversation_embeddings WHERE embedding IS NOT NULL")
            .await,
        stored
    );
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_work_was_done_makes_no_double() {
    let Some(world) = World::start("an_answer_that_is_lost", &[]).await else {
        return;
    };
    assert!(world.deliver(&batch("first", 0)).await.is_empty());
    let plan = Plan {
        seed: 6,
        lose_answer: 0.08,
        ..Plan::none()
    };
    world.proxy.set_plan(plan);
    let batches = proof_size(30, 1_000);
    let (mut left, mut reported) = (Vec::new(), 0);
    for nth in 0..batches {
        let bodies = batch("c", nth);
        let failed = deliver(&world.app, &bodies, Duration::from_secs(8)).await;
        reported += failed.len();
        left.extend(
            failed
                .iter()
                .map(|id| bodies[id.parse::<usize>().unwrap()].clone()),
        );
    }
    let stats = world.proxy.stats();
    world.proxy.set_plan(Plan::none());
    assert!(redeliver(&world.app, left, 5).await.is_empty());
    println!("{batches} batches, {reported} messages given again, {stats:?}");
    assert!((1..batches * 10).contains(&reported), "{reported}");
    let stored = i64::try_from(batches * 10 + 10).unwrap();
    assert_eq!(world.count("conversation_events").await, stored);
    assert_eq!(world.count("conversation_embeddings").await, stored);
    assert_eq!(
        world
            .count("(SELECT DISTINCT event_id FROM conversation_embeddings) e")
            .await,
        stored
    );
}

#[tokio::test]
async fn a_connection_that_died_unnoticed_costs_a_second_and_no_batch() {
    let Some(world) = World::start("a_connection_that_died_unnoticed", &[]).await else {
        return;
    };
    assert!(world.deliver(&batch("first", 0)).await.is_empty());
    // Nothing of the old connection is heard of again; a new one is well.
    world.proxy.set_plan(Plan {
        delay: 1.0,
        delay_ms: 60_000..=60_000,
        ..Plan::none()
    });
    let mended = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        world.proxy.set_plan(Plan::none());
    };
    let began = Instant::now();
    let next = batch("next", 0);
    let (failed, ()) = tokio::join!(world.deliver(&next), mended);
    assert_eq!(failed, [""; 0]);
    // Whoever waits for what the old connection says waits for a minute.
    let took = began.elapsed();
    assert!(took < Duration::from_secs(15), "{took:?}");
}

const TIME: Duration = Duration::from_secs(20);

/// What the secret of the database holds for this role.
fn credentials(world: &World, role: &str, password: &str) -> String {
    let (_, name) = world.settings["DATABASE_URL"].rsplit_once('/').unwrap();
    let address = world.proxy.address();
    json!({"host": address.ip(), "port": address.port(), "username": role, "password": password, "dbname": name})
        .to_string()
}

#[tokio::test]
async fn a_rotated_password_and_a_rotated_user_are_found_without_a_restart() {
    let Some(world) = World::start("a_rotated_password", &[]).await else {
        return;
    };
    assert!(world.deliver(&batch("first", 0)).await.is_empty());
    let run = async |sql: String| world.rows.batch_execute(&sql).await.unwrap();
    let (one, two) = (fastrand::u64(..), fastrand::u64(..));
    let (one, two) = (format!("one_{one}"), format!("two_{two}"));
    for role in [&one, &two] {
        run(format!("CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 'old'")).await;
    }
    let secret = async |role: &str, password: &str| {
        let text = credentials(&world, role, password);
        world.put_secret("database", &text).await;
    };
    let cut = async || {
        world.proxy.down();
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.proxy.up();
    };
    let settings = [("DATABASE_SECRET_ID", "database")];
    // The password changes; a server that trusts this machine does not look at it.
    secret(&one, "old").await;
    let app = world.again(&settings).await;
    assert!(deliver(&app, &batch("a", 0), TIME).await.is_empty());
    run(format!("ALTER ROLE {one} PASSWORD 'new'")).await;
    secret(&one, "new").await;
    cut().await;
    assert_eq!(deliver(&app, &batch("b", 0), TIME).await, [""; 0]);
    // The user changes, as with the rotation of two users in turn.
    let app = world.again(&settings).await;
    assert!(deliver(&app, &batch("c", 0), TIME).await.is_empty());
    run(format!("ALTER ROLE {one} NOLOGIN")).await;
    secret(&two, "old").await;
    cut().await;
    assert_eq!(deliver(&app, &batch("d", 0), TIME).await, [""; 0]);
    // The secret was read a moment ago: whoever is refused again is told so.
    run(format!("ALTER ROLE {two} NOLOGIN")).await;
    cut().await;
    assert_eq!(deliver(&app, &batch("e", 0), TIME).await.len(), 10);
    // As in the middle of a rotation, where the server knows the new password before the secret does: it is found soon after.
    run(format!("ALTER ROLE {one} LOGIN")).await;
    secret(&one, "new").await;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(deliver(&app, &batch("f", 0), TIME).await, [""; 0]);
    run(format!("DROP ROLE {one}, {two}")).await;
}
