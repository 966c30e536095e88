//! `/api/v2/agentassist/sessions/{id}`: the order of snippets that an agent sees, replaced at once, unless the session is locked.

mod control;
mod hand;
mod payload;
mod settings;
mod store;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;

use crate::world::Shared;
pub(crate) use control::router as control_router;
pub use hand::{Order, Ranking};
use payload::{Flaw, Payload};
pub use settings::{RankingSettings, RankingUpdate};
pub(crate) use store::Store;

/// What all its paths start with.
pub(crate) const PREFIX: &str = "/api/v2/agentassist/";
/// What a token needs to look at a session.
const SESSION: &str = "agentassist:session:write";
/// What a token needs to order snippets.
const SNIPPETS: &str = "agentassist:snippet:write";
/// Tells the engine who asks; without it nothing is ordered.
const VERSION: &str = "x-cxone-client-version";

pub(crate) fn router() -> Router<Shared> {
    let order = "/api/v2/agentassist/sessions/{id}/snippets/ranking";
    Router::new()
        .route("/api/v2/agentassist/sessions/{id}", get(look))
        .route(order, post(replace))
}

async fn look(State(world): State<Shared>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refusal) = world.authorise(&headers, SESSION) {
        return refusal.into_response();
    }
    let state = if world.ranking.is_locked(&id) {
        "locked"
    } else {
        "open"
    };
    Json(json!({ "session_id": id, "state": state })).into_response()
}

async fn replace(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let settings = world.settings().ranking.clone();
    tokio::time::sleep(settings.delay).await;
    if let Err(refusal) = world.authorise(&headers, SNIPPETS) {
        return refusal.into_response();
    }
    if !headers.contains_key(VERSION) {
        return refuse(StatusCode::BAD_REQUEST, "X-CXone-Client-Version is missing");
    }
    match Payload::read(&body, &id, settings.most_disparity) {
        Err(Flaw::Rule(rule)) => return refuse(StatusCode::BAD_REQUEST, rule),
        Err(Flaw::Disparity) => {
            let rule = "the scores lie too far apart for the engine";
            return refuse(StatusCode::INTERNAL_SERVER_ERROR, rule);
        }
        Ok(()) => {}
    }
    let at = world.now();
    match world.ranking.replace(&id, at, &body) {
        Some(number) => Json(json!({ "session_id": id, "order": number })).into_response(),
        None => refuse(StatusCode::CONFLICT, "the session is locked"),
    }
}

fn refuse(status: StatusCode, description: &str) -> Response {
    let body = json!({ "error": "ranking_refused", "error_description": description });
    (status, Json(body)).into_response()
}
