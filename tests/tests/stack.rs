//! The local stack as `cargo local test` starts it: production routes over HTTP, moto's queue, the emulator of the runtime API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::testing;
use tokio::sync::RwLock;

/// The test that kills functions is alone with them; the others may run together.
static FUNCTIONS: RwLock<()> = RwLock::const_new(());

/// What `cargo local status --json` prints, or nothing where there is no stack.
fn stack(test: &str) -> Option<Value> {
    let Some(path) = testing::setting("STACK_STATUS") else {
        testing::skip(test, "STACK_STATUS is not set; `cargo local test` sets it");
        return None;
    };
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} is missing in {value}"))
}

async fn post(url: &str, headers: &[(String, String)], body: String) -> (u16, Value) {
    let mut request = reqwest::Client::new()
        .post(url)
        .timeout(Duration::from_secs(30))
        .body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

fn sign(stack: &Value, id: &str, body: &str) -> Vec<(String, String)> {
    let secret = json!({ "standard-webhooks": [text(stack, "/webhook/standard_webhooks_secret")] });
    let keyring = testing::keyring(r#"["standard-webhooks"]"#, &secret.to_string()).unwrap();
    testing::signed(&keyring, id, Timestamp::now(), body)
}

/// Waits until search could find the conversation: through the queue, the event source and the embedder with its model.
async fn is_stored(stack: &Value, conversation: &str) -> bool {
    let url = text(stack, "/database_url");
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let stored =
        "SELECT vector_dims(embedding) FROM conversation_embeddings WHERE conversation_id = $1";
    for _ in 0..3_000 {
        let rows = client.query(stored, &[&conversation]).await.unwrap();
        if let Some(row) = rows.first() {
            assert_eq!(row.get::<_, i32>(0), 384, "the local model's");
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

#[tokio::test]
async fn a_signed_webhook_becomes_searchable() {
    let Some(stack) = stack("a_signed_webhook_becomes_searchable") else {
        return;
    };
    let _functions = FUNCTIONS.read().await;
    let conversation = format!("stack-{}", uuid::Uuid::new_v4());
    let body = testing::conversation(1, 500).replace("conv-1", &conversation);
    let url = text(&stack, "/webhook/url");
    assert!(url.ends_with("/webhooks/data-action"), "{url}");
    let (status, answer) = post(url, &sign(&stack, "msg_1", &body), body).await;
    assert_eq!(
        (status, text(&answer, "/conversation_id")),
        (202, conversation.as_str())
    );
    assert!(is_stored(&stack, &conversation).await);
}

#[tokio::test]
async fn a_forged_webhook_is_refused_over_http() {
    let Some(stack) = stack("a_forged_webhook_is_refused") else {
        return;
    };
    let _functions = FUNCTIONS.read().await;
    let body = testing::conversation(1, 500);
    let mut headers = sign(&stack, "msg_1", &body);
    let (status, problem) = post(text(&stack, "/webhook/url"), &headers, body.clone() + " ").await;
    assert_eq!(
        (status, text(&problem, "/type")),
        (401, "urn:cxone-memory:problem:unauthorized")
    );
    headers.clear();
    assert_eq!(
        post(text(&stack, "/webhook/url"), &headers, body).await.0,
        401
    );
}

#[tokio::test]
async fn health_is_served_to_everyone() {
    let Some(stack) = stack("health_is_served") else {
        return;
    };
    let _functions = FUNCTIONS.read().await;
    let url = format!("{}/webhooks/data-action/health", text(&stack, "/http_url"));
    let answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(
        answer,
        json!({ "status": "ok", "keys": "ok", "queue": "ok" })
    );
}

#[tokio::test]
async fn a_function_that_was_killed_is_back_at_the_next_call() {
    let Some(stack) = stack("a_function_that_was_killed") else {
        return;
    };
    let _functions = FUNCTIONS.write().await;
    let url = text(&stack, "/webhook/url");
    let body = testing::conversation(1, 500);
    assert_eq!(
        post(url, &sign(&stack, "msg_1", &body), body.clone())
            .await
            .0,
        202
    );
    if !std::path::Path::new("/proc").is_dir() {
        return testing::skip(
            "a_function_that_was_killed",
            "processes are found through /proc",
        );
    }
    assert!(
        kill_function(text(&stack, "/sqs_endpoint")) > 0,
        "there is a process to kill"
    );
    for _ in 0..60 {
        let (status, _) = post(url, &sign(&stack, "msg_2", &body), body.clone()).await;
        if status == 202 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("it stays away");
}

/// Kills the webhook's processes of the stack with this SQS, told apart by their environment.
fn kill_function(sqs_endpoint: &str) -> usize {
    let mut killed = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<i32>() else {
            continue;
        };
        let read = |file: &str| std::fs::read(entry.path().join(file)).unwrap_or_default();
        let is_webhook = read("comm").starts_with(b"data-action-web");
        let environment = String::from_utf8_lossy(&read("environ")).into_owned();
        let is_ours = environment
            .split('\0')
            .any(|pair| pair == format!("AWS_ENDPOINT_URL={sqs_endpoint}"));
        if is_webhook && is_ours {
            let id = rustix::process::Pid::from_raw(id).unwrap();
            rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
            killed += 1;
        }
    }
    killed
}

/// Asks with the stack's own API key.
async fn ask(stack: &Value, method: reqwest::Method, path: &str) -> (u16, Value) {
    let url = format!("{}{path}", text(stack, "/http_url"));
    let request = reqwest::Client::new()
        .request(method, url)
        .timeout(Duration::from_secs(30))
        .header("x-api-key", text(stack, "/api_key"));
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or_default())
}

/// Through the gateway, the queue, the sync with its model, and back through the gateway.
#[tokio::test]
async fn a_refresh_brings_the_articles_of_the_simulator() {
    let Some(stack) = stack("a_refresh_brings_the_articles") else {
        return;
    };
    let _functions = FUNCTIONS.read().await;
    let path = "/knowledge/refresh?full_sync=true";
    let (status, accepted) = ask(&stack, reqwest::Method::POST, path).await;
    assert_eq!(status, 202, "{accepted}");
    let run = text(&accepted, "/status_url");
    let mut report = Value::Null;
    for _ in 0..6_000 {
        let (status, told) = ask(&stack, reqwest::Method::GET, run).await;
        assert_eq!(status, 200, "{told}");
        report = told;
        if !matches!(text(&report, "/state"), "queued" | "running") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(text(&report, "/state"), "done", "{report}");
    let listed = report.pointer("/counts/listed").and_then(Value::as_u64);
    assert!(listed.is_some_and(|count| count > 0), "{report}");
    let nobody = reqwest::Client::new().post(format!("{}{path}", text(&stack, "/http_url")));
    assert_eq!(nobody.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_schema_is_up_before_anything_is_served() {
    let Some(stack) = stack("the_schema_is_up") else {
        return;
    };
    let url: shared::db::DatabaseUrl = text(&stack, "/database_url").parse().unwrap();
    let database = shared::db::Database::new(url, None).unwrap();
    let version = shared::db::migrate::current_version(&database)
        .await
        .unwrap();
    assert_eq!(
        usize::try_from(version).unwrap(),
        shared::db::migrate::MIGRATIONS.len()
    );
}

#[tokio::test]
async fn the_simulator_answers() {
    let Some(stack) = stack("the_simulator_answers") else {
        return;
    };
    let url = format!("{}/_control/health", text(&stack, "/simulator_url"));
    assert!(reqwest::get(url).await.unwrap().status().is_success());
}
