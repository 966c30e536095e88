//! Durable before 202: whatever SQS and Secrets Manager do.

use std::collections::HashSet;
use std::time::Duration;

use aws_double::Fault;
use serde_json::json;
use shared::testing;

use crate::world::{World, json_of};

#[tokio::test]
async fn nothing_acknowledged_is_lost_while_sqs_fails_one_in_ten() {
    let world = World::start().await;
    for (fault, rate) in [
        (Fault::Status(503), 0.1),
        (Fault::ExecuteThenLose, 0.1),
        (Fault::Status(400), 0.1),
    ] {
        world
            .double
            .fail_rate("SendMessage", fault, rate, 20_260_115);
        let mut acknowledged = Vec::new();
        for number in 0..testing::proof_size(300, 34_000) {
            let response = world.post(&testing::conversation(number, 300)).await;
            match response.status_code {
                202 => acknowledged.push(json_of(&response)["receipt_id"].clone()),
                503 => assert!(response.headers.contains_key("retry-after")),
                other => panic!("{other}: {}", response.body),
            }
        }
        let queued: HashSet<String> = world.receipts().iter().map(ToString::to_string).collect();
        let lost = acknowledged
            .iter()
            .filter(|id| !queued.contains(id.as_str().unwrap()))
            .count();
        assert_eq!(lost, 0);
        assert!(
            acknowledged.len() * 2 > testing::proof_size(300, 34_000),
            "most got through: {}",
            acknowledged.len()
        );
    }
}

#[tokio::test]
async fn while_sqs_is_down_callers_are_told_to_come_back_and_health_tells_the_truth() {
    let world = World::start().await;
    let health = json!({ "rawPath": "/webhooks/data-action/health", "requestContext": { "http": { "method": "GET" } } });
    assert_eq!(world.send(health.clone()).await.status_code, 200);
    world
        .double
        .fail_rate("SendMessage", Fault::Status(503), 1.0, 1);
    let response = world.post(&testing::conversation(1, 300)).await;
    assert_eq!(response.status_code, 503);
    assert!(response.headers["retry-after"].parse::<u32>().unwrap() >= 1);
    world.double.clear_faults();
    assert_eq!(
        world.post(&testing::conversation(1, 300)).await.status_code,
        202
    );
    assert_eq!(world.queued().len(), 1);
}

#[tokio::test]
async fn health_says_which_part_is_down() {
    let world = World::start().await;
    world
        .double
        .fail_rate("GetQueueAttributes", Fault::Status(503), 1.0, 1);
    let event = include_str!("../../../../events/data-action-webhook.health.json");
    let response = world.send(serde_json::from_str(event).unwrap()).await;
    assert_eq!(response.status_code, 503);
    assert_eq!(
        json_of(&response),
        json!({ "status": "unavailable", "keys": "ok", "queue": "unavailable" })
    );
}

#[tokio::test]
async fn a_slow_queue_is_answered_before_the_deadline() {
    let world = World::start().await;
    world
        .double
        .fail_rate("SendMessage", Fault::Slow(Duration::from_mins(1)), 1.0, 1);
    let started = std::time::Instant::now();
    assert_eq!(
        world.post(&testing::conversation(1, 300)).await.status_code,
        503
    );
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "the function's own deadline"
    );
}

#[tokio::test]
async fn keys_that_cannot_be_read_at_first_are_read_later() {
    let world = World::start().await;
    world
        .double
        .fail_rate("GetSecretValue", Fault::Status(503), 1.0, 1);
    let response = world.post(&testing::conversation(1, 300)).await;
    assert_eq!(response.status_code, 503);
    assert!(response.headers.contains_key("retry-after"));
    world.double.clear_faults();
    // After a failed read, the next one is a second away.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(
        world.post(&testing::conversation(1, 300)).await.status_code,
        202
    );
}

#[tokio::test]
async fn health_is_not_well_while_messages_cannot_be_sent() {
    let world = World::start().await;
    world
        .double
        .fail_rate("SendMessage", Fault::Status(403), 1.0, 1);
    assert_eq!(
        world.post(&testing::conversation(1, 300)).await.status_code,
        503
    );
    let event = include_str!("../../../../events/data-action-webhook.health.json");
    let response = world.send(serde_json::from_str(event).unwrap()).await;
    assert_eq!(
        (response.status_code, json_of(&response)["queue"].as_str()),
        (503, Some("unavailable"))
    );
}
