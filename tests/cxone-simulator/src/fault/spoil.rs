//! From the real answer, if the work was done, to the answer that goes out.

use std::time::Duration;

use axum::{
    Json,
    body::{Body, HttpBody as _},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Fault, bomb};
use crate::{capability, wire::Order};

/// The answer to a struck request, and what happens to its bytes. `real` is the capability's own answer; a request whose work
/// was not done gets 503 where the fault has nothing of its own to say.
pub(crate) fn spoil(fault: &Fault, path: &str, real: Option<Response>) -> (Response, Order) {
    match fault {
        Fault::Status {
            status,
            retry_after,
            code,
            body,
        } => {
            let body = error_body(*status, path, code.as_deref(), body.as_ref());
            (
                with_retry_after(with_status(body, *status), retry_after.as_deref()),
                Order::Pass,
            )
        }
        Fault::GzipBomb { bytes } => (gzip(bomb::of_spaces(*bytes)), Order::Pass),
        Fault::Huge { bytes } => (huge(*bytes), Order::Pass),
        Fault::NotJson => (
            Html("<!doctype html><title>Maintenance</title>").into_response(),
            Order::Pass,
        ),
        Fault::Cut => cut(or_unavailable(real)),
        Fault::ExecutedThenLost | Fault::Lost => (or_unavailable(real), Order::Lose),
        Fault::Drip { every_ms } => (
            or_unavailable(real),
            Order::Drip(Duration::from_millis(*every_ms)),
        ),
        Fault::Slow { .. }
        | Fault::WrongDimension { .. }
        | Fault::NanVector
        | Fault::ZeroVector
        | Fault::MissingVector
        | Fault::ReorderedVectors
        | Fault::RefusedItem { .. }
        | Fault::RepeatedArticle => (or_unavailable(real), Order::Pass),
    }
}

fn or_unavailable(real: Option<Response>) -> Response {
    real.unwrap_or_else(|| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

/// An empty body has no middle, so then nothing goes out.
fn cut(real: Response) -> (Response, Order) {
    let half = real.body().size_hint().lower() / 2;
    match usize::try_from(half) {
        Ok(0) | Err(_) => (real, Order::Lose),
        Ok(half) => (real, Order::Cut(half)),
    }
}

fn error_body(status: u16, path: &str, code: Option<&str>, body: Option<&Value>) -> Response {
    let code = code.unwrap_or(usual_code(status));
    match body {
        Some(Value::String(text)) if text.starts_with('<') => Html(text.clone()).into_response(),
        Some(Value::String(text)) => text.clone().into_response(),
        Some(json) => Json(json.clone()).into_response(),
        None if capability::of_path(path) == Some(capability::EMBEDDINGS) => {
            let kind = if status == 429 {
                code
            } else {
                usual_code(status)
            };
            Json(json!({"error": {"message": "A simulated fault.", "type": kind, "param": null, "code": code}})).into_response()
        }
        None => {
            Json(json!({"error": code, "error_description": "A simulated fault."})).into_response()
        }
    }
}

fn usual_code(status: u16) -> &'static str {
    match status {
        401 => "invalid_token",
        403 => "insufficient_scope",
        409 => "conflict",
        429 => "rate_limit_exceeded",
        500.. => "server_error",
        _ => "invalid_request",
    }
}

fn with_status(mut answer: Response, status: u16) -> Response {
    // A plan with another status was refused.
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
}

fn with_retry_after(mut answer: Response, retry_after: Option<&str>) -> Response {
    if let Some(value) = retry_after.and_then(|it| HeaderValue::from_str(it).ok()) {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    answer
}

fn gzip(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_ENCODING, "gzip"),
    ];
    (headers, Body::from(bytes)).into_response()
}

fn huge(bytes: usize) -> Response {
    let mut body = vec![b' '; bytes.saturating_sub(2)];
    body.extend(b"{}");
    (
        [(header::CONTENT_TYPE, "application/json")],
        Body::from(body),
    )
        .into_response()
}
