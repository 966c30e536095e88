//! Articles of CXone's knowledge base as its interface tells them, not yet compared with ours.

mod fields;
mod read;
mod value;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ArticleId, Locale, TextHash};
pub use fields::ArticleFields;
pub use read::{Articles, Unreadable, Unsaid, read_articles};

/// One article in all the languages that came with it. No text of it holds a NUL, which Postgres cannot keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteArticle {
    /// Its name in CXone.
    pub id: ArticleId,
    /// Title and content by language; none is possible.
    pub locales: BTreeMap<Locale, LocalizedBody>,
    /// When it was changed last.
    pub modified: Timestamp,
    /// Its version, which fits a `bigint`.
    pub version: Option<u64>,
    /// The region it is for.
    pub territory: Option<String>,
    /// The category it stands in.
    pub category: Option<String>,
    /// `published`, `draft`, or what else the tenant says.
    pub status: Option<String>,
}

/// An article in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalizedBody {
    /// The title as plain text; may be empty.
    pub title: String,
    /// The content as foreign HTML; may be empty.
    pub html: String,
}

/// Why an article could not be read. It exists all the same: it is not to be taken for deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleFlaw {
    /// Its place in the page, from 0.
    pub place: usize,
    /// Its name, if that could be read.
    pub id: Option<ArticleId>,
    /// Of the entry as it came: unchanged, it is the same the next time, whatever it is called.
    pub entry: TextHash,
    /// Where in the article, and what is expected there; quotes nothing of it but names of fields.
    pub what: String,
}
