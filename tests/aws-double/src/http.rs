//! The door: reads the operation from the header, meets it with a fault or does its work, and answers.

use std::net::TcpListener;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::Fault;
use crate::error::{ApiError, Reply};
use crate::listener::{Connection, Listener};
use crate::state::World;
use crate::{secrets, sqs};

/// A body of 1 MiB grows in JSON, six-fold if every character is escaped.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

#[derive(Clone)]
struct Door {
    world: Arc<World>,
    scheme: &'static str,
}

/// What an operation knows about its caller.
pub(crate) struct Caller {
    /// The scheme and host by which the caller reached the double; queue URLs begin with it.
    pub(crate) base_url: String,
    /// The region that the caller signed for.
    pub(crate) region: String,
}

/// Serves until `stopped` resolves. What is still open then goes down with the runtime.
pub(crate) async fn serve(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    world: Arc<World>,
    stopped: oneshot::Receiver<()>,
) {
    let scheme = if acceptor.is_some() { "https" } else { "http" };
    let router = Router::new()
        .fallback(handle)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Door { world, scheme });
    let listener = tokio::net::TcpListener::from_std(listener)
        .and_then(|listener| Listener::new(listener, acceptor));
    if let Ok(listener) = listener {
        let service = router.into_make_service_with_connect_info::<Connection>();
        tokio::select! {
            _ = axum::serve(listener, service) => {}
            _ = stopped => {}
        }
    }
}

async fn handle(
    State(door): State<Door>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers.get("x-amz-target").map(HeaderValue::as_bytes);
    let target = target.and_then(|target| std::str::from_utf8(target).ok());
    let Some((service, operation)) = target.and_then(|target| target.split_once('.')) else {
        let message = "The request has no X-Amz-Target.";
        return ApiError::secrets("UnknownOperationException", message).into_response();
    };
    // Whoever does not say which try it is, as a test may, makes its first.
    let tried = headers
        .get("amz-sdk-request")
        .and_then(|value| value.to_str().ok());
    let is_first =
        tried.is_none_or(|tried| tried.split(';').any(|part| part.trim() == "attempt=1"));
    let fault = door.world.lock().begin_call(operation, is_first);
    match &fault {
        Some(Fault::Status(status)) => return empty(*status),
        Some(Fault::ThrottlingException) => {
            return ApiError::secrets("ThrottlingException", "Rate exceeded").into_response();
        }
        Some(Fault::Refusal(shape)) => {
            return ApiError::secrets(shape, "refused").into_response();
        }
        Some(Fault::Slow(duration)) => tokio::time::sleep(*duration).await,
        Some(Fault::ExecuteThenLose | Fault::EntryFails(_)) | None => {}
    }
    let caller = Caller::read(&headers, door.scheme);
    let (content_type, reply) = if service == "AmazonSQS" {
        let reply = sqs::answer(&door.world, operation, &body, &caller, fault.as_ref()).await;
        ("application/x-amz-json-1.0", reply)
    } else {
        let secrets = &mut door.world.lock().secrets;
        let reply = secrets::answer(secrets, operation, &body, &caller);
        ("application/x-amz-json-1.1", reply)
    };
    if fault == Some(Fault::ExecuteThenLose) {
        connection.sever();
    }
    respond(content_type, reply)
}

fn respond(content_type: &'static str, reply: Reply) -> Response {
    let mut response = reply.into_response();
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn empty(status: u16) -> Response {
    StatusCode::from_u16(status)
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        .into_response()
}

impl Caller {
    fn read(headers: &HeaderMap, scheme: &str) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(HOST).unwrap_or("localhost");
        // `AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, ...`
        let region = text(AUTHORIZATION).and_then(|value| value.split('/').nth(2));
        Self {
            base_url: format!("{scheme}://{host}"),
            region: region.unwrap_or("us-east-1").to_owned(),
        }
    }
}

/// Reads a request. A field that is missing or of a wrong type is the client's fault.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::secrets("SerializationException", error.to_string()))
}

/// Writes an answer.
pub(crate) fn json<T: Serialize>(answer: &T) -> Reply {
    serde_json::to_vec(answer)
        .map_err(|error| ApiError::secrets("InternalFailure", error.to_string()))
}

/// The answer of an operation that has nothing to say.
pub(crate) fn done(result: Result<(), ApiError>) -> Reply {
    result.map(|()| b"{}".to_vec())
}

/// Reads a request, and writes the answer that `work` makes of it.
pub(crate) fn exchange<I: DeserializeOwned, O: Serialize>(
    body: &[u8],
    work: impl FnOnce(I) -> Result<O, ApiError>,
) -> Reply {
    json(&work(parse(body)?)?)
}
