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
