//! The sandbox between a stand-in for `cargo lambda watch` and small functions in Python.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use local::sandbox::{Api, run};
use serde_json::Value;

/// Answers `ok` with the milliseconds that it has left, dies of `crash`, sleeps over `slow`.
const FUNCTION: &str = r#"
import json, os, time, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    event = urllib.request.urlopen(base + "next")
    what = json.load(event)
    if what == "crash":
        os._exit(3)
    if what == "slow":
        time.sleep(60)
    left = int(event.headers["Lambda-Runtime-Deadline-Ms"]) - time.time() * 1000
    answer = urllib.request.Request(base + event.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", json.dumps(left).encode())
    urllib.request.urlopen(answer)
"#;

#[derive(Clone, Default)]
struct Upstream {
    waiting: Arc<Mutex<VecDeque<&'static str>>>,
    outcomes: Arc<Mutex<Vec<(String, Value)>>>,
}

async fn next(State(upstream): State<Upstream>) -> impl IntoResponse {
    let first = upstream.waiting.lock().unwrap().pop_front();
    match first {
        Some(event) => {
            let headers = [
                ("lambda-runtime-aws-request-id", event),
                ("lambda-runtime-deadline-ms", "600000"),
            ];
            (StatusCode::OK, headers, format!("\"{event}\"")).into_response()
        }
        None => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

async fn finish(
    State(upstream): State<Upstream>,
    Path((id, how)): Path<(String, String)>,
    _: HeaderMap,
    body: String,
) -> Json<Value> {
    upstream
        .outcomes
        .lock()
        .unwrap()
        .push((format!("{id} {how}"), serde_json::from_str(&body).unwrap()));
    Json(Value::Null)
}

/// Plays the events, and gives what came back for each.
async fn play(function: &[&str], events: &[&'static str]) -> Vec<(String, Value)> {
    let upstream = Upstream::default();
    upstream.waiting.lock().unwrap().extend(events);
    let routes = Router::new()
        .route("/.rt/worker/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/.rt/worker/2018-06-01/runtime/invocation/{id}/{how}",
            post(finish),
        )
        .with_state(upstream.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/.rt/worker", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let command: Vec<_> = function.iter().map(ToString::to_string).collect();
    let sandbox =
        tokio::spawn(async move { run(&command, Api::new(&base, Duration::from_secs(5))).await });
    for _ in 0..900 {
        if upstream.outcomes.lock().unwrap().len() == events.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    sandbox.abort();
    let outcomes = upstream.outcomes.lock().unwrap();
    outcomes.clone()
}

#[tokio::test]
async fn a_crash_and_a_timeout_are_answered_for_and_the_function_comes_back() {
    let events = ["ok-1", "crash", "ok-2", "slow", "ok-3"];
    let outcomes = play(&["python3", "-c", FUNCTION], &events).await;
    let names: Vec<_> = outcomes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "ok-1 response",
            "crash error",
            "ok-2 response",
            "slow error",
            "ok-3 response"
        ]
    );
    let left = outcomes[0].1.as_f64().unwrap();
    assert!((0.0..=5_000.0).contains(&left), "{left} ms left of 5 s");
    assert_eq!(outcomes[1].1["errorType"], "Runtime.ExitError");
    assert_eq!(outcomes[3].1["errorType"], "Sandbox.Timedout");
}

#[tokio::test]
async fn a_function_that_cannot_start_fails_each_call_instead_of_letting_it_hang() {
    let outcomes = play(&["sh", "-c", "exit 3"], &["one", "two"]).await;
    let names: Vec<_> = outcomes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["one error", "two error"]);
    assert!(
        outcomes[0].1["errorMessage"]
            .as_str()
            .unwrap()
            .contains("exit status: 3")
    );
}
