//! `/api/v2/conversations/channels/chat`: transcripts become conversations, once each, no faster than the tenant may.

mod control;
mod hand;
mod payload;
mod settings;
mod store;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;
use serde_json::json;

use crate::world::Shared;
pub(crate) use control::router as control_router;
pub use hand::{Conversation, Transcripts};
use payload::Payload;
pub use settings::{ChatPace, TranscriptSettings, TranscriptUpdate};
pub(crate) use store::Store;
use store::Taken;

/// The one path.
pub(crate) const PATH: &str = "/api/v2/conversations/channels/chat";
/// What a token needs to inject.
const WRITE: &str = "conversations:chat:write";
/// What a token needs to look up.
const READ: &str = "conversations:read";

pub(crate) fn router() -> Router<Shared> {
    Router::new().route(PATH, post(inject).get(look_up))
}

async fn inject(State(world): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let settings = world.settings().transcripts.clone();
    let late = settings.jitter.mul_f64(rand::random());
    tokio::time::sleep(settings.delay + late).await;
    if let Err(refusal) = world.authorise(&headers, WRITE) {
        return refusal.into_response();
    }
    if let Err(wait) = world.transcripts.keep_pace(settings.pace) {
        let seconds = wait.as_secs() + 1;
        let refusal = refuse(StatusCode::TOO_MANY_REQUESTS, "the tenant is too fast");
        return ([(RETRY_AFTER, seconds.to_string())], refusal).into_response();
    }
    let payload = match Payload::read(&body) {
        Ok(payload) => payload,
        Err(rule) => return refuse(StatusCode::BAD_REQUEST, rule),
    };
    let at = world.now();
    match world.transcripts.take(payload, at, settings.is_idempotent) {
        Taken::As(id) => {
            (StatusCode::CREATED, Json(json!({ "conversationId": id }))).into_response()
        }
        Taken::Mixed => {
            let rule = "a message of the interaction has this id and another conversation";
            refuse(StatusCode::BAD_REQUEST, rule)
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    interaction_id: String,
}

/// The conversations of an interaction, the oldest first, each with the ids of its messages.
async fn look_up(
    State(world): State<Shared>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Response {
    if let Err(refusal) = world.authorise(&headers, READ) {
        return refusal.into_response();
    }
    let found = world.transcripts.of(&wanted.interaction_id).into_iter();
    let found = found.map(|it| json!({ "conversationId": it.id, "messageIds": it.message_ids }));
    Json(json!({ "conversations": found.collect::<Vec<_>>() })).into_response()
}

fn refuse(status: StatusCode, description: &str) -> Response {
    let body = json!({ "error": "transcript_refused", "error_description": description });
    (status, Json(body)).into_response()
}
