//! A webhook that keeps what it accepts in memory, and misbehaves in turns.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use jiff::Timestamp;
use serde_json::json;
use shared::auth::{Keyring, Unverified};
use shared::domain::{CorrelationId, DataActionEvent};
use shared::error::Error;
use shared::http::{Headers, problem};
use shared::testing;

pub(crate) const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What is answered to the request with this number, instead of the truth.
pub(crate) type Mood = fn(usize) -> Option<(u16, &'static str)>;

#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) address: SocketAddr,
    seen: Arc<Seen>,
}

struct Seen {
    keyring: Keyring,
    mood: Mood,
    requests: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    accepted: Mutex<HashMap<String, usize>>,
}

impl Webhook {
    pub(crate) async fn start(mood: Mood) -> Self {
        let keys = json!({"standard-webhooks": [KEY]}).to_string();
        let seen = Arc::new(Seen {
            keyring: testing::keyring(r#"["standard-webhooks"]"#, &keys).unwrap(),
            mood,
            requests: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            accepted: Mutex::default(),
        });
        let routes = Router::new()
            .route("/webhooks/data-action", post(receive))
            .layer(DefaultBodyLimit::max(16 * 1_024 * 1_024))
            .with_state(Arc::clone(&seen));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, seen }
    }

    /// How often each event was accepted, by its conversation.
    pub(crate) fn accepted(&self) -> HashMap<String, usize> {
        self.seen.accepted.lock().unwrap().clone()
    }

    pub(crate) fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.seen.most_at_once.load(Ordering::SeqCst)
    }
}

async fn receive(State(seen): State<Arc<Seen>>, headers: HeaderMap, body: Bytes) -> Response {
    let number = seen.requests.fetch_add(1, Ordering::SeqCst);
    let at_once = seen.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    seen.most_at_once.fetch_max(at_once, Ordering::SeqCst);
    // Later requests overtake earlier ones.
    tokio::time::sleep(Duration::from_millis(number as u64 * 7 % 11)).await;
    let answer = if let Some((status, retry_after)) = (seen.mood)(number) {
        let status = StatusCode::from_u16(status).unwrap();
        (status, [("retry-after", retry_after)]).into_response()
    } else {
        judge(&seen, &headers, &body)
    };
    seen.at_once.fetch_sub(1, Ordering::SeqCst);
    answer
}

fn judge(seen: &Seen, headers: &HeaderMap, body: &Bytes) -> Response {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let request = Unverified::new(Headers::from_pairs(pairs), body.to_vec());
    let verified = request
        .verify(&seen.keyring, Timestamp::now())
        .map_err(Error::Unauthorized);
    match verified.and_then(|verified| DataActionEvent::parse(verified.body())) {
        Ok(event) => {
            let id = event.conversation_id.to_string();
            *seen.accepted.lock().unwrap().entry(id).or_default() += 1;
            let receipt = json!({"receipt_id": "r", "event_key": event.key});
            (StatusCode::ACCEPTED, receipt.to_string()).into_response()
        }
        Err(error) => {
            let answer = problem(&error, &CorrelationId::generate());
            let status = StatusCode::from_u16(answer.status_code).unwrap();
            (status, answer.body).into_response()
        }
    }
}
