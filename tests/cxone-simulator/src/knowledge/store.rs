//! The knowledge base behind its lock: what is in it, what happens to it, and the drift that waits for a page.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{article::Article, articles::Articles, edit::KnowledgeEdit};
use crate::world::lock;

/// Edits that happen right after a page was served, before any request can ask for the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// The page, counted from 1 since the drift was set, over both forms and all clients.
    pub after_page: u64,
    /// What happens then, in this order.
    pub edits: Vec<KnowledgeEdit>,
}

/// An edit names an article that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no article {0}")]
pub struct NoSuchArticle(pub String);

/// See the module.
#[derive(Default)]
pub(crate) struct Store(Mutex<Standing>);

#[derive(Default)]
struct Standing {
    articles: Articles,
    last_stamp: Timestamp,
    drift: Vec<Drift>,
    pages_served: u64,
}

impl Store {
    /// Applies edits in order, up to the first that names an unknown article; those before it stay done.
    pub(super) fn apply(
        &self,
        edits: &[KnowledgeEdit],
        now: Timestamp,
    ) -> Result<(), NoSuchArticle> {
        let mut standing = lock(&self.0);
        edits.iter().try_for_each(|edit| standing.apply(edit, now))
    }

    pub(super) fn put_all(&self, articles: Vec<Article>) {
        let mut standing = lock(&self.0);
        for article in articles {
            standing.articles.put(Arc::new(article));
        }
    }

    pub(super) fn set_drift(&self, drift: Vec<Drift>) {
        let mut standing = lock(&self.0);
        standing.drift = drift;
        standing.pages_served = 0;
    }

    pub(super) fn find(&self, uuid: &str) -> Option<Arc<Article>> {
        lock(&self.0).articles.find(uuid)
    }

    pub(super) fn all(&self) -> Vec<Arc<Article>> {
        lock(&self.0).articles.all()
    }

    /// Reads a page and, if there is one, lets happen what waits for it, all under one lock.
    pub(super) fn serve<T, E: From<NoSuchArticle>>(
        &self,
        now: Timestamp,
        read: impl FnOnce(&Articles) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut standing = lock(&self.0);
        let page = read(&standing.articles)?;
        standing.drift(now)?;
        Ok(page)
    }

    /// An empty knowledge base without drift.
    pub(crate) fn clear(&self) {
        *lock(&self.0) = Standing::default();
    }
}

impl Standing {
    fn apply(&mut self, edit: &KnowledgeEdit, now: Timestamp) -> Result<(), NoSuchArticle> {
        if let KnowledgeEdit::Put { article } = edit {
            self.articles.put(Arc::new(article.clone()));
            return Ok(());
        }
        let uuid = edit.uuid();
        let article = self
            .articles
            .take(uuid)
            .ok_or_else(|| NoSuchArticle(uuid.to_owned()))?;
        let stamp = self.stamp(&article, now);
        if let Some(article) = edit.apply(Arc::unwrap_or_clone(article), stamp) {
            self.articles.put(Arc::new(article));
        }
        Ok(())
    }

    /// The date of a change: now, yet later than that of the change before, so that a changed article always moves to the end.
    fn stamp(&mut self, article: &Article, now: Timestamp) -> Timestamp {
        self.last_stamp = now.max(after(self.last_stamp));
        self.last_stamp.max(after(article.modified_date))
    }

    fn drift(&mut self, now: Timestamp) -> Result<(), NoSuchArticle> {
        self.pages_served += 1;
        let page = self.pages_served;
        let (due, waiting) = std::mem::take(&mut self.drift)
            .into_iter()
            .partition::<Vec<_>, _>(|drift| drift.after_page == page);
        self.drift = waiting;
        due.iter()
            .flat_map(|drift| &drift.edits)
            .try_for_each(|edit| self.apply(edit, now))
    }
}

fn after(date: Timestamp) -> Timestamp {
    date.checked_add(SignedDuration::from_millis(1))
        .unwrap_or(Timestamp::MAX)
}
