//! `/_control/stream`: the test's hand on the stream, over HTTP.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    routing::{get, post, put},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::hand::Stream;
use crate::{
    control::{Refused, read},
    world::Shared,
};

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_control/stream", get(look))
        .route("/_control/stream/say", post(say))
        .route("/_control/stream/correct", post(correct))
        .route("/_control/stream/end", post(end))
        .route("/_control/stream/trouble", put(set_trouble))
}

async fn look(State(world): State<Shared>) -> Json<Value> {
    Json(json!({"connections": Stream(&world).connections()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Saying {
    interaction: String,
    #[serde(default)]
    channel: u8,
    text: String,
    #[serde(default)]
    word_by_word: bool,
    speaker: Option<String>,
}

async fn say(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Refused> {
    let said: Saying = read(&body)?;
    let stream = Stream(&world);
    if let Some(speaker) = &said.speaker {
        stream.name(&said.interaction, said.channel.into(), speaker);
    }
    if said.word_by_word {
        stream.speak(&said.interaction, said.channel.into(), &said.text);
    } else {
        stream.say(&said.interaction, said.channel.into(), &said.text);
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    interaction: String,
    #[serde(default)]
    channel: u8,
    from: String,
    to: String,
}

async fn correct(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Refused> {
    let it: Correction = read(&body)?;
    Stream(&world).correct(&it.interaction, it.channel.into(), &it.from, &it.to);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    interaction: String,
}

async fn end(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Refused> {
    let it: Ending = read(&body)?;
    Stream(&world).end(&it.interaction);
    Ok(StatusCode::NO_CONTENT)
}

async fn set_trouble(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Refused> {
    Stream(&world).set_trouble(read(&body)?);
    Ok(StatusCode::NO_CONTENT)
}
