//! `cargo local import` into the real webhook, several environments of it, as they run in Lambda.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_double::{AwsDouble, Fault, Options};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use end_to_end::{Function, binary};
use serde_json::Value;
use shared::domain::DataActionEvent;
use shared::queue::ConversationMessage;
use shared::{aws, testing};
use tokio::process::Command;

const PATH: &str = "/webhooks/data-action";
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ENVIRONMENTS: usize = 4;

/// The gateway before some environments of the webhook.
struct Gateway {
    functions: Vec<Function>,
    turn: AtomicUsize,
}

async fn forward(
    State(gateway): State<Arc<Gateway>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let pairs = headers.iter();
    let headers: Vec<_> = pairs
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let turn = gateway.turn.fetch_add(1, Ordering::Relaxed);
    let function = &gateway.functions[turn % ENVIRONMENTS];
    let event = testing::http_event(PATH, &headers, &body).to_string();
    let answer: Value =
        serde_json::from_slice(&function.invoke(event).await.unwrap().body).unwrap();
    let status = u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap();
    let body = answer["body"].as_str().unwrap().to_owned();
    let status = StatusCode::from_u16(status).unwrap();
    match answer["headers"]["retry-after"].as_str() {
        Some(pause) => (status, [("retry-after", pause.to_owned())], body).into_response(),
        None => (status, body).into_response(),
    }
}

/// Starts the webhook with its queue and its keys; gives its address.
async fn start(double: &AwsDouble, log: &File) -> String {
    let sdk = testing::aws_at(&double.endpoint()).await;
    let queue = aws::queue_client(&sdk)
        .create_queue()
        .queue_name("conversations");
    let queue = queue.send().await.unwrap();
    let keys = serde_json::json!({ "standard-webhooks": [KEY] }).to_string();
    testing::create_secrets(&sdk, &[("keys", &keys)]).await;
    let mut functions = Vec::new();
    for _ in 0..ENVIRONMENTS {
        let mut command = Command::new(binary("data-action-webhook").unwrap());
        command.env_clear().envs([
            ("AWS_ENDPOINT_URL", double.endpoint().as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("CONVERSATIONS_QUEUE_URL", queue.queue_url().unwrap()),
            ("WEBHOOK_KEYS_SECRET_ID", "keys"),
        ]);
        functions.push(Function::spawn(command, log).await.unwrap());
    }
    let gateway = Gateway {
        functions,
        turn: AtomicUsize::new(0),
    };
    let routes = Router::new()
        .route(PATH, post(forward))
        .layer(DefaultBodyLimit::max(16 * 1_024 * 1_024))
        .with_state(Arc::new(gateway));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Without it, small answers wait for an acknowledgement; the figures would be the kernel's.
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}{PATH}")
}

#[tokio::test(flavor = "multi_thread")]
async fn past_conversations_reach_the_queue_under_the_keys_of_the_webhook() {
    let double = AwsDouble::start(Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = File::create(folder.path().join("log")).unwrap();
    let url = start(&double, &log).await;
    let count = testing::proof_size(400, 5_000);
    let lines: Vec<_> = (1..=count)
        .map(|number| testing::conversation(number, 400))
        .collect();
    let file = folder.path().join("past.ndjson");
    std::fs::write(&file, lines.join("\n") + "\n{\"event\": \"canary\"}\n").unwrap();
    double.fail_next("SendMessage", Fault::Status(503), 6);
    let mut import = Command::new(binary("local").unwrap());
    import.arg("import").arg(&file).args(["--url", &url]);
    import.args(["--key-env", "KEY"]).env("KEY", KEY);
    let output = import.output().await.unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(1), "one line is refused: {text}");
    assert!(text.contains("/conversationId is required") && !text.contains("canary"));
    eprintln!("{ENVIRONMENTS} environments\n{text}");
    let key = |body: &[u8]| {
        DataActionEvent::parse(body)
            .unwrap()
            .key
            .as_str()
            .to_owned()
    };
    let expected: BTreeSet<_> = lines.iter().map(|line| key(line.as_bytes())).collect();
    let queued = double.messages("conversations");
    let queued = queued
        .iter()
        .map(|message| ConversationMessage::from_text(&message.body).unwrap());
    let queued: BTreeSet<_> = queued
        .map(|message| {
            assert_eq!(message.event_key.as_str(), key(&message.body().unwrap()));
            message.event_key.as_str().to_owned()
        })
        .collect();
    assert!(queued == expected && queued.len() == count);
}
