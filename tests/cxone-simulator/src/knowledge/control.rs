//! `/_control/knowledge`: the test's hand on the knowledge base, over HTTP.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    article::Article,
    edit::KnowledgeEdit,
    hand::Knowledge,
    store::{Drift, NoSuchArticle},
};
use crate::{
    control::{Refused, read},
    world::Shared,
};

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_control/knowledge/articles", get(list).delete(clear))
        .route("/_control/knowledge/corpus", post(seed))
        .route("/_control/knowledge/edits", post(edit))
        .route("/_control/knowledge/drift", put(set_drift))
}

#[derive(Serialize)]
struct Listing<'a> {
    articles: Vec<&'a Article>,
}

async fn list(State(world): State<Shared>) -> Response {
    let articles = Knowledge(&world).list();
    let articles = articles.iter().map(AsRef::as_ref).collect();
    Json(Listing { articles }).into_response()
}

async fn clear(State(world): State<Shared>) -> StatusCode {
    Knowledge(&world).clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    #[serde(default)]
    seed: u64,
    count: usize,
}

async fn seed(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Refused> {
    let Corpus { seed, count } = read(&body)?;
    Knowledge(&world).seed(seed, count);
    Ok(StatusCode::NO_CONTENT)
}

async fn edit(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Response> {
    let edits: Vec<KnowledgeEdit> = read(&body).map_err(Refused::into_response)?;
    Knowledge(&world)
        .apply(&edits)
        .map_err(NoSuchArticle::into_response)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_drift(State(world): State<Shared>, body: Bytes) -> Result<StatusCode, Refused> {
    let drift: Vec<Drift> = read(&body)?;
    Knowledge(&world).set_drift(drift);
    Ok(StatusCode::NO_CONTENT)
}

impl IntoResponse for NoSuchArticle {
    fn into_response(self) -> Response {
        let error = json!({"error": self.to_string()});
        (StatusCode::NOT_FOUND, Json(error)).into_response()
    }
}
