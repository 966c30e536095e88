//! An article of the knowledge base, as the paged form writes it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One article in all its languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Article {
    /// Its name for ever; any text, so that a test can have ids that are no UUIDs.
    pub uuid: String,
    /// What it says, by language tag, for example `en-US`.
    pub locales: BTreeMap<String, Locale>,
    /// When it was last changed, by the simulator's clock.
    pub modified_date: Timestamp,
    /// Grows by one with every change.
    pub version: u64,
    /// Where it holds.
    pub territory: String,
    /// The category it is filed under.
    pub category_uuid: String,
    /// Whether readers see it.
    pub status: Status,
}

/// An article in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locale {
    /// Plain text.
    pub title: String,
    /// HTML, as an author left it.
    pub content: String,
}

/// Where an article is in its life. The paged form lists all of them, the conditional form only the published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Readers see it.
    Published,
    /// Not yet, or not any more.
    Draft,
    /// Kept for the record.
    Archived,
}
