//! The runtime API as the function sees it; behind it, the one of `cargo lambda watch`.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde_json::json;

const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
/// After so many refusals in a row, 100 ms apart, nobody serves the runtime API any more.
const REFUSALS: u32 = 30;

/// One function's runtime API.
pub struct Api {
    pub(super) upstream: String,
    pub(super) timeout: Duration,
    pub(super) client: reqwest::Client,
    flight: Mutex<Option<Flight>>,
    has_asked: AtomicBool,
    failed_starts: AtomicU32,
    refusals: AtomicU32,
}

/// An invocation that the function works on.
#[derive(Clone)]
struct Flight {
    id: String,
    until: Instant,
}

/// An invocation as it came.
pub(super) struct Invocation {
    pub(super) id: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Api {
    /// `upstream` is what cargo-lambda calls `AWS_LAMBDA_RUNTIME_API`; `timeout` is what the function may take.
    pub fn new(upstream: &str, timeout: Duration) -> Self {
        let upstream = upstream.trim_start_matches("http://").trim_end_matches('/');
        Self {
            upstream: format!("http://{upstream}/2018-06-01/runtime"),
            timeout,
            client: reqwest::Client::builder()
                .no_proxy()
                .build()
                .unwrap_or_default(),
            flight: Mutex::new(None),
            has_asked: AtomicBool::new(false),
            failed_starts: AtomicU32::new(0),
            refusals: AtomicU32::new(0),
        }
    }

    /// A new process begins.
    pub(super) fn begin(&self) {
        self.has_asked.store(false, Ordering::Relaxed);
    }

    /// The process asks for work, so it has started well.
    pub(super) fn asked(&self) {
        self.has_asked.store(true, Ordering::Relaxed);
        self.failed_starts.store(0, Ordering::Relaxed);
    }

    /// The process gets an invocation.
    pub(super) fn take_off(&self, id: String) {
        let until = Instant::now() + self.timeout;
        let mut flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        *flight = Some(Flight { id, until });
    }

    /// Ends when an invocation is over its deadline.
    pub(super) async fn overdue(&self) {
        while self
            .in_flight()
            .is_none_or(|flight| Instant::now() < flight.until)
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Ends when nobody serves the runtime API any more.
    pub(super) async fn abandoned(&self) {
        while self.refusals.load(Ordering::Relaxed) < REFUSALS {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The function has died: its caller is told. One that dies before it asks for work is given a second start, as in Lambda; when
    /// that fails too, the next caller is told.
    pub(super) async fn answer_for_the_dead(&self, status: &str) {
        let id = match self.land(None) {
            Some(id) => id,
            None if self.has_asked.load(Ordering::Relaxed) => return,
            None if self.failed_starts.fetch_add(1, Ordering::Relaxed) == 0 => return,
            None => match self.take().await {
                Some(invocation) => invocation.id,
                None => return,
            },
        };
        self.fail(
            &id,
            "Runtime.ExitError",
            &format!("Runtime exited with error: {status}"),
        )
        .await;
    }

    /// The function was ended because it took too long.
    pub(super) async fn answer_for_the_late(&self) {
        if let Some(id) = self.land(None) {
            let seconds = self.timeout.as_secs_f64();
            self.fail(
                &id,
                "Sandbox.Timedout",
                &format!("Task timed out after {seconds:.2} seconds"),
            )
            .await;
        }
    }

    async fn fail(&self, id: &str, kind: &str, message: &str) {
        let error =
            json!({"errorType": kind, "errorMessage": format!("RequestId: {id} Error: {message}")});
        complain!(
            "{}",
            json!({"timestamp": Timestamp::now(), "level": "ERROR", "message": message, "error.kind": kind})
        );
        let url = format!("{}/invocation/{id}/error", self.upstream);
        let _ = self
            .client
            .post(url)
            .header("lambda-runtime-function-error-type", kind)
            .body(error.to_string())
            .send()
            .await;
    }

    fn in_flight(&self) -> Option<Flight> {
        self.flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes the invocation out of flight, if it is this one; `None` means whichever.
    pub(super) fn land(&self, id: Option<&str>) -> Option<String> {
        let mut flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        let landed = flight.take_if(|flight| id.is_none_or(|id| flight.id == id))?;
        Some(landed.id)
    }

    /// Waits for the next invocation, for as long as it takes; `None` when nobody serves the runtime API any more.
    pub(super) async fn take(&self) -> Option<Invocation> {
        while self.refusals.load(Ordering::Relaxed) < REFUSALS {
            match self
                .client
                .get(format!("{}/invocation/next", self.upstream))
                .send()
                .await
            {
                Ok(answer) => {
                    self.refusals.store(0, Ordering::Relaxed);
                    if let Some(invocation) = read(answer).await {
                        return Some(invocation);
                    }
                }
                Err(_) => {
                    self.refusals.fetch_add(1, Ordering::Relaxed);
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        None
    }
}

/// `None` when the wait was ended without an invocation.
async fn read(answer: reqwest::Response) -> Option<Invocation> {
    let is_there = answer.status().is_success();
    let headers = answer.headers().clone();
    let id = headers
        .get(REQUEST_ID)
        .filter(|_| is_there)?
        .to_str()
        .ok()?
        .to_owned();
    let body = answer.bytes().await.ok()?;
    Some(Invocation { id, headers, body })
}
