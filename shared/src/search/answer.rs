//! What both searches answer. Field by field this is the contract that the API's description states.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::fuse::{FoundBy, Leg, Ranked, Share};
use super::highlight::Highlight;
use crate::domain::query::Fusion;
use crate::domain::{ArticleId, ConversationId, Locale, Score, Space};

/// The answer of `POST /search/knowledge`.
#[derive(Debug, Serialize)]
pub struct KnowledgeAnswer {
    /// Articles, the best first.
    pub results: Vec<KnowledgeResult>,
    /// What the next question sends as `cursor`; null after the last page.
    pub next_cursor: Option<String>,
    /// The state of the knowledge base that was searched. It grows with every change that search can see.
    pub generation: i64,
    /// The model whose vectors search compares; null before the first text was stored.
    pub model: Option<Space>,
    /// Whether the question had no vector, because its model could not be asked: then only words were searched.
    pub vector_unavailable: bool,
    /// Whether there are fewer results than were asked for, because no more pass.
    pub underfilled: bool,
    /// The languages that were searched, the best first; empty if the question names none.
    pub languages_used: Vec<Locale>,
}

/// An article.
#[derive(Debug, Serialize)]
pub struct KnowledgeResult {
    /// How well its best passage fits, from 0 to 1.
    pub score: Score,
    /// Its name in CXone.
    pub article_id: ArticleId,
    /// Its title.
    pub title: String,
    /// The headings above its best passage; empty if there is none.
    pub heading: String,
    /// Its best passage, as plain text.
    pub text: String,
    /// The language of the passage.
    pub language: Locale,
    /// What is known of it: territory, category, status, version, when it was changed, and whatever else the sync keeps.
    pub metadata: Box<RawValue>,
    /// How many other passages of it were found.
    pub other_passages: u32,
    /// How many results were nearly the same, and are left out.
    pub near_duplicates: u32,
    /// Where the words of the question stand in `text`; there if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlights: Option<Vec<Highlight>>,
    /// How the score came about; there if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explanation>,
}

/// The answer of `POST /search/conversations`.
#[derive(Debug, Serialize)]
pub struct ConversationAnswer {
    /// Passages of conversations, the best first.
    pub results: Vec<ConversationResult>,
    /// What the next question sends as `cursor`; null after the last page.
    pub next_cursor: Option<String>,
    /// What cursors belong to: after a change of it they are refused.
    pub generation: i64,
    /// The model whose vectors search compares; null before the first text was stored.
    pub model: Option<Space>,
    /// Whether the question had no vector, because its model could not be asked: then only words were searched.
    pub vector_unavailable: bool,
    /// Whether there are fewer results than were asked for, because no more pass.
    pub underfilled: bool,
    /// The languages that were searched, the best first; empty if the question names none.
    pub languages_used: Vec<Locale>,
}

/// A passage of a conversation.
#[derive(Debug, Serialize)]
pub struct ConversationResult {
    /// How well it fits, from 0 to 1.
    pub score: Score,
    /// The conversation as CXone names it.
    pub conversation_id: ConversationId,
    /// When the conversation happened, by CXone's clock.
    pub occurred_at: Timestamp,
    /// The passage, as plain text, with the policy on personal data applied.
    pub text: String,
    /// Its language as a BCP 47 tag; `und` if it is not certain.
    pub language: Locale,
    /// What is known of it: source, intent, whether personal data was found, and whatever else was tagged.
    pub metadata: Box<RawValue>,
    /// How many results were nearly the same, and are left out.
    pub near_duplicates: u32,
    /// Where the words of the question stand in `text`; there if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlights: Option<Vec<Highlight>>,
    /// How the score came about; there if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explanation>,
}

/// How a score came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// How the legs became one score.
    pub fusion: Fusion,
    /// What the vectors say.
    pub vector: LegExplanation,
    /// What the words say.
    pub lexical: LexicalExplanation,
    /// The score: the contributions of both legs together.
    #[serde(rename = "final")]
    pub final_score: Score,
    /// The legs that found it. The other one was asked for its score all the same.
    pub found_by: Vec<Leg>,
}

/// How one leg took part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LegExplanation {
    /// The cosine; null if the text has no vector.
    pub raw: Option<f64>,
    /// The same from 0 to 1.
    pub normalised: Score,
    /// The place among all candidates by this leg alone, from 1; null if the leg scores 0.
    pub rank: Option<usize>,
    /// What the leg counts of 1.
    pub weight: f64,
    /// What the leg adds to the score.
    pub contribution: f64,
}

/// How the words took part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LexicalExplanation {
    /// The BM25 score.
    pub raw: f64,
    /// The same from 0 to 1.
    pub normalised: Score,
    /// The place among all candidates by this leg alone, from 1; null if the leg scores 0.
    pub rank: Option<usize>,
    /// What the leg counts of 1.
    pub weight: f64,
    /// What the leg adds to the score.
    pub contribution: f64,
    /// The words of the question that the text has.
    pub terms: Vec<TermExplanation>,
}

/// A word of the question that the text has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermExplanation {
    /// The word as it is indexed: its stem.
    pub term: String,
    /// How often the text has it.
    pub tf: u32,
    /// How many texts have it.
    pub df: u64,
    /// What it weighs.
    pub idf: f64,
    /// What it adds to the BM25 score.
    pub score: f64,
}

impl Explanation {
    /// Explains a place in a ranking.
    pub fn of<D>(ranked: &Ranked<D>, fusion: Fusion, terms: Vec<TermExplanation>) -> Self {
        let found_by: FoundBy = ranked.found_by;
        Self {
            fusion,
            vector: LegExplanation::of(ranked.vector),
            lexical: LexicalExplanation::of(ranked.lexical, terms),
            final_score: ranked.score,
            found_by: found_by.legs().to_vec(),
        }
    }
}

impl LegExplanation {
    fn of(share: Share) -> Self {
        Self {
            raw: share.raw,
            normalised: share.normalised,
            rank: share.rank,
            weight: share.weight,
            contribution: share.contribution,
        }
    }
}

impl LexicalExplanation {
    fn of(share: Share, terms: Vec<TermExplanation>) -> Self {
        Self {
            raw: share.raw.unwrap_or_default(),
            normalised: share.normalised,
            rank: share.rank,
            weight: share.weight,
            contribution: share.contribution,
            terms,
        }
    }
}
