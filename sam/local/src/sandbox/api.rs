//! The runtime API as the function sees it; behind it, the one of `cargo lambda watch`.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

const REQUEST_ID: &str = "lambda-runtime-aws-request-id";
const DEADLINE: &str = "lambda-runtime-deadline-ms";
/// After so many refusals in a row, 100 ms apart, nobody serves the runtime API any more.
const REFUSALS: u32 = 30;

/// One function's runtime API.
pub struct Api {
    upstream: String,
    timeout: Duration,
    client: reqwest::Client,
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
struct Invocation {
    id: String,
    headers: HeaderMap,
    body: Bytes,
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
        eprintln!(
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
    fn land(&self, id: Option<&str>) -> Option<String> {
        let mut flight = self.flight.lock().unwrap_or_else(PoisonError::into_inner);
        let landed = flight.take_if(|flight| id.is_none_or(|id| flight.id == id))?;
        Some(landed.id)
    }

    /// Waits for the next invocation, for as long as it takes; `None` when nobody serves the runtime API any more.
    async fn take(&self) -> Option<Invocation> {
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

/// Serves the API; gives the address for the function.
pub(super) async fn serve(api: Arc<Api>) -> std::io::Result<String> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?.to_string();
    let routes = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route(
            "/2018-06-01/runtime/invocation/{id}/{outcome}",
            post(finish),
        )
        .layer(DefaultBodyLimit::disable())
        .with_state(api);
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(address)
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    api.has_asked.store(true, Ordering::Relaxed);
    api.failed_starts.store(0, Ordering::Relaxed);
    let Some(invocation) = api.take().await else {
        return answer(StatusCode::GONE, Body::empty());
    };
    let until = Instant::now() + api.timeout;
    let deadline = Timestamp::now() + SignedDuration::try_from(api.timeout).unwrap_or_default();
    let flight = Flight {
        id: invocation.id,
        until,
    };
    *api.flight.lock().unwrap_or_else(PoisonError::into_inner) = Some(flight);
    let mut response = answer(StatusCode::OK, Body::from(invocation.body));
    let ours = invocation
        .headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("lambda-runtime-"));
    response
        .headers_mut()
        .extend(ours.map(|(name, value)| (name.clone(), value.clone())));
    response
        .headers_mut()
        .insert("content-type", HeaderValue::from_static("application/json"));
    response
        .headers_mut()
        .insert(DEADLINE, HeaderValue::from(deadline.as_millisecond()));
    response
}

/// Passes an answer or an error on. The function has done its part, whatever becomes of it: its caller may have left.
async fn finish(
    State(api): State<Arc<Api>>,
    Path((id, outcome)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let url = format!("{}/invocation/{id}/{outcome}", api.upstream);
    let passed_on = headers.iter().filter(|(name, _)| {
        name.as_str() == "content-type" || name.as_str().starts_with("lambda-runtime-")
    });
    let passed_on = passed_on
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let _ = api
        .client
        .post(url)
        .headers(passed_on)
        .body(body)
        .send()
        .await;
    api.land(Some(&id));
    answer(StatusCode::ACCEPTED, Body::empty())
}

fn answer(status: StatusCode, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
