//! What somebody asks of search, parsed out of JSON once. Every broken rule is told at once, each with its place.

mod conversation;
mod cursor;
mod dates;
mod knowledge;
mod labels;
mod languages;
mod metadata;
#[cfg(feature = "openapi")]
mod openapi;
mod options;
mod query_text;
#[cfg(test)]
mod tests;
mod weights;

pub use conversation::ConversationQuery;
pub use cursor::{Basis, Chosen, Cursor, MOST_RESULTS, Position, QueryDigest};
pub use dates::DateRange;
pub use knowledge::KnowledgeQuery;
pub use labels::{Label, Labels};
pub use languages::LanguageChain;
pub use metadata::{MetadataFilter, MetadataNumber, MetadataValue};
pub use options::{Limit, SearchOptions};
pub use query_text::QueryText;
pub use weights::{Fusion, Weights};

/// A longer body is no question.
pub const MOST_BYTES: usize = 65_536;
