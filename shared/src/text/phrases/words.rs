//! The words of a text that say something, and what each of them weighs.

use std::ops::Range;

use rustc_hash::FxHashMap;
use unicode_segmentation::GraphemeCursor;

use super::Weighted;
use crate::text::terms::{Analysis, term_spans};

/// A word that is not one of the little ones; or two letters of a script that sets no blanks.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) range: Range<usize>,
    /// What it has in common with other forms of it.
    pub(super) term: String,
}

/// The words, in order. No letter as readers see it belongs to a word in part.
pub(super) fn of(text: &str, analysis: Analysis) -> Vec<Word> {
    let spans = term_spans(text, analysis).into_iter();
    let word = |(range, term)| Word {
        range: whole_letters(text, range),
        term,
    };
    spans
        .map(word)
        .filter(|word| !word.range.is_empty())
        .collect()
}

/// The range with the rest of the letters that it touches. An accent is a part of its letter.
fn whole_letters(text: &str, range: Range<usize>) -> Range<usize> {
    let bound = |place: usize, other: fn(&mut GraphemeCursor, &str) -> Option<usize>| {
        let mut cursor = GraphemeCursor::new(place, text.len(), true);
        match cursor.is_boundary(text, 0) {
            Ok(false) => other(&mut cursor, text).unwrap_or(place),
            _ => place,
        }
    };
    let before = |cursor: &mut GraphemeCursor, text: &str| cursor.prev_boundary(text, 0).ok()?;
    let after = |cursor: &mut GraphemeCursor, text: &str| cursor.next_boundary(text, 0).ok()?;
    bound(range.start, before)..bound(range.end, after)
}

/// What each word weighs: as much as its pieces. A piece that reaches beyond a word gives it the share that lies in it.
pub(super) fn weigh(words: &[Word], pieces: &[Weighted]) -> Vec<f32> {
    let weight = |word: &Word| {
        // Pieces stand in order, as words do, and there are a few hundred at most.
        let touching = pieces.iter().map(|piece| share(piece, &word.range));
        touching.sum()
    };
    words.iter().map(weight).collect()
}

#[expect(clippy::cast_precision_loss, reason = "pieces of words have few bytes")]
fn share(piece: &Weighted, word: &Range<usize>) -> f32 {
    let common = word
        .end
        .min(piece.range.end)
        .saturating_sub(word.start.max(piece.range.start));
    if common == 0 {
        return 0.0;
    }
    let weight = if piece.weight.is_finite() {
        piece.weight.max(0.0)
    } else {
        0.0
    };
    weight * common as f32 / piece.range.len() as f32
}

/// The weights of words that are forms of one: what it weighs wherever it stands, so that repeats count.
pub(super) fn together(words: &[Word], weights: &[f32]) -> Vec<f32> {
    let mut sums = FxHashMap::<&str, f32>::default();
    for (word, weight) in words.iter().zip(weights) {
        *sums.entry(&word.term).or_default() += weight;
    }
    let sum = |word: &Word| sums.get(word.term.as_str()).copied().unwrap_or_default();
    words.iter().map(sum).collect()
}
