//! How well something fits, as a number that can be compared without exceptions.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize, Serializer};

/// From 0, nothing fits, to 1, nothing fits better. Never NaN, so that scores have one order for all.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(try_from = "f64")]
pub struct Score(f64);

impl Score {
    /// Nothing fits.
    pub const ZERO: Self = Self(0.0);
    /// Nothing fits better.
    pub const ONE: Self = Self(1.0);

    /// Takes a number from 0 to 1.
    pub fn parse(number: f64) -> Result<Self, &'static str> {
        if (0.0..=1.0).contains(&number) {
            Ok(Self::saturating(number))
        } else {
            Err("must be a number from 0 to 1")
        }
    }

    /// The nearest score to a number. What is no number fits nothing.
    pub fn saturating(number: f64) -> Self {
        if number.is_nan() {
            return Self::ZERO;
        }
        // The sum makes one zero of two: equal scores have equal bits.
        Self(number.clamp(0.0, 1.0) + 0.0)
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl Eq for Score {}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl TryFrom<f64> for Score {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        Self::parse(number)
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_numbers_from_0_to_1_are_taken() {
        for (number, taken) in [
            (0.0, true),
            (-0.0, true),
            (f64::MIN_POSITIVE, true),
            (1.0, true),
            (1.000_000_1, false),
            (-0.1, false),
            (f64::NAN, false),
            (f64::INFINITY, false),
        ] {
            assert_eq!(Score::parse(number).is_ok(), taken, "{number}");
            assert_eq!(Score::try_from(number), Score::parse(number), "{number}");
        }
        let zeros = [Score::parse(-0.0).unwrap(), Score::saturating(-0.0)];
        assert!(zeros.iter().all(|zero| zero.cmp(&Score::ZERO).is_eq()));
    }

    proptest! {
        #[test]
        fn every_number_has_a_nearest_score(number in proptest::num::f64::ANY) {
            let score = Score::saturating(number);
            prop_assert!((0.0..=1.0).contains(&score.get()));
            prop_assert!(!(0.0..=1.0).contains(&number) || score.get().to_bits() == (number + 0.0).to_bits());
        }

        #[test]
        fn scores_are_ordered_as_their_numbers(one in 0.0..=1.0, other in 0.0..=1.0) {
            let (one, other): (f64, f64) = (one, other);
            let scores = (Score::parse(one).unwrap(), Score::parse(other).unwrap());
            prop_assert_eq!(Some(scores.0.cmp(&scores.1)), one.partial_cmp(&other));
            prop_assert_eq!(scores.0.partial_cmp(&scores.1), one.partial_cmp(&other));
            prop_assert_eq!(scores.0 == scores.1, scores.0.cmp(&scores.1).is_eq());
        }
    }
}
