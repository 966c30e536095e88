//! What becomes of a word: a term, or nothing.

use frostem::Stemmer;
use rustc_hash::FxHashSet;

use super::Analysis;
use super::memory::remember;
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
    analysis: Analysis,
    stemmer: Option<Stemmer>,
    stop_words: &'static FxHashSet<Box<str>>,
    /// What loses its vowel, and is written together with the next word.
    elided: &'static [&'static str],
    is_english: bool,
}

impl Rules {
    pub(super) fn of(analysis: Analysis) -> Self {
        Self {
            analysis,
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
    pub(super) fn term(&self, piece: Piece<'_>) -> Option<Box<str>> {
        match piece {
            Piece::Pair(pair) => Some(pair.into()),
            // Numbers and codes mean what they are, and seldom come again.
            Piece::Word(word) if word.contains(char::is_numeric) => {
                Some(cut(self.bare(word)).into())
            }
            Piece::Word(word) => remember(self.analysis, word, || self.stem(cut(word))),
        }
    }

    fn stem(&self, word: &str) -> Option<Box<str>> {
        let bare = self.bare(word);
        let is_little = |word| self.stop_words.contains(word);
        if is_little(word) || is_little(bare) {
            return None;
        }
        let stem = match &self.stemmer {
            Some(stemmer) => stemmer.stem(bare),
            None => bare.into(),
        };
        let stem = cut(&stem);
        (!stem.is_empty()).then(|| stem.into())
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
