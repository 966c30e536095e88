//! Reads CXone's listing, page after page.

mod form;

use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use jiff::Timestamp;
use shared::cxone::knowledge::{ArticlePage, Changes, Knowledge, ListArticles};
use shared::domain::{ArticleFlaw, RemoteArticle, hex};
use shared::error::Error;
use tokio::time::Instant;

pub(crate) use self::form::Form;
use crate::progress::Progress;
use crate::walk::{Entry, Step, Told, Walk};

/// With less time than this before the end no further page is begun.
pub(crate) const PAGE_TIME: Duration = Duration::from_secs(10);

const LISTING: &str = "CXone's listing";

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

/// A page that was taken.
pub(crate) struct Listed {
    pub(crate) articles: Vec<RemoteArticle>,
    pub(crate) flaws: Vec<ArticleFlaw>,
    /// Where the walk stands after it.
    pub(crate) walk: Walk,
    pub(crate) is_last: bool,
    pub(crate) server_time: Option<Timestamp>,
}

/// A listing, and until when it is read.
#[derive(Clone, Copy)]
pub(crate) struct Listing<'a> {
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) form: Form,
    pub(crate) limit: NonZeroU32,
    pub(crate) since: Option<Timestamp>,
    /// Whether everything was asked for, and what is not listed goes.
    pub(crate) to_the_end: bool,
    pub(crate) until: Instant,
}

impl<'a> Listing<'a> {
    /// The pages from where `progress` stands. They end after the last one, after a failure, or when time is short.
    pub(crate) fn pages(
        self,
        progress: &Progress,
    ) -> impl Stream<Item = Result<Listed, Error>> + use<'a> {
        let start = (!progress.is_listed).then(|| progress.walk.clone());
        stream::unfold(start, move |walk| self.step(walk))
    }

    async fn step(self, walk: Option<Walk>) -> Option<(Result<Listed, Error>, Option<Walk>)> {
        let walk = walk?;
        if Instant::now() + PAGE_TIME > self.until {
            return None;
        }
        let next = match self.form {
            Form::Pages => self.next_page(walk).await,
            Form::Conditional => self.next_changes(walk).await,
        };
        Some(match next {
            Ok(listed) => {
                let next = (!listed.is_last).then(|| listed.walk.clone());
                (Ok(listed), next)
            }
            Err(error) => (Err(error), None),
        })
    }

    async fn next_page(self, mut walk: Walk) -> Result<Listed, Error> {
        let mut limit = self.limit;
        loop {
            let mut page = match self.fetch(walk.offset, limit).await {
                Err(Error::TooLarge { .. }) if limit.get() > 2 => {
                    limit = half(limit);
                    continue;
                }
                Err(Error::TooLarge { limit: bytes, .. }) => {
                    return Err(too_large(walk.offset, bytes));
                }
                page => page?,
            };
            let entries = entries(&page);
            let end = walk.offset + entries.len();
            let most = usize::try_from(limit.get()).unwrap_or(usize::MAX);
            let before = walk.before().to_vec();
            let is_last = match walk.look(&entries, most) {
                Step::Back => continue,
                Step::GiveUp => {
                    let cause = "articles change faster than they can be listed";
                    return Err(Error::transient(LISTING, cause));
                }
                Step::Take => false,
                Step::Last => entries.is_empty() || !self.goes_on(end).await?,
            };
            if !is_last && walk.offset < end && entries.len() < most {
                walk.go_on(entries.len());
            }
            // What the page before had as well is done with it.
            page.articles
                .retain(|article| !before.contains(&Entry::Told(told(article))));
            page.flaws.retain(|flaw| !before.contains(&flawed(flaw)));
            return Ok(Listed {
                articles: page.articles,
                flaws: page.flaws,
                walk,
                is_last,
                server_time: page.server_time,
            });
        }
    }

    /// A part of the changes says how far it goes; the next part begins there.
    async fn next_changes(self, mut walk: Walk) -> Result<Listed, Error> {
        let since = walk.since.or(self.since);
        let Changes::Some {
            articles,
            flaws,
            is_whole,
            last_modified,
            server_time,
        } = self.knowledge.changes(since, self.until).await?
        else {
            // Who asked for everything is not told that nothing is new; and after a part that hides the rest.
            if self.to_the_end {
                return Err(no_way_on());
            }
            return Ok(Listed {
                articles: Vec::new(),
                flaws: Vec::new(),
                walk,
                is_last: true,
                server_time: None,
            });
        };
        walk.since = last_modified.max(since);
        if !is_whole && walk.since == since {
            return Err(no_way_on());
        }
        Ok(Listed {
            articles,
            flaws,
            is_last: is_whole,
            walk,
            server_time,
        })
    }

    /// A service that gives fewer articles than it was asked for looks like the end. What follows may be as large as it likes.
    async fn goes_on(self, end: usize) -> Result<bool, Error> {
        match self.fetch(end, NonZeroU32::MIN).await {
            Ok(behind) => Ok(!behind.articles.is_empty() || !behind.flaws.is_empty()),
            Err(Error::TooLarge { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn fetch(self, offset: usize, limit: NonZeroU32) -> Result<ArticlePage, Error> {
        let query = ListArticles {
            modified_since: self.since,
            language: None,
            territory: None,
            offset: u64::try_from(offset).unwrap_or(u64::MAX),
            limit,
        };
        self.knowledge.list(&query, self.until).await
    }
}

/// What is missing in such a listing would be taken for gone, or for known.
fn no_way_on() -> Error {
    Error::misconfigured(
        "CXone gives a part of the articles that does not say where to go on; use KNOWLEDGE_FORM=pages",
    )
}

fn too_large(offset: usize, bytes: usize) -> Error {
    Error::misconfigured(format!(
        "the articles at the places {offset} and {} of CXone's listing are together larger than {bytes} bytes; make them smaller at CXone",
        offset + 1
    ))
}

/// Whether the listing never stood still for long enough.
pub(crate) fn is_restless(error: &Error) -> bool {
    matches!(error, Error::Transient { what, .. } if *what == LISTING)
}

/// At least two: one of them the next page repeats.
fn half(limit: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(limit.get() / 2).unwrap_or(limit).max(TWO)
}

/// What the page holds, in its order.
fn entries(page: &ArticlePage) -> Vec<Entry> {
    let count = page.articles.len() + page.flaws.len();
    let mut articles = page.articles.iter();
    let at = |place: usize| {
        let flaw = page.flaws.iter().find(|flaw| flaw.place == place);
        let article = || articles.next().map(|article| Entry::Told(told(article)));
        flaw.map(flawed).or_else(article)
    };
    (0..count).filter_map(at).collect()
}

/// What the listing says of an article beside its text.
pub(crate) fn told(article: &RemoteArticle) -> Told {
    Told {
        id: article.id.clone(),
        modified: article.modified,
    }
}

fn flawed(flaw: &ArticleFlaw) -> Entry {
    Entry::Flawed {
        flawed: hex(flaw.entry.as_bytes()),
    }
}
