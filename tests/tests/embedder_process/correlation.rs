//! One webhook is followed: from its own line through the queue to the worker's line and the row, by one id.

use std::fs::File;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use end_to_end::{Function, binary};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::{aws, testing};
use tokio::process::Command;

use crate::world::{AMPLE, World};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const CALLERS: &str = "call-42";
/// What the host of the runtime API says of every invocation.
const TRACE: &str = "Root=1-00000000-000000000000000000000000;Sampled=0";
/// The trace of a sender that is not the worker's own.
const SENDERS: &str = "Root=1-11111111-111111111111111111111111;Sampled=0";

async fn webhook(world: &World, queue: &str, log: &File) -> Function {
    let keys = json!({ "standard-webhooks": [KEY] }).to_string();
    let secret = aws::secrets_client(&world.sdk).create_secret().name("keys");
    secret.secret_string(keys).send().await.unwrap();
    let mut command = Command::new(binary("data-action-webhook").unwrap());
    command.env_clear().envs([
        ("AWS_ENDPOINT_URL", world.double.endpoint().as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("CONVERSATIONS_QUEUE_URL", queue),
        ("WEBHOOK_KEYS_SECRET_ID", "keys"),
    ]);
    Function::spawn(command, log).await.unwrap()
}

fn signed() -> String {
    let secret = json!({ "standard-webhooks": [KEY] }).to_string();
    let keyring = testing::keyring(r#"["standard-webhooks"]"#, &secret).unwrap();
    let body = testing::conversation(1, 500);
    let mut headers = testing::signed(&keyring, "msg_1", Timestamp::now(), &body);
    headers.push(("X-Correlation-Id".to_owned(), CALLERS.to_owned()));
    testing::http_event("/webhooks/data-action", &headers, &body).to_string()
}

async fn next_message(world: &World, queue: &str) -> Message {
    let request = aws::queue_client(&world.sdk).receive_message();
    let request = request.queue_url(queue).message_attribute_names("All");
    let request = request.message_system_attribute_names(MessageSystemAttributeName::All);
    let messages = request.send().await.unwrap().messages.unwrap();
    messages.into_iter().next().unwrap()
}

/// The message as Lambda gives it to the worker.
fn event(message: &Message) -> String {
    let attributes = message.message_attributes().unwrap();
    let id = attributes["correlation_id"].string_value().unwrap();
    let record = json!({
        "messageId": message.message_id().unwrap(),
        "body": message.body().unwrap(),
        "attributes": {"AWSTraceHeader": SENDERS},
        "messageAttributes": {"correlation_id": {"dataType": "String", "stringValue": id}},
    });
    json!({ "Records": [record] }).to_string()
}

/// The line with this message. Each is one JSON object.
fn line(log: &str, message: &str) -> Value {
    let mut lines = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found = lines.find(|line| line["message"] == message);
    found.unwrap_or_else(|| panic!("no line says {message}: {log}"))
}

#[tokio::test]
async fn one_webhook_is_followed_from_its_line_to_its_row() {
    let Some(world) = World::start("one_webhook_is_followed").await else {
        return;
    };
    let queue = aws::queue_client(&world.sdk).create_queue();
    let queue = queue.queue_name("conversations").send().await.unwrap();
    let queue = queue.queue_url().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("webhook.log");
    let webhook = webhook(&world, queue, &File::create(&log).unwrap()).await;
    let answer = webhook.invoke(signed()).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer["headers"]["x-correlation-id"], CALLERS, "{answer}");
    let receipt: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let receipt = receipt["receipt_id"].as_str().unwrap();

    let log = std::fs::read_to_string(log).unwrap();
    let enqueued = line(&log, "enqueued");
    assert_eq!(enqueued["receipt.id"], receipt);
    for message in ["enqueued", "answered"] {
        assert_eq!(line(&log, message)["correlation.id"], CALLERS);
        assert_eq!(line(&log, message)["cold_start"], true);
    }
    let started = line(&log, "started");
    assert_eq!(started["cold_starts"], 1);
    assert_eq!(started["correlation.id"], started["request.id"]);
    assert_eq!(line(&log, "answered")["status_class"], "2xx");

    let message = next_message(&world, queue).await;
    let attributes = message.attributes().unwrap();
    let trace = &attributes[&MessageSystemAttributeName::AwsTraceHeader];
    assert_eq!(trace, TRACE);

    let mut embedder = world.spawn(&[]).await;
    let event = event(&message);
    embedder
        .function
        .invoke_within(event.clone(), AMPLE)
        .await
        .unwrap();
    embedder.function.invoke_within(event, AMPLE).await.unwrap();
    let log = embedder.log();
    let settled = line(&log, "settled");
    assert_eq!(settled["correlation.id"], CALLERS, "{settled}");
    assert_eq!(settled["receipt.id"], receipt);
    assert_eq!(settled["trace.id"], "1-11111111-111111111111111111111111");
    assert_eq!(
        (&settled["settled_events"], &settled["outcome"]),
        (&json!(1), &json!("New"))
    );
    assert_eq!(settled["cold_start"], true);
    let again = log
        .lines()
        .rfind(|line| line.contains("\"settled\""))
        .unwrap();
    let again: Value = serde_json::from_str(again).unwrap();
    assert_eq!(
        (&again["cold_start"], &again["outcome"]),
        (&json!(false), &json!("Done"))
    );

    let stored = world
        .rows
        .query_one("SELECT receipt_id::text FROM conversation_events", &[]);
    assert_eq!(stored.await.unwrap().get::<_, &str>(0), receipt);
}
