//! The knowledge base: its articles, page by page, or all that changed if anything did.

use std::num::NonZeroU32;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, LAST_MODIFIED};
use tokio::time::Instant;

use super::answer::Answer;
use super::client::{Call, Client};
use super::profile;
use crate::domain::article::{Articles, Unsaid, read_articles};
use crate::domain::{ArticleFlaw, Locale, RemoteArticle};
use crate::error::Error;
use crate::outbound::Setback;

/// A page is not larger: a hundred articles of 160 kB.
const MOST_BYTES: usize = 16 << 20;

/// The knowledge interface of a tenant.
pub struct Knowledge {
    client: Client,
    articles: profile::Articles,
}

/// Which articles are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListArticles {
    /// Only what was changed since.
    pub modified_since: Option<Timestamp>,
    /// Only in this language.
    pub language: Option<Locale>,
    /// Only for this region.
    pub territory: Option<String>,
    /// How many are left out.
    pub offset: u64,
    /// How many a page holds.
    pub limit: NonZeroU32,
}

/// One page.
#[derive(Debug, PartialEq, Eq)]
pub struct ArticlePage {
    /// Those that could be read.
    pub articles: Vec<RemoteArticle>,
    /// Those that could not, which exist all the same.
    pub flaws: Vec<ArticleFlaw>,
    /// Whether no other page follows: it held fewer than were asked for.
    pub is_last: bool,
    /// The time by CXone's own clock.
    pub server_time: Option<Timestamp>,
}

/// What has changed since a time.
#[derive(Debug, PartialEq, Eq)]
pub enum Changes {
    /// Nothing.
    None,
    /// Something.
    Some {
        /// Those that could be read.
        articles: Vec<RemoteArticle>,
        /// Those that could not, which exist all the same.
        flaws: Vec<ArticleFlaw>,
        /// Whether these are all articles there are (200), rather than some of them (206).
        is_whole: bool,
        /// What to ask with next time.
        last_modified: Option<Timestamp>,
        /// The time by CXone's own clock.
        server_time: Option<Timestamp>,
    },
}

impl Knowledge {
    pub(super) fn new(client: Client, articles: profile::Articles) -> Self {
        Self { client, articles }
    }

    /// Drops the token; the next call asks for a new one.
    pub fn forget(&self) {
        self.client.forget();
    }

    /// One page of articles. One that is too large ([`Error::TooLarge`]) can be asked for with a lower limit.
    pub async fn list(&self, query: &ListArticles, until: Instant) -> Result<ArticlePage, Error> {
        let written = self.written(query);
        let call = Call {
            path: &self.articles.path,
            query: &written,
            headers: HeaderMap::new(),
            body: None,
            judged: &[],
            most_bytes: MOST_BYTES,
        };
        let unsaid = Unsaid {
            locale: query
                .language
                .clone()
                .unwrap_or_else(|| self.articles.locale.clone()),
            modified: None,
        };
        let read = |answer: &Answer| {
            if answer.status != StatusCode::OK {
                return Err(Setback::Halt(
                    self.refusal(answer.status, query.territory.as_deref()),
                ));
            }
            let read = self.read(answer, &unsaid)?;
            Ok(ArticlePage {
                is_last: read.entries() < usize::try_from(query.limit.get()).unwrap_or(usize::MAX),
                articles: read.articles,
                flaws: read.flaws,
                server_time: answer.date(DATE),
            })
        };
        self.client.call(&call, until, read).await
    }

    /// The articles, if any was changed since. The shorter answer does not say when: then it is when the whole was changed.
    pub async fn changes(
        &self,
        since: Option<Timestamp>,
        until: Instant,
    ) -> Result<Changes, Error> {
        let call = Call {
            path: &self.articles.conditional_path,
            query: &[],
            headers: if_modified_since(since)?,
            body: None,
            judged: &[],
            most_bytes: MOST_BYTES,
        };
        let read = |answer: &Answer| {
            let is_whole = match answer.status {
                StatusCode::NOT_MODIFIED => return Ok(Changes::None),
                StatusCode::OK => true,
                StatusCode::PARTIAL_CONTENT => false,
                status => return Err(Setback::Halt(self.refusal(status, None))),
            };
            let (last_modified, server_time) = (answer.date(LAST_MODIFIED), answer.date(DATE));
            let unsaid = Unsaid {
                locale: self.articles.locale.clone(),
                modified: last_modified.or(server_time),
            };
            let read = self.read(answer, &unsaid)?;
            Ok(Changes::Some {
                articles: read.articles,
                flaws: read.flaws,
                is_whole,
                last_modified,
                server_time,
            })
        };
        self.client.call(&call, until, read).await
    }

    fn written(&self, query: &ListArticles) -> Vec<(&str, String)> {
        let names = &self.articles.parameters;
        let since = query.modified_since.map(|since| since.to_string());
        let language = query.language.as_ref().map(Locale::to_string);
        let pairs = [
            (&names.limit, Some(query.limit.to_string())),
            (&names.offset, Some(query.offset.to_string())),
            (&names.modified_since, since),
            (&names.language, language),
            (&names.territory, query.territory.clone()),
        ];
        let said = |(name, value): (_, Option<String>)| Some((String::as_str(name), value?));
        pairs.into_iter().filter_map(said).collect()
    }

    /// What is no list is no answer: a page for people, as tenants in maintenance show.
    fn read(&self, answer: &Answer, unsaid: &Unsaid) -> Result<Articles, Setback> {
        let body = answer.body.as_deref().unwrap_or_default();
        read_articles(body, &self.articles.fields, unsaid).map_err(Setback::unwell)
    }

    fn refusal(&self, status: StatusCode, territory: Option<&str>) -> Error {
        let status = status.as_u16();
        let scopes = self.client.scopes();
        Error::misconfigured(match (status, territory) {
            (403, None) => format!(
                "CXone forbids to read articles (HTTP 403); give the client the scope {scopes}, and a role that may read the categories"
            ),
            (403, Some(territory)) => format!(
                "CXone forbids to read articles of the territory {territory} (HTTP 403); give the client the scope {scopes} and a role that may read them, or ask for another territory"
            ),
            (404, _) => "CXone has no articles at this address (HTTP 404); check endpoints.knowledge.base_url and articles.path in CXONE_PROFILE".to_owned(),
            (300..400, _) => format!(
                "CXone's knowledge interface is somewhere else (HTTP {status}); correct endpoints.knowledge.base_url in CXONE_PROFILE"
            ),
            _ => format!(
                "CXone does not take the question for articles (HTTP {status}); check articles.parameters in CXONE_PROFILE"
            ),
        })
    }
}

fn if_modified_since(since: Option<Timestamp>) -> Result<HeaderMap, Error> {
    let Some(since) = since else {
        return Ok(HeaderMap::new());
    };
    let unfit = || Error::invalid("", "the time of the last change is none that HTTP can say");
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&since);
    let date = date.ok().and_then(|date| HeaderValue::try_from(date).ok());
    Ok(HeaderMap::from_iter([(
        IF_MODIFIED_SINCE,
        date.ok_or_else(unfit)?,
    )]))
}
