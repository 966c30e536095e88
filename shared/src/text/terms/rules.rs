//! What becomes of a word: a term, or nothing.

use std::borrow::Cow;

use frostem::Stemmer;
use rustc_hash::FxHashSet;

use super::Analysis;
use super::pieces::Piece;
use super::stop_words::stop_words;

/// No term has more letters.
const MOST_LETTERS: usize = 64;

const FRENCH: &[&str] = &[
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu",
];
const ITALIAN: &[&str] = &[
    "l", "un", "d", "c", "m", "t", "s", "v", "all", "dall", "dell", "nell", "sull", "coll", "gl",
    "agl", "dagl", "degl", "negl", "sugl", "quell", "quest",
];
const CATALAN: &[&str] = &["l", "d", "m", "n", "s", "t"];

/// The rules of an analysis.
pub(super) struct Rules {
    stemmer: Option<Stemmer>,
    stop_words: &'static FxHashSet<Box<str>>,
    /// What loses its vowel, and is written together with the next word.
    elided: &'static [&'static str],
    is_english: bool,
}

impl Rules {
    pub(super) fn of(analysis: Analysis) -> Self {
        Self {
            stemmer: analysis.stemmer().map(Stemmer::new),
            stop_words: stop_words(analysis),
            elided: match analysis {
                Analysis::French => FRENCH,
                Analysis::Italian => ITALIAN,
                Analysis::Catalan => CATALAN,
                _ => &[],
            },
            is_english: analysis == Analysis::English,
        }
    }

    /// The term that a piece of a text counts as; `None` for little words.
    pub(super) fn term<'text>(&self, piece: Piece<'text>) -> Option<Cow<'text, str>> {
        let word = match piece {
            Piece::Word(word) => word,
            Piece::Pair(pair) => return Some(Cow::Borrowed(pair)),
        };
        if self.stop_words.contains(word) {
            return None;
        }
        let bare = self.bare(cut(word));
        if bare.len() < word.len() && self.stop_words.contains(bare) {
            return None;
        }
        let term = match &self.stemmer {
            // Numbers and codes mean what they are.
            Some(stemmer) if !bare.contains(char::is_numeric) => stemmer.stem(bare),
            _ => Cow::Borrowed(bare),
        };
        let term = match term {
            Cow::Borrowed(term) => Cow::Borrowed(cut(term)),
            Cow::Owned(mut term) => {
                term.truncate(cut(&term).len());
                Cow::Owned(term)
            }
        };
        (!term.is_empty()).then_some(term)
    }

    /// The word without the other one that an apostrophe ties to it.
    fn bare<'text>(&self, word: &'text str) -> &'text str {
        match word.split_once('\'') {
            Some((word, "s")) if self.is_english => word,
            Some((before, word)) if !word.is_empty() && self.elided.contains(&before) => word,
            _ => word,
        }
    }
}

fn cut(word: &str) -> &str {
    let end = word.char_indices().nth(MOST_LETTERS);
    end.map_or(word, |(end, _)| &word[..end])
}
