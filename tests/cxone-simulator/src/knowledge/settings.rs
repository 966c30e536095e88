//! How the knowledge base behaves when no fault is set.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where both documents have the articles.
pub(super) const ARTICLES: &str = "/api/v2/knowledge/articles";

/// See the module.
#[derive(Clone, Debug)]
pub struct KnowledgeSettings {
    /// No page has more articles, whatever limit is asked for; also the limit of those who name none.
    pub page_limit: usize,
    /// How long every page takes.
    pub page_delay: Duration,
    /// The categories that the client's role may not read: a page that holds one of their articles is a 403.
    pub forbidden_categories: Vec<String>,
    /// Where the conditional form is, somewhere below `/api/v2/knowledge/`. On the path of the paged form, which is where its
    /// document has it, it answers the requests with `If-Modified-Since` and those without a query.
    pub conditional_path: String,
}

impl Default for KnowledgeSettings {
    fn default() -> Self {
        Self {
            page_limit: 100,
            page_delay: Duration::ZERO,
            forbidden_categories: Vec::new(),
            conditional_path: ARTICLES.to_owned(),
        }
    }
}

/// A change of the running [`KnowledgeSettings`]: what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnowledgeUpdate {
    /// See [`KnowledgeSettings::page_limit`].
    pub page_limit: Option<usize>,
    /// See [`KnowledgeSettings::page_delay`], in milliseconds.
    pub page_delay_ms: Option<u64>,
    /// See [`KnowledgeSettings::forbidden_categories`]; replaces the list, so that an empty one allows everything again.
    pub forbidden_categories: Option<Vec<String>>,
    /// See [`KnowledgeSettings::conditional_path`].
    pub conditional_path: Option<String>,
}

impl KnowledgeSettings {
    pub(crate) fn apply(&mut self, update: KnowledgeUpdate) {
        if let Some(limit) = update.page_limit {
            self.page_limit = limit;
        }
        if let Some(millis) = update.page_delay_ms {
            self.page_delay = Duration::from_millis(millis);
        }
        if let Some(categories) = update.forbidden_categories {
            self.forbidden_categories = categories;
        }
        if let Some(path) = update.conditional_path {
            self.conditional_path = path;
        }
    }
}
