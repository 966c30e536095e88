//! `/_control/ranking`: the test's hand on the sessions, over HTTP.

use std::time::Duration;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::hand::Ranking;
use crate::{
    control::{Refused, read},
    world::Shared,
};

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_control/ranking/{session}", get(tell))
        .route("/_control/ranking/{session}/lock", put(lock).delete(unlock))
}

async fn tell(State(world): State<Shared>, Path(session): Path<String>) -> Json<Value> {
    let hand = Ranking(&world);
    Json(json!({ "is_locked": hand.is_locked(&session), "orders": hand.orders(&session) }))
}

/// Without a span it lasts until it is taken away.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Span {
    ms: Option<u64>,
}

async fn lock(
    State(world): State<Shared>,
    Path(session): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    let span: Span = if body.is_empty() {
        Span::default()
    } else {
        read(&body)?
    };
    match span.ms {
        Some(ms) => Ranking(&world).lock_for(&session, Duration::from_millis(ms)),
        None => Ranking(&world).lock(&session),
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn unlock(State(world): State<Shared>, Path(session): Path<String>) -> StatusCode {
    Ranking(&world).unlock(&session);
    StatusCode::NO_CONTENT
}
