//! The conditional form: what is new since `If-Modified-Since`, in one language, without a word about what is gone.
//!
//! Dates of HTTP have whole seconds, with all that follows: an answer never ends within a second, and a change in the second
//! of the last answer's `Last-Modified` is not seen by who comes back with that date.

use std::sync::Arc;

use axum::{
    Json,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    article::{Article, Status},
    articles::Articles,
    paged::Query,
    refusal::{NoPage, permit},
    settings::KnowledgeSettings,
};
use crate::http_date;

/// The language of those who ask for none.
const LANGUAGE: &str = "en-US";

/// What is new.
pub(super) struct Changes {
    language: String,
    articles: Vec<Arc<Article>>,
    more_remains: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    title: &'a str,
    content: &'a str,
}

impl Changes {
    pub(super) fn read(
        articles: &Articles,
        headers: &HeaderMap,
        mut query: Query,
        settings: &KnowledgeSettings,
    ) -> Result<Self, NoPage> {
        let limit = query.capped_limit(settings.page_limit)?;
        if query.language.is_empty() {
            LANGUAGE.clone_into(&mut query.language);
        }
        let visible: Vec<_> = articles
            .since(Timestamp::MIN)
            .filter(|it| it.status == Status::Published && query.wants(it))
            .collect();
        let known = if_modified_since(headers);
        let is_known = |it: &&Arc<Article>| known.is_some_and(|known| second(it) <= known);
        let news = &visible[visible.partition_point(is_known)..];
        if news.is_empty() && known.is_some() {
            return Err(NoPage::NotModified(
                visible.last().map(|it| it.modified_date),
            ));
        }
        let end = whole_seconds(news, limit);
        let page: Vec<_> = news[..end].iter().copied().cloned().collect();
        permit(&page, settings)?;
        Ok(Self {
            language: query.language,
            articles: page,
            more_remains: end < news.len(),
        })
    }
}

/// A date that cannot be read is none, as HTTP has it.
fn if_modified_since(headers: &HeaderMap) -> Option<i64> {
    let date = headers.get(header::IF_MODIFIED_SINCE)?.to_str().ok()?;
    http_date::parse(date).map(Timestamp::as_second)
}

fn second(article: &Article) -> i64 {
    // Before 1970 the whole second is the later one, which no article of ours ever needs.
    article.modified_date.as_second()
}

/// The first length from `limit` on at which no second is cut in two.
fn whole_seconds(news: &[&Arc<Article>], limit: usize) -> usize {
    let Some(last) = news.get(..limit).and_then(<[_]>::last) else {
        return news.len();
    };
    let rest = &news[limit..];
    limit
        + rest
            .iter()
            .take_while(|it| second(it) == second(last))
            .count()
}

impl Answer<'_> {
    fn of(changes: &Changes) -> Answer<'_> {
        let item = |article| Item::of(article, &changes.language);
        Answer {
            items: changes.articles.iter().filter_map(item).collect(),
        }
    }
}

impl<'a> Item<'a> {
    fn of(article: &'a Arc<Article>, language: &str) -> Option<Self> {
        let locale = article.locales.get(language)?;
        Some(Self {
            id: &article.uuid,
            title: &locale.title,
            content: &locale.content,
        })
    }
}

impl IntoResponse for Changes {
    fn into_response(self) -> Response {
        let status = if self.more_remains {
            StatusCode::PARTIAL_CONTENT
        } else {
            StatusCode::OK
        };
        let newest = self.articles.last().map(|it| it.modified_date);
        (status, last_modified(newest), Json(Answer::of(&self))).into_response()
    }
}

/// The header, if there is anything to date.
pub(super) fn last_modified(newest: Option<Timestamp>) -> Option<[(HeaderName, String); 1]> {
    let date = http_date::print(newest?)?;
    Some([(header::LAST_MODIFIED, date)])
}
