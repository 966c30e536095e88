//! The runtime API's routes, as the function calls them.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};

use super::api::Api;

const DEADLINE: &str = "lambda-runtime-deadline-ms";

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
    api.asked();
    let Some(invocation) = api.take().await else {
        return answer(StatusCode::GONE, Body::empty());
    };
    let timeout = SignedDuration::try_from(api.timeout).unwrap_or_default();
    let deadline = Timestamp::now() + timeout;
    api.take_off(invocation.id);
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
