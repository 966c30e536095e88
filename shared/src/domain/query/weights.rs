//! How much the legs of search count, and how they become one score.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::body::{Flaws, Object, value};

/// How two scores become one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Fusion {
    /// The weighted sum of the cosine and the normalised BM25 score.
    #[default]
    Weighted,
    /// Reciprocal rank fusion: only places count, not scores.
    #[serde(rename = "rrf")]
    ReciprocalRank,
}

impl Fusion {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Weighted, Self::ReciprocalRank];

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Weighted => "weighted",
            Self::ReciprocalRank => "rrf",
        }
    }

    /// Reads the stable word.
    pub fn parse(word: &str) -> Result<Self, &'static str> {
        let known = Self::ALL.into_iter().find(|known| known.as_str() == word);
        known.ok_or("must be weighted or rrf")
    }

    /// The weights of those who ask for none: 60 to 40; places count the same, as in the textbook.
    pub fn usual_weights(self) -> Weights {
        match self {
            Self::Weighted => Weights {
                vector: 0.6,
                lexical: 0.4,
            },
            Self::ReciprocalRank => Weights {
                vector: 1.0,
                lexical: 1.0,
            },
        }
    }
}

/// How much each leg counts: from 0 to 1, not both 0. Only their ratio matters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Weights {
    vector: f64,
    lexical: f64,
}

impl Weights {
    /// Only words count.
    pub const WORDS: Self = Self {
        vector: 0.0,
        lexical: 1.0,
    };

    /// Takes both weights.
    pub fn parse(vector: f64, lexical: f64) -> Result<Self, &'static str> {
        let (vector, lexical) = (weight(vector)?, weight(lexical)?);
        if vector + lexical == 0.0 {
            return Err("must not both be 0");
        }
        Ok(Self { vector, lexical })
    }

    /// What the vectors' leg counts of 1.
    pub fn vector_share(self) -> f64 {
        self.vector / (self.vector + self.lexical)
    }

    /// What the words' leg counts of 1.
    pub fn lexical_share(self) -> f64 {
        self.lexical / (self.vector + self.lexical)
    }

    pub(super) fn read(written: &RawValue) -> Result<Self, Flaws> {
        let mut object = Object::read(written)?;
        let one = |value: &RawValue| Ok(weight(value::number(value)?)?);
        let vector = object.require("vector", one);
        let lexical = object.require("lexical", one);
        let both = vector.zip(lexical).and_then(|(vector, lexical)| {
            let both = Self::parse(vector, lexical);
            both.map_err(|detail| object.add("", detail)).ok()
        });
        object.end(both)
    }
}

fn weight(number: f64) -> Result<f64, &'static str> {
    if (0.0..=1.0).contains(&number) {
        Ok(number + 0.0)
    } else {
        Err("must be a number from 0 to 1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_numbers_from_0_to_1_and_not_both_0() {
        for (vector, lexical, taken) in [
            (0.6, 0.4, true),
            (1.0, 1.0, true),
            (0.0, 1.0, true),
            (1.0, 0.0, true),
            (f64::from_bits(1), 0.0, true),
            (0.0, -0.0, false),
            (-0.1, 1.0, false),
            (1.1, 1.0, false),
            (f64::NAN, 1.0, false),
            (1.0, f64::INFINITY, false),
        ] {
            let weights = Weights::parse(vector, lexical);
            assert_eq!(weights.is_ok(), taken, "{vector} {lexical}");
            let sum = |weights: Weights| weights.vector_share() + weights.lexical_share();
            assert!(weights.is_ok_and(|weights| (sum(weights) - 1.0).abs() < 1e-12) == taken);
        }
    }

    #[test]
    fn there_is_one_zero() {
        for weights in [Weights::parse(1.0, -0.0), Weights::parse(1.0, 0.0)] {
            let share = weights.map(|weights| weights.lexical_share().to_bits());
            assert_eq!(share, Ok(0.0_f64.to_bits()));
        }
    }

    #[test]
    fn words_and_serde_agree() {
        for fusion in Fusion::ALL {
            assert_eq!(serde_json::json!(fusion), fusion.as_str());
            assert_eq!(Fusion::parse(fusion.as_str()), Ok(fusion));
        }
        assert!(Fusion::parse("Weighted").is_err());
    }
}
