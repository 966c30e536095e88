//! The paged form: `?limit&offset&modifiedSince&language&territory`, everything about every article.

use std::sync::Arc;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    article::Article,
    articles::Articles,
    refusal::{NoPage, permit},
    settings::KnowledgeSettings,
};

/// The query as it came; an empty value is as good as none.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Query {
    pub(super) limit: String,
    pub(super) offset: String,
    modified_since: String,
    pub(super) language: String,
    pub(super) territory: String,
}

/// A stretch of the list.
pub(super) struct Page(Vec<Arc<Article>>);

#[derive(Serialize)]
struct Answer<'a> {
    articles: Vec<&'a Article>,
}

impl Query {
    /// Whether an article is in the language and the territory asked for.
    pub(super) fn wants(&self, article: &Article) -> bool {
        let language_fits =
            self.language.is_empty() || article.locales.contains_key(&self.language);
        language_fits && (self.territory.is_empty() || article.territory == self.territory)
    }

    /// How many articles to answer with: as many as asked for, within what the service allows.
    pub(super) fn capped_limit(&self, most: usize) -> Result<usize, NoPage> {
        let limit = number("limit", &self.limit)?.unwrap_or(most);
        if limit == 0 {
            return Err(NoPage::BadParameter("limit"));
        }
        Ok(limit.min(most))
    }

    fn modified_since(&self) -> Result<Timestamp, NoPage> {
        if self.modified_since.is_empty() {
            return Ok(Timestamp::MIN);
        }
        let date = self.modified_since.parse();
        date.map_err(|_| NoPage::BadParameter("modifiedSince"))
    }
}

fn number(name: &'static str, text: &str) -> Result<Option<usize>, NoPage> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| NoPage::BadParameter(name))
}

impl Page {
    pub(super) fn read(
        articles: &Articles,
        query: &Query,
        settings: &KnowledgeSettings,
    ) -> Result<Self, NoPage> {
        let limit = query.capped_limit(settings.page_limit)?;
        let offset = number("offset", &query.offset)?.unwrap_or(0);
        let wanted = articles
            .since(query.modified_since()?)
            .filter(|article| query.wants(article));
        let page: Vec<_> = wanted.skip(offset).take(limit).cloned().collect();
        permit(&page, settings)?;
        Ok(Self(page))
    }

    /// The last line says again what the first one says.
    pub(super) fn repeat_first(&mut self) {
        self.0.extend(self.0.first().cloned());
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let articles = self.0.iter().map(AsRef::as_ref).collect();
        Json(Answer { articles }).into_response()
    }
}
