//! The articles in the order of the lists: by date of change, then by uuid.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

use super::article::Article;

/// See the module. A page is a stretch of this order, so every edit between two pages moves what is on the second.
#[derive(Default)]
pub(super) struct Articles {
    in_order: BTreeMap<(Timestamp, String), Arc<Article>>,
    dates: HashMap<String, Timestamp>,
}

impl Articles {
    pub(super) fn put(&mut self, article: Arc<Article>) {
        self.take(&article.uuid);
        self.dates
            .insert(article.uuid.clone(), article.modified_date);
        self.in_order
            .insert((article.modified_date, article.uuid.clone()), article);
    }

    /// Takes an article out.
    pub(super) fn take(&mut self, uuid: &str) -> Option<Arc<Article>> {
        let date = self.dates.remove(uuid)?;
        self.in_order.remove(&(date, uuid.to_owned()))
    }

    pub(super) fn find(&self, uuid: &str) -> Option<Arc<Article>> {
        let date = *self.dates.get(uuid)?;
        self.in_order.get(&(date, uuid.to_owned())).cloned()
    }

    /// Those that were changed at this time or later.
    pub(super) fn since(&self, earliest: Timestamp) -> impl Iterator<Item = &Arc<Article>> {
        // No text comes before the empty one, so the bound leaves out nothing of its instant.
        self.in_order
            .range((earliest, String::new())..)
            .map(|(_, article)| article)
    }

    pub(super) fn all(&self) -> Vec<Arc<Article>> {
        self.in_order.values().cloned().collect()
    }
}
