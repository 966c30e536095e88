//! `cargo local inject` against an intake that misbehaves: every line arrives, in order, under the name that a repeat has too.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Router, routing::post};
use serde_json::json;
use shared::domain::CorrelationId;
use shared::http::problem;
use shared::injection::{Intake, content_key};
use tokio::process::Command;

const KEY: &str = "crm.BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

/// The interactions whose transcripts were taken, each time they came.
type Taken = Arc<Mutex<Vec<String>>>;

async fn take(State(taken): State<Taken>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    if header("x-api-key") != KEY {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    assert_eq!(header("idempotency-key"), content_key(&body));
    match Intake::parse(&body) {
        Ok(intake) => {
            let mut taken = taken.lock().unwrap();
            taken.push(intake.interaction_id.to_string());
            // Every fourth answer is lost.
            let status = if taken.len() % 4 == 3 { 503 } else { 202 };
            let status = StatusCode::from_u16(status).unwrap();
            (status, json!({ "id": "t-1" }).to_string()).into_response()
        }
        Err(error) => {
            let answer = problem(&error, &CorrelationId::generate());
            (StatusCode::BAD_REQUEST, answer.body).into_response()
        }
    }
}

async fn inject(file: &Path, url: &str, key: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.arg("inject").arg(file).args(["--url", url]);
    command.args(["--key-env", "API_KEY"]).env("API_KEY", key);
    let output = command.output().await.unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn transcript(number: usize) -> String {
    let [agent, customer] = ["agent", "customer"].map(|side| json!({ "id": "one", "type": side }));
    let message = json!({ "from": agent, "to": customer, "text": "canary", "timestamp": "2024-06-15T09:00:00Z" });
    let body = json!({ "interaction_id": format!("i-{number}"), "agent_id": "one", "customer_id": "one", "messages": [message] });
    body.to_string()
}

#[tokio::test]
async fn every_line_arrives_in_order_and_what_is_refused_is_said() {
    let taken = Taken::default();
    let routes = Router::new().route("/transcripts", post(take));
    let routes = routes.with_state(Arc::clone(&taken));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/transcripts", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("past.ndjson");
    let mut lines: Vec<_> = (0..12).map(transcript).collect();
    lines.insert(5, transcript(99).replace("Z\"", "\""));
    std::fs::write(&file, lines.join("\n")).unwrap();

    let (code, text) = inject(&file, &url, "another.key").await;
    assert_eq!(code, Some(1));
    assert!(text.contains("the intake answered 401"), "{text}");
    let (code, text) = inject(&file, &url, KEY).await;
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("line 6: 400 /messages/0/timestamp"), "{text}");
    assert!(!text.contains("canary"), "{text}");
    let came = taken.lock().unwrap().clone();
    let mut once = came.clone();
    once.dedup();
    let expected: Vec<_> = (0..12).map(|number| format!("i-{number}")).collect();
    assert_eq!(once, expected);
    assert!(
        came.len() > once.len(),
        "answers were lost, so lines came twice"
    );
    let (code, text) = inject(&file, &url, KEY).await;
    assert_eq!(code, Some(1), "one line was refused: {text}");
    assert!(text.contains("Nothing was sent"), "{text}");
    assert!(text.contains("line 6: 400 /messages/0/timestamp"), "{text}");
    assert_eq!(
        taken.lock().unwrap().len(),
        came.len(),
        "nothing is left to be sent"
    );
}
