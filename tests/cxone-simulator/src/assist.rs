//! `/api/v2/interactions/{id}/assist`: cards on an agent's screen, as long as the interaction lasts.

mod control;
mod hand;
mod store;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;
use serde_json::json;

use crate::world::Shared;
pub(crate) use control::router as control_router;
pub use hand::{Assist, Card};
pub(crate) use store::Store;

/// What all its paths start with.
pub(crate) const PREFIX: &str = "/api/v2/interactions/";
/// What a token needs.
const SCOPE: &str = "assist:write";

/// What is posted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    r#type: String,
    content: Content,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    title: String,
    body: String,
    score: f64,
}

pub(crate) fn router() -> Router<Shared> {
    Router::new().route("/api/v2/interactions/{id}/assist", post(show))
}

async fn show(
    State(world): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refusal) = world.authorise(&headers, SCOPE) {
        return refusal.into_response();
    }
    let payload: Result<Payload, _> = serde_json::from_slice(&body);
    let payload = payload.ok().filter(|it| !it.messages.is_empty());
    let Some(payload) = payload else {
        return refuse(StatusCode::BAD_REQUEST, "the body cannot be read");
    };
    let is_card = |it: &Message| it.r#type == "card" && (0.0..=1.0).contains(&it.content.score);
    if !payload.messages.iter().all(is_card) {
        return refuse(StatusCode::BAD_REQUEST, "a message is no card");
    }
    let at = world.now();
    let card = |it: Message| Card {
        at,
        title: it.content.title,
        body: it.content.body,
        score: it.content.score,
    };
    let cards = payload.messages.into_iter().map(card).collect();
    match world.assist.show(&id, cards) {
        Some(count) => Json(json!({ "interaction_id": id, "cards": count })).into_response(),
        None => refuse(StatusCode::NOT_FOUND, "the interaction is over"),
    }
}

fn refuse(status: StatusCode, description: &str) -> Response {
    let body = json!({ "error": "card_refused", "error_description": description });
    (status, Json(body)).into_response()
}
