//! The ways to rank, and what each of them answers.

use serde::Serialize;

/// A way to rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// By vectors alone.
    Vector,
    /// By words alone.
    Bm25,
    /// By the weighted sum of both: what search does unless it is told otherwise.
    Weighted,
    /// By the places in both.
    Rrf,
}

impl System {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Vector, Self::Bm25, Self::Weighted, Self::Rrf];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vector => "vector",
            Self::Bm25 => "bm25",
            Self::Weighted => "weighted",
            Self::Rrf => "rrf",
        }
    }
}
