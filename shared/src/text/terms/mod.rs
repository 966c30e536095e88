//! The terms by which a text is found, the same for what is stored and for what is asked.
//!
//! A text is spelled alike ([NFKC](https://unicode.org/reports/tr15/), small letters, one apostrophe), cut into words
//! ([UAX #29](https://unicode.org/reports/tr29/)), little words are left out, and the others go by their stem. Scripts that set no blanks
//! between words, and Hangul, go by pairs of neighbouring letters in every analysis: 設定を is 設定 and 定を. Terms that are stored are
//! only comparable with those of the same [`Analysis`] and the same [`Analysis::VERSION`].

mod analysis;
mod memory;
mod pieces;
mod rules;
mod spelling;
mod stop_words;
#[cfg(test)]
mod tests;

use std::ops::Range;

use rustc_hash::{FxBuildHasher, FxHashMap};

pub use analysis::Analysis;
use pieces::split;
use rules::Rules;
use spelling::{spell, spell_with_places};

/// What a text consists of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Each term and how often it stands there, in the order of the terms' bytes.
    pub counts: Vec<(Box<str>, u32)>,
    /// How many terms there are, repeats included.
    pub length: u32,
}

/// Texts have about one different word for so many bytes: not exact, it only spares growing.
const BYTES_PER_PIECE: usize = 8;

/// The terms of a text. There may be none: of blanks, of symbols, of little words alone.
pub fn count_terms(text: &str, analysis: Analysis) -> Terms {
    let spelled = spell(text, analysis);
    let room = text.len() / BYTES_PER_PIECE;
    let mut pieces = FxHashMap::<_, u32>::with_capacity_and_hasher(room, FxBuildHasher);
    split(&spelled, |_, piece| *pieces.entry(piece).or_default() += 1);
    let rules = Rules::of(analysis);
    // Each word is stemmed once, however often the text says it.
    let term = |(piece, count)| Some((rules.term(piece)?, count));
    let mut counts: Vec<(Box<str>, u32)> = pieces.into_iter().filter_map(term).collect();
    counts.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    counts.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        kept.1 += u32::from(is_same) * next.1;
        is_same
    });
    // They are kept until a whole batch is stored.
    counts.shrink_to_fit();
    let length = counts.iter().map(|(_, count)| count).sum();
    Terms { counts, length }
}

/// Where in the text its terms stand, in bytes. Pairs of letters overlap.
pub fn term_spans(text: &str, analysis: Analysis) -> Vec<(Range<usize>, String)> {
    let (spelled, places) = spell_with_places(text, analysis);
    let rules = Rules::of(analysis);
    let mut spans = Vec::new();
    split(&spelled, |range, piece| {
        if let Some(term) = rules.term(piece) {
            spans.push((places.original(range), term.into()));
        }
    });
    spans
}
