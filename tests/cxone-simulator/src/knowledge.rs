//! `GET /api/v2/knowledge/articles`: the knowledge base, page by page, or only what changed since a date.

mod article;
mod articles;
mod conditional;
mod control;
mod edit;
mod hand;
mod paged;
mod refusal;
mod settings;
mod store;

use axum::{
    Extension, Router,
    extract::{Query, State},
    http::{HeaderMap, Uri, header::IF_MODIFIED_SINCE},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{control::no_such_route, fault::Fault, world::Shared};
pub use article::{Article, Locale, Status};
use conditional::Changes;
pub(crate) use control::router as control_router;
pub use edit::{KnowledgeEdit, Revision};
pub use hand::Knowledge;
use paged::Page;
use refusal::NoPage;
use settings::ARTICLES;
pub use settings::{KnowledgeSettings, KnowledgeUpdate};
pub(crate) use store::Store;
pub use store::{Drift, NoSuchArticle};

/// What a token needs.
const SCOPE: &str = "knowledge:read";

/// The forms that a list of articles has.
enum Form {
    Paged,
    Conditional,
}

pub(crate) fn router() -> Router<Shared> {
    // Which path is which form is a setting, so the handler looks for itself.
    Router::new().route("/api/v2/knowledge/{*path}", get(list))
}

async fn list(
    State(world): State<Shared>,
    fault: Option<Extension<Fault>>,
    uri: Uri,
    headers: HeaderMap,
    Query(query): Query<paged::Query>,
) -> Response {
    let settings = world.settings().knowledge.clone();
    let Some(form) = form(&uri, &headers, &settings) else {
        return no_such_route(uri).await;
    };
    tokio::time::sleep(settings.page_delay).await;
    if let Err(refusal) = world.authorise(&headers, SCOPE) {
        return refusal.into_response();
    }
    let now = world.now();
    let answer = match form {
        Form::Paged => world
            .knowledge
            .serve(now, |articles| Page::read(articles, &query, &settings))
            .map(|page| spoiled(page, fault.as_deref()).into_response()),
        Form::Conditional => world
            .knowledge
            .serve(now, |articles| {
                Changes::read(articles, &headers, query, &settings)
            })
            .map(Changes::into_response),
    };
    answer.unwrap_or_else(NoPage::into_response)
}

fn form(uri: &Uri, headers: &HeaderMap, settings: &KnowledgeSettings) -> Option<Form> {
    let is_paged = uri.path() == ARTICLES;
    let is_conditional = uri.path() == settings.conditional_path;
    let looks_conditional = headers.contains_key(IF_MODIFIED_SINCE) || uri.query().is_none();
    match (is_paged, is_conditional) {
        (true, true) if looks_conditional => Some(Form::Conditional),
        (true, _) => Some(Form::Paged),
        (false, true) => Some(Form::Conditional),
        (false, false) => None,
    }
}

fn spoiled(mut page: Page, fault: Option<&Fault>) -> Page {
    if fault == Some(&Fault::RepeatedArticle) {
        page.repeat_first();
    }
    page
}
