//! Why there is no page.

use std::sync::Arc;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    SCOPE, article::Article, conditional::last_modified, settings::KnowledgeSettings,
    store::NoSuchArticle,
};
use crate::token::Refusal;

/// See the module.
pub(super) enum NoPage {
    /// 401, or 403 that names the scope.
    Refused(Refusal),
    /// 400 that names the parameter.
    BadParameter(&'static str),
    /// 403 that names the first article on the page that the client's role may not read.
    Forbidden(Arc<Article>),
    /// 304, and the date of the newest article if there is one.
    NotModified(Option<Timestamp>),
    /// The test's own mistake: an edit that waited for this page names an article that is not there.
    DriftFailed(NoSuchArticle),
}

/// One article of a forbidden category spoils the whole page.
pub(super) fn permit(page: &[Arc<Article>], settings: &KnowledgeSettings) -> Result<(), NoPage> {
    let forbidden = &settings.forbidden_categories;
    let found = page.iter().find(|it| forbidden.contains(&it.category_uuid));
    found.map_or(Ok(()), |it| Err(NoPage::Forbidden(Arc::clone(it))))
}

impl From<Refusal> for NoPage {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NoSuchArticle> for NoPage {
    fn from(error: NoSuchArticle) -> Self {
        Self::DriftFailed(error)
    }
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Refused(refusal) => return refusal.into_response(),
            Self::NotModified(newest) => {
                return (StatusCode::NOT_MODIFIED, last_modified(newest), ()).into_response();
            }
            Self::BadParameter(name) => (
                StatusCode::BAD_REQUEST,
                json!({"error": "invalid_request", "error_description": format!("{name} cannot be read"), "parameter": name}),
            ),
            Self::Forbidden(article) => (StatusCode::FORBIDDEN, forbidden(&article)),
            Self::DriftFailed(error) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                json!({"error": "drift_failed", "error_description": error.to_string()}),
            ),
        };
        (status, Json(body)).into_response()
    }
}

fn forbidden(article: &Article) -> Value {
    let (uuid, category) = (&article.uuid, &article.category_uuid);
    json!({
        "error": "access_denied",
        "error_description": format!("the role of this client may not read article {uuid} of category {category}"),
        "article": uuid,
        "categoryUuid": category,
        "scope": SCOPE,
    })
}
