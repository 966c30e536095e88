//! What one leg adds to the scores.

use crate::domain::Score;
use crate::domain::query::Fusion;

/// How soon places stop to matter under reciprocal rank fusion: the constant of the textbook.
const RANK_CONSTANT: f64 = 60.0;

/// How one leg takes part in a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The cosine or BM25 score as it was computed; `None` for a text without a vector.
    pub raw: Option<f64>,
    /// What the BM25 score was divided by; `None` for a cosine, and for a text that has none of the words.
    pub bound: Option<f64>,
    /// The same from 0 to 1.
    pub normalised: Score,
    /// Its place among the candidates by this leg, 1 being the best, equal scores having the same; `None` if the leg says 0.
    pub rank: Option<usize>,
    /// What the leg counts of 1.
    pub weight: f64,
    /// What the leg adds to the score.
    pub contribution: f64,
}

/// What one leg says of a candidate.
pub(super) struct Said {
    pub(super) raw: Option<f64>,
    pub(super) bound: Option<f64>,
    pub(super) normalised: Score,
}

/// What one leg says of all candidates, in their order.
pub(super) fn shares(all: Vec<Said>, fusion: Fusion, weight: f64) -> Vec<Share> {
    let mut descending: Vec<_> = all.iter().map(|said| said.normalised).collect();
    descending.sort_by(|one, other| other.cmp(one));
    let share = |said: Said| {
        let Said {
            raw,
            bound,
            normalised,
        } = said;
        let better = descending.partition_point(|score| *score > normalised);
        let rank = (normalised > Score::ZERO).then_some(better + 1);
        Share {
            raw,
            bound,
            normalised,
            rank,
            weight,
            contribution: weight
                * match fusion {
                    Fusion::Weighted => normalised.get(),
                    Fusion::ReciprocalRank => rank.map_or(0.0, reciprocal),
                },
        }
    };
    all.into_iter().map(share).collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no list of candidates is longer than a float counts"
)]
fn reciprocal(rank: usize) -> f64 {
    (RANK_CONSTANT + 1.0) / (RANK_CONSTANT + rank as f64)
}
