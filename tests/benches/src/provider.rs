//! An embedding provider that costs next to nothing: its vectors are there, written out, before anybody asks.
//!
//! The simulator's vectors follow from the words and cost more than everything that is measured here; these only follow from
//! the text's hash. It runs on threads of its own, so that its share of the processor can be told.

mod pace;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::serve::ListenerExt as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::bench::Outcome;
use pace::Gate;
pub(crate) use pace::{Pace, Tally};

/// The dimensions of its vectors.
pub(crate) const DIMENSIONS: usize = 1_536;
/// The model that it plays.
pub(crate) const MODEL: &str = "text-embedding-3-small";
/// Distinct vectors that it has.
const VECTORS: u64 = 4_096;
/// As the kernel shows the names of its threads.
const THREADS: &str = "provider";

/// A running provider; it ends with its runtime.
pub(crate) struct Provider {
    pub(crate) url: String,
    played: Arc<Played>,
    runtime: Option<Runtime>,
}

/// What it does, and what it did.
struct Played {
    vectors: Vec<Written>,
    /// How long every request takes.
    latency: Duration,
    gate: Gate,
}

/// A vector as it stands in answers.
struct Written {
    floats: String,
    base64: String,
}

impl Provider {
    /// Writes its vectors and listens. Without a pace it takes whatever comes.
    pub(crate) fn start(latency: Duration, pace: Option<Pace>) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let played = Arc::new(Played {
            vectors: (0..VECTORS).map(write).collect(),
            latency,
            gate: Gate::new(pace),
        });
        let routes = axum::Router::new()
            .route("/v1/embeddings", post(embed))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&played));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(THREADS)
            .enable_all()
            .build()?;
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let listener = listener.tap_io(|stream| {
                // Without it, small answers wait for an acknowledgement.
                let _ = stream.set_nodelay(true);
            });
            axum::serve(listener, routes).await
        });
        Ok(Self {
            url,
            played,
            runtime: Some(runtime),
        })
    }

    /// What it was asked until now.
    pub(crate) fn tally(&self) -> Tally {
        self.played.gate.tally()
    }

    /// What its threads have used of the processor until now.
    pub(crate) fn processor_time() -> Outcome<Duration> {
        let mut nanoseconds = 0_u64;
        for task in std::fs::read_dir("/proc/self/task")? {
            let task = task?.path();
            let is_ours = std::fs::read_to_string(task.join("comm"))?.trim() == THREADS;
            if is_ours {
                let times = std::fs::read_to_string(task.join("schedstat"))?;
                nanoseconds += times.split(' ').next().unwrap_or_default().parse::<u64>()?;
            }
        }
        Ok(Duration::from_nanos(nanoseconds))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn embed(State(played): State<Arc<Played>>, body: Bytes) -> Response {
    let due = Instant::now() + played.latency;
    if let Err(wait) = played.gate.admit(Instant::now()) {
        return refuse(wait);
    }
    let Some(answer) = answer(&played.vectors, &body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    tokio::time::sleep_until(due).await;
    ([(header::CONTENT_TYPE, "application/json")], answer).into_response()
}

/// As the public service says it: in whole seconds.
fn refuse(wait: Duration) -> Response {
    let seconds = wait.as_secs_f64().ceil().max(1.0).to_string();
    let body = r#"{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::RETRY_AFTER, seconds),
    ];
    (StatusCode::TOO_MANY_REQUESTS, headers, body).into_response()
}

fn answer(vectors: &[Written], body: &[u8]) -> Option<String> {
    let question: Value = serde_json::from_slice(body).ok()?;
    let is_base64 = question["encoding_format"] == "base64";
    let texts = question["input"].as_array()?;
    let mut answer =
        String::with_capacity(texts.len() * (if is_base64 { 8_300 } else { 20_000 }) + 200);
    answer.push_str(r#"{"object":"list","data":["#);
    for (index, text) in texts.iter().enumerate() {
        let vector = vectors.get(place(text.as_str()?, vectors.len()))?;
        let separator = if index == 0 { "" } else { "," };
        let number = index.to_string();
        answer.extend([
            separator,
            r#"{"object":"embedding","index":"#,
            &number,
            r#","embedding":"#,
        ]);
        answer.push_str(if is_base64 {
            &vector.base64
        } else {
            &vector.floats
        });
        answer.push('}');
    }
    answer.push_str(
        r#"],"model":"text-embedding-3-small","usage":{"prompt_tokens":1,"total_tokens":1}}"#,
    );
    Some(answer)
}

fn place(text: &str, vectors: usize) -> usize {
    let mut hash = DefaultHasher::new();
    text.hash(&mut hash);
    // The remainder is below the length of a slice.
    usize::try_from(hash.finish() % vectors.max(1) as u64).unwrap_or_default()
}

fn write(seed: u64) -> Written {
    let numbers = vector(seed);
    let bytes: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    let numbers: Vec<String> = numbers.iter().map(f32::to_string).collect();
    Written {
        floats: format!("[{}]", numbers.join(",")),
        base64: format!("\"{}\"", STANDARD.encode(bytes)),
    }
}

/// A vector of length one, in a direction that the seed picks.
pub(crate) fn vector(seed: u64) -> Vec<f32> {
    let mut draw = fastrand::Rng::with_seed(seed);
    let numbers: Vec<f32> = (0..DIMENSIONS).map(|_| draw.f32() - 0.5).collect();
    let length = numbers
        .iter()
        .map(|number| number * number)
        .sum::<f32>()
        .sqrt();
    numbers.iter().map(|number| number / length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_hold_the_same_numbers_in_order() {
        let vectors: Vec<Written> = (0..4).map(write).collect();
        let ask = |form: &str| {
            let body = format!(r#"{{"input":["one","two"],"encoding_format":"{form}"}}"#);
            serde_json::from_str::<Value>(&answer(&vectors, body.as_bytes()).unwrap()).unwrap()
        };
        let (floats, base64) = (ask("float"), ask("base64"));
        for (index, text) in ["one", "two"].into_iter().enumerate() {
            let wanted = vector(place(text, 4) as u64);
            let bytes = STANDARD
                .decode(base64["data"][index]["embedding"].as_str().unwrap())
                .unwrap();
            let decoded: Vec<f32> = bytes
                .chunks(4)
                .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
                .collect();
            assert_eq!(decoded, wanted);
            let listed: Vec<f32> =
                serde_json::from_value(floats["data"][index]["embedding"].clone()).unwrap();
            assert_eq!(listed, wanted);
        }
    }
}
