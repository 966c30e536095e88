//! The Lambda runtime API, as one function environment sees it: `next`, `response`, `error`.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

use crate::AMPLE;

/// What the function gave back.
#[derive(Debug)]
pub struct Answer {
    /// The JSON that it posted.
    pub body: Bytes,
    /// Whether it posted to `response`, not to `error`.
    pub is_ok: bool,
    /// When the host had received it.
    pub at: Instant,
}

/// A runtime API for one function environment.
#[derive(Clone)]
pub struct RuntimeApi {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<Invocations>,
    arrived: Notify,
}

#[derive(Default)]
struct Invocations {
    waiting: VecDeque<Invocation>,
    running: HashMap<String, oneshot::Sender<Answer>>,
    first_asked_at: Option<Instant>,
}

struct Invocation {
    event: Bytes,
    timeout: Duration,
    /// Told when the function has the event.
    taken: oneshot::Sender<()>,
    answer: oneshot::Sender<Answer>,
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, Invocations> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RuntimeApi {
    /// Listens on a free port of this machine.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(respond),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
            .route(
                "/2018-06-01/runtime/init/error",
                post(async || StatusCode::ACCEPTED),
            )
            .layer(DefaultBodyLimit::max(16 * 1_024 * 1_024))
            .with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(tcp_nodelay(listener), routes).await });
        Ok(Self { address, shared })
    }

    /// For `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// When the function first asked for an event: it had started then.
    pub fn first_asked_at(&self) -> Option<Instant> {
        self.shared.state().first_asked_at
    }

    /// Hands an event to the function, as soon as it asks, and waits for what it gives back; `None` if it died over it, or never asked.
    /// Its time begins when it has the event, as in Lambda: the start of a process takes nothing of it.
    pub async fn invoke(&self, event: impl Into<Bytes>, time: Duration) -> Option<Answer> {
        let ((taken, begun), (answer, answered)) = (oneshot::channel(), oneshot::channel());
        let invocation = Invocation {
            event: event.into(),
            timeout: time,
            taken,
            answer,
        };
        self.shared.state().waiting.push_back(invocation);
        self.shared.arrived.notify_one();
        timeout(AMPLE, begun).await.ok()?.ok()?;
        timeout(time, answered).await.ok()?.ok()
    }
}

fn tcp_nodelay(
    listener: TcpListener,
) -> impl axum::serve::Listener<Io = tokio::net::TcpStream, Addr = SocketAddr> {
    use axum::serve::ListenerExt as _;
    listener.tap_io(|stream| {
        // Without it, small answers wait for an acknowledgement; the figures would be the kernel's.
        let _ = stream.set_nodelay(true);
    })
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared
        .state()
        .first_asked_at
        .get_or_insert_with(Instant::now);
    let invocation = loop {
        if let Some(invocation) = shared.state().waiting.pop_front() {
            break invocation;
        }
        shared.arrived.notified().await;
    };
    let id = Uuid::new_v4().to_string();
    shared.state().running.insert(id.clone(), invocation.answer);
    // Nobody waits any more if the invocation was given up.
    let _ = invocation.taken.send(());
    let deadline = SystemTime::now() + invocation.timeout;
    let deadline_ms = deadline
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_millis();
    let header = |name: &'static str| HeaderName::from_static(name);
    let headers = [
        (header("lambda-runtime-aws-request-id"), id),
        (
            header("lambda-runtime-deadline-ms"),
            deadline_ms.to_string(),
        ),
        (
            header("lambda-runtime-invoked-function-arn"),
            "arn:aws:lambda:us-east-1:123456789012:function:it".to_owned(),
        ),
        (
            header("lambda-runtime-trace-id"),
            "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned(),
        ),
        (header("content-type"), "application/json".to_owned()),
    ];
    (headers, invocation.event).into_response()
}

async fn respond(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> StatusCode {
    finish(&shared, &id, body, true)
}

async fn fail(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> StatusCode {
    finish(&shared, &id, body, false)
}

fn finish(shared: &Shared, id: &str, body: Bytes, is_ok: bool) -> StatusCode {
    let Some(answer) = shared.state().running.remove(id) else {
        return StatusCode::NOT_FOUND;
    };
    // Nobody waits any more if the invocation's time was over.
    let _ = answer.send(Answer {
        body,
        is_ok,
        at: Instant::now(),
    });
    StatusCode::ACCEPTED
}
