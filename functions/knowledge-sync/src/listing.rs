//! Reads CXone's listing, page after page.

mod form;
mod trouble;

use std::num::NonZeroU32;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use jiff::Timestamp;
use shared::cxone::knowledge::{ArticlePage, Changes, Knowledge, ListArticles};
use shared::domain::{ArticleFlaw, RemoteArticle, TextHash, hex};
use shared::error::Error;
use tokio::time::Instant;

pub(crate) use self::form::Form;
pub(crate) use self::trouble::Trouble;
use crate::progress::Progress;
use crate::walk::{Entry, Step, Told, Walk};

/// With less time than this before the end no further page is begun.
pub(crate) const PAGE_TIME: Duration = Duration::from_secs(10);

/// Nobody has so many articles.
const FAR: usize = 10_000_000;

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
    /// Whether it begins anew because the rest of it was hidden.
    pub(crate) is_second_try: bool,
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
                Err(Error::TooLarge { .. }) => self.fetch_singly(walk.offset, limit).await?,
                page => page?,
            };
            let entries = entries(&page);
            let end = walk.offset + entries.len();
            let most = usize::try_from(limit.get()).unwrap_or(usize::MAX);
            let before = walk.before().to_vec();
            let is_last = match walk.look(&entries, most) {
                Step::Back => continue,
                Step::GiveUp => return Err(Trouble::Restless.into()),
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
        } = self.changes(since).await?
        else {
            // Who asked for everything is not told that nothing is new. After a part it may be that the rest was unpublished just now.
            // Who asked for what changed may have all of it: there are services whose part is just that, and the next complete run sees.
            if self.to_the_end || self.since.is_none() {
                if walk.since.is_some() && !self.is_second_try {
                    return Err(Trouble::HiddenRest.into());
                }
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

    async fn changes(self, since: Option<Timestamp>) -> Result<Changes, Error> {
        match self.knowledge.changes(since, self.until).await {
            Err(Error::TooLarge { limit, .. }) => Err(Error::misconfigured(format!(
                "what CXone tells at once is larger than {limit} bytes; use KNOWLEDGE_FORM=pages"
            ))),
            changes => changes,
        }
    }

    /// A service that gives fewer articles than it was asked for looks like the end. What follows may be as large as it likes.
    async fn goes_on(self, end: usize) -> Result<bool, Error> {
        match self.fetch(end, NonZeroU32::MIN).await {
            Ok(behind) => Ok(!behind.articles.is_empty() || !behind.flaws.is_empty()),
            Err(Error::TooLarge { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Places one by one. What is too large by itself is an article that cannot be read.
    async fn fetch_singly(self, offset: usize, limit: NonZeroU32) -> Result<ArticlePage, Error> {
        let most = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let mut page = ArticlePage {
            articles: Vec::new(),
            flaws: Vec::new(),
            is_last: false,
            server_time: None,
        };
        for place in 0..most {
            match self.fetch(offset + place, NonZeroU32::MIN).await {
                Ok(one) if one.articles.is_empty() && one.flaws.is_empty() => {
                    page.is_last = true;
                    break;
                }
                Ok(one) => {
                    page.articles.extend(one.articles);
                    let flaws = one.flaws.into_iter();
                    page.flaws
                        .extend(flaws.map(|flaw| ArticleFlaw { place, ..flaw }));
                    page.server_time = page.server_time.or(one.server_time);
                }
                Err(Error::TooLarge { limit: bytes, .. }) => {
                    page.flaws.push(too_large(offset, place, bytes));
                }
                Err(error) => return Err(error),
            }
        }
        if page.articles.is_empty() && page.flaws.len() == most {
            self.heeds_places(offset).await?;
        }
        Ok(page)
    }

    /// Where nothing can be read it may be that whatever is asked, the answer is the same: such a listing has no end.
    async fn heeds_places(self, offset: usize) -> Result<(), Error> {
        match self.fetch(offset + FAR, NonZeroU32::MIN).await {
            Err(Error::TooLarge { limit, .. }) => Err(Error::misconfigured(format!(
                "whatever is asked of CXone's listing, the answer is larger than {limit} bytes; check the path of the articles in CXONE_PROFILE, or use KNOWLEDGE_FORM=conditional"
            ))),
            // Every other answer will do, a refusal as well.
            _ => Ok(()),
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

/// Nobody knows what it is called. It stands for what is at its place: there the next page finds it again.
fn too_large(offset: usize, place: usize, bytes: usize) -> ArticleFlaw {
    let place_of_all = offset + place;
    ArticleFlaw {
        place,
        id: None,
        entry: TextHash::of(&format!("too large at {place_of_all}")),
        what: format!(
            "the article at the place {place_of_all} of CXone's listing is larger than {bytes} bytes; make it smaller at CXone"
        ),
    }
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
