//! What both searches answer. Field by field this is the contract that the API's description states.

mod explanation;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::highlight::Highlight;
use crate::domain::{ArticleId, ConversationId, Locale, Score, Space};
pub use explanation::{Explanation, LegExplanation, LexicalExplanation, TermExplanation};

/// The answer of `POST /search/knowledge`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KnowledgeAnswer {
    /// Articles, the best first.
    pub results: Vec<KnowledgeResult>,
    /// What the next question sends as `cursor`; null after the last page.
    pub next_cursor: Option<String>,
    /// The state of the knowledge base that was searched. It grows with every change that search can see.
    pub generation: i64,
    /// The model whose vectors search compares; null before the first text was stored.
    pub model: Option<Space>,
    /// Whether the question had no vector, because its model could not be asked, or may not be told: then only words were searched.
    pub vector_unavailable: bool,
    /// Whether there are fewer results than were asked for, because no more pass.
    pub underfilled: bool,
    /// The languages that were searched, the best first; empty if the question names none.
    pub languages_used: Vec<Locale>,
}

/// An article.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KnowledgeResult {
    /// How well its best passage fits, from 0 to 1.
    pub score: Score,
    /// Its name in CXone.
    pub article_id: ArticleId,
    /// Its title.
    pub title: String,
    /// The headings above its best passage; empty if there is none.
    pub heading: String,
    /// Its best passage, as plain text; of a very long one the first 49,152 bytes.
    pub text: String,
    /// The language of the passage.
    pub language: Locale,
    /// What is known of it: territory, category, status, version, when it was changed, and whatever else the sync keeps.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Box<RawValue>,
    /// How many other passages of it were found.
    pub other_passages: u32,
    /// How many results were nearly the same, and are left out.
    pub near_duplicates: u32,
    /// Where the words of the question stand in `text`, the first 1,000 places; there if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlights: Option<Vec<Highlight>>,
    /// How the score came about; there if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explanation>,
}

/// The answer of `POST /search/conversations`.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationAnswer {
    /// Passages of conversations, the best first.
    pub results: Vec<ConversationResult>,
    /// What the next question sends as `cursor`; null after the last page.
    pub next_cursor: Option<String>,
    /// What cursors belong to: after a change of it they are refused.
    pub generation: i64,
    /// The model whose vectors search compares; null before the first text was stored.
    pub model: Option<Space>,
    /// Whether the question had no vector, because its model could not be asked, or may not be told: then only words were searched.
    pub vector_unavailable: bool,
    /// Whether there are fewer results than were asked for, because no more pass.
    pub underfilled: bool,
    /// The languages that were searched, the best first; empty if the question names none.
    pub languages_used: Vec<Locale>,
}

/// A passage of a conversation.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConversationResult {
    /// How well it fits, from 0 to 1.
    pub score: Score,
    /// The conversation as CXone names it.
    pub conversation_id: ConversationId,
    /// When the conversation happened, by CXone's clock.
    pub occurred_at: Timestamp,
    /// The passage, as plain text, with the policy on personal data applied; of a very long one the first 49,152 bytes.
    pub text: String,
    /// Its language as a BCP 47 tag; `und` if it is not certain.
    pub language: Locale,
    /// What is known of it: source, intent, whether personal data was found, and whatever else was tagged.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub metadata: Box<RawValue>,
    /// How many results were nearly the same, and are left out.
    pub near_duplicates: u32,
    /// Where the words of the question stand in `text`, the first 1,000 places; there if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlights: Option<Vec<Highlight>>,
    /// How the score came about; there if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explanation>,
}
