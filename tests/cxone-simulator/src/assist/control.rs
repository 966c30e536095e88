//! `/_control/assist`: the screens of agents, over HTTP.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use serde_json::{Value, json};

use super::hand::Assist;
use crate::world::Shared;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_control/assist/{interaction}", get(tell))
        .route("/_control/assist/{interaction}/end", post(end))
}

async fn tell(State(world): State<Shared>, Path(interaction): Path<String>) -> Json<Value> {
    Json(json!({ "cards": Assist(&world).cards(&interaction) }))
}

async fn end(State(world): State<Shared>, Path(interaction): Path<String>) -> StatusCode {
    Assist(&world).end(&interaction);
    StatusCode::NO_CONTENT
}
