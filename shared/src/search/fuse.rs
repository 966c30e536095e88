//! One ranking of two legs. Every candidate is scored on both, whichever leg found it.
//!
//! The order is total and the same for any order of the candidates: by score, the best first, then by number. No NaN can be in it.

mod share;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use super::normalise::{Cosine, Lexical, Normalisation};
use crate::domain::Score;
use crate::domain::query::{Fusion, Weights};
pub use share::Share;
use share::{Said, shares};

/// Who found a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Leg {
    /// Its vector is near that of the question.
    Vector,
    /// It has words of the question.
    Lexical,
}

/// Which legs found a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// Only its vector.
    Vector,
    /// Only its words.
    Lexical,
    /// Both.
    Both,
}

impl FoundBy {
    /// The legs, by name.
    pub fn legs(self) -> &'static [Leg] {
        match self {
            Self::Vector => &[Leg::Vector],
            Self::Lexical => &[Leg::Lexical],
            Self::Both => &[Leg::Vector, Leg::Lexical],
        }
    }
}

/// The union of what the legs found.
pub fn unite<D: Ord>(
    vector: impl IntoIterator<Item = D>,
    lexical: impl IntoIterator<Item = D>,
) -> BTreeMap<D, FoundBy> {
    let found = vector.into_iter().map(|doc| (doc, FoundBy::Vector));
    let mut union: BTreeMap<_, _> = found.collect();
    for doc in lexical {
        let by_words = |by: &mut FoundBy| {
            if *by == FoundBy::Vector {
                *by = FoundBy::Both;
            }
        };
        union
            .entry(doc)
            .and_modify(by_words)
            .or_insert(FoundBy::Lexical);
    }
    union
}

/// A text with what both legs say of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate<D> {
    /// Its number, which no other candidate has.
    pub doc: D,
    /// How near its vector is; `None` if it has none.
    pub cosine: Option<Cosine>,
    /// What its words say.
    pub lexical: Lexical,
    /// Who found it.
    pub found_by: FoundBy,
}

/// How two scores become one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranking {
    /// By scores or by places.
    pub fusion: Fusion,
    /// How much each leg counts.
    pub weights: Weights,
    /// What 1 means for BM25.
    pub normalisation: Normalisation,
    /// What scores less is left out.
    pub min_score: Score,
}

/// A candidate in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked<D> {
    /// Its number.
    pub doc: D,
    /// What it is ranked by: what both legs contribute together.
    pub score: Score,
    /// What the vectors say.
    pub vector: Share,
    /// What the words say.
    pub lexical: Share,
    /// Who found it.
    pub found_by: FoundBy,
}

/// Ranks the candidates.
///
/// Under reciprocal rank fusion a leg contributes `weight · 61 / (60 + rank)`, which is the textbook's formula but for a factor that
/// makes 1 of the first place on both legs; a leg that says 0 contributes nothing.
pub fn fuse<D: Ord + Copy>(candidates: &[Candidate<D>], ranking: &Ranking) -> Vec<Ranked<D>> {
    let vector = vector_shares(candidates, ranking);
    let lexical = lexical_shares(candidates, ranking);
    let shares = vector.into_iter().zip(lexical);
    let ranked = candidates
        .iter()
        .zip(shares)
        .map(|(candidate, (vector, lexical))| Ranked {
            doc: candidate.doc,
            score: Score::saturating(vector.contribution + lexical.contribution),
            vector,
            lexical,
            found_by: candidate.found_by,
        });
    let mut ranked: Vec<_> = ranked
        .filter(|one| one.score >= ranking.min_score)
        .collect();
    ranked.sort_by(|one, other| other.score.cmp(&one.score).then(one.doc.cmp(&other.doc)));
    ranked
}

fn vector_shares<D>(candidates: &[Candidate<D>], ranking: &Ranking) -> Vec<Share> {
    let cosines = candidates.iter().map(|candidate| Said {
        raw: candidate.cosine.map(Cosine::get),
        bound: None,
        normalised: candidate.cosine.map_or(Score::ZERO, Cosine::normalised),
    });
    shares(
        cosines.collect(),
        ranking.fusion,
        ranking.weights.vector_share(),
    )
}

fn lexical_shares<D>(candidates: &[Candidate<D>], ranking: &Ranking) -> Vec<Share> {
    let said = candidates.iter().map(|candidate| candidate.lexical);
    let best = said.clone().map(Lexical::part).max().unwrap_or_default();
    let scale = ranking.normalisation.scale(best);
    let said = said.map(|one| Said {
        raw: Some(one.score.get()),
        bound: scale.divisor(one),
        normalised: scale.normalised(one),
    });
    shares(
        said.collect(),
        ranking.fusion,
        ranking.weights.lexical_share(),
    )
}
