//! Events that are too long for a run: they cost no other event anything, and are finished all the same.

use std::time::Duration;

use conversation_embedder::App;
use cxone_simulator::{Fault, FaultPlan, FaultRule};
use serde_json::{Value, json};

use crate::drive::{deliver, invoke};
use crate::messages::completed;
use crate::world::World;

/// A sentence is a piece, and a request takes ten of them.
const SETTINGS: [(&str, &str); 5] = [
    ("CHUNK_TOKENS", "16"),
    ("CHUNK_OVERLAP_TOKENS", "0"),
    ("SCHEMA_MAP", r#"{"transcript.customer": "C"}"#),
    ("EMBEDDING_BATCH_TEXTS", "10"),
    ("EMBEDDING_PARALLEL", "1"),
];
const SMALL: usize = 20;
/// Eight seconds of it are for cutting texts and for the model.
const BATCH: Duration = Duration::from_secs(12);
/// Enough for two pages, the first of which takes half of it.
const RUN: Duration = Duration::from_secs(24);

fn small(from: usize, to: usize) -> impl Iterator<Item = String> {
    (from..to).map(|n| {
        completed(
            &format!("small-{n}"),
            &format!("The small order {n} is late."),
        )
    })
}

/// An event of so many pieces.
fn long(sentences: usize) -> String {
    let sentence = |n| format!("The order with item {n} came in a wet parcel today.");
    let sentences: Vec<_> = (0..sentences).map(sentence).collect();
    completed("long", &sentences.join(" "))
}

/// Every request takes so long from now on.
fn slow(world: &World, ms: u64) {
    let rules = vec![FaultRule::rate("/v1/embeddings", 1.0, Fault::Slow { ms })];
    world
        .simulator
        .set_faults(FaultPlan { seed: 0, rules })
        .unwrap();
}

async fn reembed(app: &App) -> Value {
    let report = invoke(app, json!({"task": "reembed"}), RUN).await.unwrap();
    report["models"][0].clone()
}

#[tokio::test]
async fn a_long_event_keeps_no_other_waiting_and_has_an_end() {
    let Some(world) = World::start("a_long_event_keeps_no_other", &SETTINGS).await else {
        return;
    };
    assert!(
        world
            .deliver(&[completed("first", "Hello.")])
            .await
            .is_empty()
    );
    slow(&world, 500);
    let bodies: Vec<_> = [long(200)].into_iter().chain(small(0, SMALL)).collect();
    let failed = deliver(&world.app, &bodies, BATCH).await;
    assert!(failed.iter().all(|id| id == "0"), "{failed:?}");
    let whole =
        "conversation_embeddings WHERE conversation_id LIKE 'small%' AND embedding IS NOT NULL";
    assert_eq!(world.count(whole).await, 20);
    let mut receives = 1;
    let mut failed = failed;
    while !failed.is_empty() {
        receives += 1;
        assert!(receives <= 5, "it would be dead");
        failed = deliver(&world.app, &bodies[..1], BATCH).await;
    }
    // What the model came to is kept, and words find all of it.
    let with = "conversation_embeddings WHERE conversation_id = 'long' AND embedding IS NOT NULL";
    let unfinished = "conversation_embeddings WHERE embedding IS NULL AND semantic_metadata->>'without_vector' = 'unfinished'";
    let (had, left) = (world.count(with).await, world.count(unfinished).await);
    println!(
        "after {receives} receives {had} of {} pieces have vectors",
        had + left
    );
    assert!(
        had >= 10 && left >= 10 && had + left >= 200,
        "{had}, {left}"
    );
    world.simulator.clear_faults();
    let report = reembed(&world.app).await;
    assert_eq!((&report["left"], &report["failed"]), (&json!(0), &json!(0)));
    assert_eq!(
        (world.count(with).await, world.count(unfinished).await),
        (had + left, 0)
    );
}

#[tokio::test]
async fn a_long_event_before_all_others_does_not_stop_reembedding() {
    let Some(world) = World::start("a_long_event_before_all_others", &SETTINGS).await else {
        return;
    };
    assert!(world.deliver(&[long(250)]).await.is_empty());
    // Two pages, and the long one is the first of all.
    let bodies: Vec<_> = small(0, 60).collect();
    assert!(world.deliver(&bodies).await.is_empty());
    let app = world.again(&[("EMBEDDING_DIMENSIONS", "512")]).await;
    slow(&world, 1_000);
    let report = reembed(&app).await;
    assert!(report["done"].as_i64() >= Some(20), "{report}");
    let last = "conversation_embeddings c JOIN embedding_models m ON m.id = c.model_id
        WHERE m.dimensions = 512 AND c.conversation_id = 'small-59' AND c.embedding IS NOT NULL";
    assert_eq!(world.count(last).await, 1, "it stands on the second page");
    assert!(
        report["left"].as_i64() >= Some(1),
        "it was not too long: {report}"
    );
    slow(&world, 100);
    for run in 2.. {
        assert!(run <= 8, "it does not end");
        if reembed(&app).await["left"] == 0 {
            break;
        }
    }
    let without = "conversation_embeddings WHERE embedding IS NULL";
    assert_eq!(world.count(without).await, 0);
}

#[tokio::test]
async fn on_a_cold_start_the_examples_come_before_texts_that_take_all_the_time() {
    let Some(world) = World::start("on_a_cold_start_the_examples_come", &SETTINGS).await else {
        return;
    };
    slow(&world, 500);
    let bodies: Vec<_> = [long(200)].into_iter().chain(small(0, SMALL)).collect();
    let failed = deliver(&world.app, &bodies, BATCH).await;
    assert!(failed.iter().all(|id| id == "0"), "{failed:?}");
    assert!(world.count("conversation_events").await >= 20);
}
