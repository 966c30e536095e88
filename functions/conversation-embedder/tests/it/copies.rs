//! Copies of one message that arrive together, in batches of several environments: one effect, one question to the provider.

use std::time::Duration;

use cxone_simulator::SettingsUpdate;
use futures_util::future::join_all;
use serde_json::Value;
use shared::testing::proof_size;

use crate::drive::deliver;
use crate::messages::completed;
use crate::world::World;

#[tokio::test]
async fn parallel_copies_have_one_effect_and_cost_one_call() {
    let Some(world) = World::start("parallel_copies_have_one_effect", &[]).await else {
        return;
    };
    world.simulator.update(SettingsUpdate {
        embedding_latency_ms: Some(300),
        ..SettingsUpdate::default()
    });
    let (copies, environments) = (proof_size(300, 1_000), 10);
    let body = completed("copied", "What is said once is stored once.");
    let apps = join_all((0..environments).map(|_| world.again(&[]))).await;
    // Batches of ten, and in each a message of its own, which must not suffer.
    let deliveries = apps.iter().enumerate().map(|(nth, app)| {
        let batch = vec![body.clone(); 10];
        async move {
            let mut reported = 0;
            for _ in 0..copies / environments / 10 {
                let mut left = batch.clone();
                while !left.is_empty() {
                    let failed = deliver(app, &left, Duration::from_secs(20)).await;
                    reported += failed.len();
                    left.truncate(failed.len());
                }
            }
            let own = completed(&format!("own-{nth}"), "What is said once is stored once.");
            assert!(
                deliver(app, &[own], Duration::from_secs(20))
                    .await
                    .is_empty()
            );
            reported
        }
    });
    let reported: usize = join_all(deliveries).await.into_iter().sum();
    assert_eq!(
        world
            .count("conversation_events WHERE conversation_id = 'copied'")
            .await,
        1
    );
    assert_eq!(
        world
            .count("conversation_embeddings WHERE conversation_id = 'copied'")
            .await,
        1
    );
    assert_eq!(world.count("conversation_events").await, 1 + 10);
    println!(
        "{copies} copies: one effect, {} calls, {reported} given again",
        world.asked()
    );
    assert!(
        world.asked() <= 2,
        "the text, and the examples of intents: {}",
        world.asked()
    );
}

#[tokio::test]
async fn the_same_claims_over_and_over_wait_for_nobody_that_is_gone() {
    let Some(world) = World::start("the_same_claims_over_and_over", &[]).await else {
        return;
    };
    let body = completed("one", "Hello.");
    world.simulator.update(SettingsUpdate {
        embedding_latency_ms: Some(5_000),
        ..SettingsUpdate::default()
    });
    let first = deliver(
        &world.app,
        std::slice::from_ref(&body),
        Duration::from_secs(4),
    )
    .await;
    assert_eq!(first, ["0"], "too slow for its deadline");
    assert_eq!(world.count("embedding_claims").await, 0, "given up");
    world.simulator.update(SettingsUpdate {
        embedding_latency_ms: Some(0),
        ..SettingsUpdate::default()
    });
    let started = std::time::Instant::now();
    let other = world.again(&[]).await;
    assert!(
        deliver(&other, &[body], Duration::from_secs(20))
            .await
            .is_empty()
    );
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn what_another_gave_up_during_our_long_work_is_done_by_us() {
    let Some(world) = World::start("what_another_gave_up_during_our_long_work", &[]).await else {
        return;
    };
    assert!(
        world
            .deliver(&[completed("first", "Hello.")])
            .await
            .is_empty()
    );
    let (theirs, ours) = (completed("theirs", "Theirs."), completed("ours", "Ours."));
    // Somebody else is at it, and gone in two seconds; our own work takes longer than we wait for others.
    let message: Value = serde_json::from_str(&theirs).unwrap();
    let key = message["event_key"].as_str().unwrap();
    let claim = format!(
        "INSERT INTO embedding_claims VALUES (decode('{key}', 'hex'), gen_random_uuid(), now() + interval '2 seconds')"
    );
    world.rows.batch_execute(&claim).await.unwrap();
    world.simulator.update(SettingsUpdate {
        embedding_latency_ms: Some(9_000),
        ..SettingsUpdate::default()
    });
    assert_eq!(world.deliver(&[theirs, ours]).await, [""; 0]);
    assert_eq!(world.texts().await.len(), 3);
}
