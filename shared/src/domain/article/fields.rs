//! What the fields of articles are called, which is the tenant's choice.

use serde::{Deserialize, Serialize};

/// The names of fields, those of profile `v2` by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArticleFields {
    /// The lists that an answer may hold, the first that is there counts.
    pub lists: Vec<String>,
    /// The names that an article's id may have, the first that is there counts.
    pub id: Vec<String>,
    /// The object with a body per language; an article without it says its title and content itself.
    pub locales: String,
    /// The title in one language.
    pub title: String,
    /// The HTML in one language.
    pub content: String,
    /// When it was changed.
    pub modified: String,
    /// The number of its version.
    pub version: String,
    /// The region it is for.
    pub territory: String,
    /// The category it stands in.
    pub category: String,
    /// Whether it is published.
    pub status: String,
}

impl Default for ArticleFields {
    fn default() -> Self {
        let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();
        Self {
            lists: names(["articles", "items"]),
            id: names(["uuid", "id"]),
            locales: "locales".to_owned(),
            title: "title".to_owned(),
            content: "content".to_owned(),
            modified: "modifiedDate".to_owned(),
            version: "version".to_owned(),
            territory: "territory".to_owned(),
            category: "categoryUuid".to_owned(),
            status: "status".to_owned(),
        }
    }
}
