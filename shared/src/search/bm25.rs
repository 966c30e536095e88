//! BM25 as Lucene computes it: how much a term that stands in a document says for it.
//!
//! `idf = ln(1 + (N - df + 0.5) / (df + 0.5))`, and `score = idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average))`. A term
//! that stands in every document still counts a little, and no score is negative.

/// How soon repeats stop counting, and how much long documents are held back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    k1: f64,
    b: f64,
}

impl Parameters {
    /// Takes a `k1` from 0 to 100 and a `b` from 0 to 1.
    pub fn new(k1: f64, b: f64) -> Result<Self, &'static str> {
        if !(0.0..=100.0).contains(&k1) {
            return Err("k1 must be a number from 0 to 100");
        }
        if !(0.0..=1.0).contains(&b) {
            return Err("b must be a number from 0 to 1");
        }
        Ok(Self { k1, b })
    }

    /// How soon repeats of a term stop counting: 0 for at once.
    pub fn k1(self) -> f64 {
        self.k1
    }

    /// How much long documents are held back: 0 for not at all.
    pub fn b(self) -> f64 {
        self.b
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self { k1: 1.2, b: 0.75 }
    }
}

/// What is known of all documents that can be found: those that are there and have at least one term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// How many there are.
    pub documents: u64,
    /// How many terms they have together, repeats included.
    pub length: u64,
}

/// How much a term says that stands in `df` of `documents`.
pub fn idf(documents: u64, df: u64) -> f64 {
    let (others, df) = (real(documents.saturating_sub(df)), real(df));
    ((others + 0.5) / (df + 0.5)).ln_1p()
}

/// The formula with all that is the same for every document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formula {
    /// What a document weighs however long it is …
    fixed: f64,
    /// … and for each of its terms.
    per_term: f64,
    most: f64,
}

impl Formula {
    pub(super) fn new(parameters: Parameters, statistics: Statistics) -> Self {
        let Parameters { k1, b } = parameters;
        let average = real(statistics.length.max(1)) / real(statistics.documents.max(1));
        Self {
            fixed: k1 * (1.0 - b),
            per_term: k1 * b / average,
            most: k1 + 1.0,
        }
    }

    /// What a term that stands `count` times in a document of `length` terms has of its idf.
    pub(super) fn share(&self, count: u32, length: u32) -> f64 {
        let count = f64::from(count);
        count * self.most / (count + self.fixed + self.per_term * f64::from(length))
    }

    /// What no share exceeds.
    pub(super) fn most(&self) -> f64 {
        self.most
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "beyond 2^53 documents one more makes no difference"
)]
fn real(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    #[test]
    fn a_rare_term_says_more() {
        for (documents, df, expected) in [
            (1, 1, 0.287_682_072_451_780_85),
            (3, 1, 0.980_829_253_011_726_3),
            (3, 2, 0.470_003_629_245_735_63),
            (10, 10, 0.046_520_015_634_892_91),
            (1_000, 7, 4.893_851_758_772_956),
            (1_000_000, 1, 13.410_046_449_855_61),
        ] {
            let idf = idf(documents, df);
            assert!(is_near(idf, expected), "{df} of {documents}: {idf}");
        }
    }

    #[test]
    fn scores_are_those_of_the_formula() {
        // N, length of all, df, tf, length, k1, b.
        for (documents, all, df, tf, length, k1, b, expected) in [
            (3, 12, 1, 1, 4, 1.2, 0.75, 0.980_829_253_011_726_3),
            (3, 12, 1, 2, 4, 1.2, 0.75, 1.348_640_222_891_123_6),
            (3, 12, 1, 1, 8, 1.2, 0.75, 0.696_072_373_105_096_1),
            (3, 12, 1, 1, 8, 1.2, 0.0, 0.980_829_253_011_726_3),
            (3, 12, 2, 5, 8, 0.0, 0.75, 0.470_003_629_245_735_6),
            (
                1_000,
                50_000,
                7,
                300,
                400,
                1.2,
                0.75,
                10.503_876_945_659_028,
            ),
            (1_000, 50_000, 7, 300, 400, 2.0, 1.0, 13.938_185_388_910_318),
        ] {
            let statistics = Statistics {
                documents,
                length: all,
            };
            let formula = Formula::new(Parameters::new(k1, b).unwrap(), statistics);
            let score = idf(documents, df) * formula.share(tf, length);
            assert!(is_near(score, expected), "{tf} of {length}: {score}");
            assert!(formula.share(tf, length) <= formula.most());
        }
    }

    #[test]
    fn statistics_that_cannot_be_give_finite_scores() {
        let formula = Formula::new(Parameters::default(), Statistics::default());
        assert!(formula.share(1, 1).is_finite() && idf(0, 5).is_finite());
        assert!(idf(3, 9) > 0.0);
    }

    #[test]
    fn parameters_keep_their_limits() {
        for (k1, b) in [(0.0, 0.0), (1.2, 0.75), (100.0, 1.0)] {
            let parameters = Parameters::new(k1, b).unwrap();
            assert!(is_near(parameters.k1(), k1) && is_near(parameters.b(), b));
        }
        for (k1, b) in [
            (-0.1, 0.5),
            (100.1, 0.5),
            (f64::NAN, 0.5),
            (f64::INFINITY, 0.5),
            (1.2, -0.1),
            (1.2, 1.1),
            (1.2, f64::NAN),
        ] {
            assert!(Parameters::new(k1, b).is_err(), "{k1} {b}");
        }
    }
}
