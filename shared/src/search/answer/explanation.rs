//! How a score came about, for those who ask.

use serde::Serialize;

use crate::domain::Score;
use crate::domain::query::Fusion;
use crate::search::fuse::{Leg, Ranked, Share};

/// How a score came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LexicalExplanation {
    /// The BM25 score.
    pub raw: f64,
    /// What `raw` is divided by: the most that a text of its language could score. Null if the text has none of the words.
    pub bound: Option<f64>,
    /// The same from 0 to 1: `raw / bound`.
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
        Self {
            fusion,
            vector: LegExplanation::of(ranked.vector),
            lexical: LexicalExplanation::of(ranked.lexical, terms),
            final_score: ranked.score,
            found_by: ranked.found_by.legs().to_vec(),
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
            bound: share.bound,
            normalised: share.normalised,
            rank: share.rank,
            weight: share.weight,
            contribution: share.contribution,
            terms,
        }
    }
}
