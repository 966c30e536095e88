//! `/_control`: the test's hand on the simulator. Never recorded, never struck by a fault.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    assist, fault::FaultPlan, knowledge, ranking, settings::SettingsUpdate, stream, token::Refusal,
    transcripts, world::Shared,
};

/// What all control paths start with.
pub(crate) const PREFIX: &str = "/_control/";

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_control/health", get(health))
        .route("/_control/faults", put(set_faults).delete(clear_faults))
        .route(
            "/_control/requests",
            get(read_requests).delete(clear_requests),
        )
        .route("/_control/settings", put(update_settings))
        .route("/_control/tokens/revoke", post(revoke_tokens))
        .route("/_control/tokens/check", get(check_token))
        .route("/_control/reset", post(reset))
        .merge(knowledge::control_router())
        .merge(ranking::control_router())
        .merge(stream::control_router())
        .merge(assist::control_router())
        .merge(transcripts::control_router())
}

/// The answer to paths that no capability plays.
pub(crate) async fn no_such_route(uri: Uri) -> Response {
    let error = json!({"error": "not_found", "error_description": format!("the simulator does not play {}", uri.path())});
    (StatusCode::NOT_FOUND, Json(error)).into_response()
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

async fn set_faults(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Refused> {
    let plan: FaultPlan = read(&body)?;
    world
        .faults
        .set(plan)
        .map_err(|error| Refused(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(world): State<Shared>) -> StatusCode {
    world.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Selection {
    path: String,
    since: u64,
}

async fn read_requests(
    State(world): State<Shared>,
    Query(wanted): Query<Selection>,
) -> Json<Value> {
    // The id is read first: what comes in between is in the list, and read again from this id.
    let last_id = world.journal.last_id();
    let requests = world.journal.read(&wanted.path, wanted.since);
    Json(json!({"requests": requests, "last_id": last_id}))
}

async fn clear_requests(State(world): State<Shared>) -> StatusCode {
    world.journal.clear();
    StatusCode::NO_CONTENT
}

async fn update_settings(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Refused> {
    let update: SettingsUpdate = read(&body)?;
    world.update(update);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Revocation {
    client_id: Option<String>,
}

async fn revoke_tokens(State(world): State<Shared>, body: Bytes) -> Result<Json<Value>, Refused> {
    let wanted: Revocation = if body.is_empty() {
        Revocation::default()
    } else {
        read(&body)?
    };
    let revoked = world.tokens.revoke(wanted.client_id.as_deref());
    Ok(Json(json!({"revoked": revoked})))
}

#[derive(Deserialize)]
struct Check {
    scope: String,
}

/// Answers as any protected route would to this token and this scope.
async fn check_token(
    State(world): State<Shared>,
    headers: HeaderMap,
    Query(wanted): Query<Check>,
) -> Result<Json<Value>, Refusal> {
    let grant = world.authorise(&headers, &wanted.scope)?;
    Ok(Json(
        json!({"client_id": grant.client_id, "scopes": grant.scopes}),
    ))
}

async fn reset(State(world): State<Shared>) -> StatusCode {
    world.reset();
    StatusCode::NO_CONTENT
}

/// A control request that makes no sense: 400, and why.
pub(crate) struct Refused(String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}

/// Reads the body of a control request.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused(error.to_string()))
}
