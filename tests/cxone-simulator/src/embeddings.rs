//! `POST /v1/embeddings`: an OpenAI-compatible embedding provider.

mod answer;
mod error;
mod question;
mod vector;

use axum::{Extension, Json, Router, body::Bytes, extract::State, http::HeaderMap, routing::post};

use crate::{fault::Fault, token::bearer, world::Shared};
use answer::Answer;
use error::ProviderError;
use question::Question;

pub(crate) fn router() -> Router<Shared> {
    Router::new().route("/v1/embeddings", post(embed))
}

async fn embed(
    State(world): State<Shared>,
    fault: Option<Extension<Fault>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Answer>, ProviderError> {
    let (latency, refused_text, key_is_known) = {
        let settings = world.settings();
        let key = bearer(&headers).unwrap_or_default();
        let key_is_known = settings.embedding_keys.iter().any(|known| known == key);
        (
            settings.embedding_latency,
            settings.refused_text.clone(),
            key_is_known,
        )
    };
    tokio::time::sleep(latency).await;
    if !key_is_known {
        return Err(ProviderError::bad_key());
    }
    let question = Question::parse(&body)?;
    if refused_text.is_some_and(|text| question.inputs.iter().any(|input| input.contains(&text))) {
        return Err(ProviderError::invalid("Invalid input.", Some("input")));
    }
    let fault = fault.map(|Extension(fault)| fault);
    Ok(Json(answer::answer(&question, fault.as_ref())))
}
