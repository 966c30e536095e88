//! What a text is about, in a few of its own words.
//!
//! A model that read the text says how much it heeds each piece of it. Pieces become whole words, the words of one stem count together,
//! little words are left out, and heavy words that stand side by side become one phrase. Without a model, words are weighed by how they
//! stand in the text. Who weighed is part of the answer, because phrases without a model are worth little.
//!
//! Measured by `tests/evaluation/tests/phrases.rs` on the half for tuning, nDCG@10 of BM25 alone. Questions as they are: 0.744 by
//! attention, 0.743 by all words and by statistics. The same questions spoken between three sentences of small talk: 0.680 by attention,
//! 0.552 by all words, 0.541 by statistics. Fewer than four phrases and more than six rank a little worse, single words much.

mod choose;
mod join;
mod statistics;
#[cfg(test)]
mod tests;
mod words;

use std::ops::Range;

use super::terms::Analysis;
use choose::choose;
use join::join;

/// So many phrases where nobody asks for another number.
pub const USUAL: usize = 5;

/// No more words of a text are looked at. What is said in a minute has two hundred.
const MOST_WORDS: usize = 2_000;

/// How much a model heeds a part of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighted {
    /// The part, in bytes. It may be less than a word.
    pub range: Range<usize>,
    /// More is more; never negative.
    pub weight: f32,
}

/// One to three words as they stand in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// The words, and what stands between them.
    pub text: String,
    /// What they weigh together. It compares with that of other phrases of the text, and with nothing else.
    pub weight: f32,
}

/// What a text is about.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPhrases {
    /// The heaviest first.
    pub phrases: Vec<Phrase>,
    /// Who weighed.
    pub by: Weigher,
}

/// Who weighed the words of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weigher {
    /// A model that read the text.
    Attention,
    /// Nobody but the counting of words: the model cannot say, or there is none.
    Statistics,
}

impl Weigher {
    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::Statistics => "statistics",
        }
    }
}

impl KeyPhrases {
    /// At most so many phrases of the text. `heeded` is what a model says of it; where that is nothing, words are counted.
    pub fn find(text: &str, heeded: &[Weighted], analysis: Analysis, most: usize) -> Self {
        let mut words = words::of(text, analysis);
        words.truncate(MOST_WORDS);
        let (weights, by) = if heeded.is_empty() {
            (statistics::weigh(text, &words), Weigher::Statistics)
        } else {
            (words::weigh(&words, heeded), Weigher::Attention)
        };
        let weights = words::together(&words, &weights);
        let phrases = choose(join(text, &words, &weights), most);
        let phrase = |chosen: choose::Candidate<'_>| Phrase {
            text: text[chosen.range].to_owned(),
            weight: chosen.weight,
        };
        Self {
            phrases: phrases.into_iter().map(phrase).collect(),
            by,
        }
    }

    /// The phrases as one text that is searched for.
    pub fn to_query(&self) -> String {
        let texts: Vec<_> = self.phrases.iter().map(|one| one.text.as_str()).collect();
        texts.join(", ")
    }
}
