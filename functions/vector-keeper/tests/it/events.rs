//! The events as AWS sends them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{PLENTY, World, invoke};

const WAKE: &str = include_str!("../../../../events/vector-keeper.json");
const KEEP: &str = include_str!("../../../../events/vector-keeper.keep.json");

fn parse(event: &str) -> Value {
    serde_json::from_str(event).unwrap()
}

#[tokio::test]
async fn the_clock_and_the_queue_are_understood() {
    let Some(world) = World::start("the_clock_and_the_queue").await else {
        return;
    };
    world.close(world.stage.model, 1, 3).await;
    let woken = invoke(&world.app, parse(WAKE), PLENTY).await.unwrap();
    assert_eq!(woken, json!({ "batchItemFailures": [] }));
    assert_eq!(
        (world.count("sealed").await, world.count("closed").await),
        (1, 0)
    );
    world.close(world.stage.model, 1, 3).await;
    let kept = invoke(&world.app, parse(KEEP), PLENTY).await.unwrap();
    let sealed = &kept["models"][0]["sealed"];
    assert_eq!(sealed.as_array().unwrap().len(), 1, "{kept}");
    assert_eq!(kept["closed"], 0, "{kept}");
    assert_eq!(world.count("sealed").await, 2);
}

#[tokio::test]
async fn a_message_that_nobody_sent_is_settled_and_a_foreign_task_is_refused() {
    let Some(world) = World::start("a_message_that_nobody").await else {
        return;
    };
    let bodies = [
        "",
        "{}",
        r#"{"version":2,"model":1}"#,
        r#"{"version":1,"model":99}"#,
    ];
    let record = |body: &&str| json!({ "messageId": *body, "body": *body });
    let records: Vec<_> = bodies.iter().map(record).collect();
    let event = json!({ "Records": records });
    let answer = invoke(&world.app, event, PLENTY).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    for task in [
        json!("keep"),
        json!({}),
        json!({ "task": "seal" }),
        json!({ "task": "keep", "all": true }),
    ] {
        let refused = invoke(&world.app, task, PLENTY).await.unwrap_err();
        assert_eq!(refused.error_type, "invalid");
    }
}

#[tokio::test]
async fn a_message_comes_again_while_somebody_still_writes() {
    let Some(world) = World::start("a_message_comes_again").await else {
        return;
    };
    world.close(world.stage.model, 1, 3).await;
    let write = "BEGIN; SELECT pg_advisory_xact_lock_shared(x'0043586f6e655365'::bigint)";
    world.stage.bystander.batch_execute(write).await.unwrap();
    let soon = Duration::from_secs(15);
    let answer = invoke(&world.app, parse(WAKE), soon).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    let failed = invoke(&world.app, parse(KEEP), soon).await.unwrap_err();
    assert_eq!(failed.error_type, "transient", "{}", failed.error_message);
    assert_eq!(world.count("closed").await, 1);
    world.stage.bystander.batch_execute("COMMIT").await.unwrap();
    let answer = invoke(&world.app, parse(WAKE), PLENTY).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(world.count("sealed").await, 1);
}
