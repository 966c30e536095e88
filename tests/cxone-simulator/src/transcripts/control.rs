//! `/_control/transcripts`: the conversations, over HTTP.

use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Value, json};

use super::hand::Transcripts;
use crate::world::Shared;

pub(crate) fn router() -> Router<Shared> {
    Router::new().route("/_control/transcripts", get(tell))
}

async fn tell(State(world): State<Shared>) -> Json<Value> {
    let hand = Transcripts(&world);
    let (repeats, hurries) = (hand.repeats(), hand.hurries());
    Json(json!({ "conversations": hand.conversations(), "repeats": repeats, "hurries": hurries }))
}
