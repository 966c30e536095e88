//! Weights of words without a model.
//!
//! A word that stands in a long run of words without a little one among them says more (the degree of [RAKE](https://doi.org/10.1002/9780470689646.ch1)),
//! and so does one that is no everyday word by the look of it: with digits, or with a capital within a sentence.

use super::join::is_tied;
use super::words::Word;

/// How much more a word weighs that has digits …
const CODE: f32 = 4.0;
/// … or a capital.
const NAME: f32 = 2.5;

/// What each word weighs.
pub(super) fn weigh(text: &str, words: &[Word]) -> Vec<f32> {
    let mut weights = Vec::new();
    let is_run = |one: &Word, next: &Word| is_tied(text.get(one.range.end..next.range.start));
    for run in words.chunk_by(is_run) {
        let length = u16::try_from(run.len()).unwrap_or(u16::MAX);
        let degree = f32::from(length).sqrt();
        weights.extend(run.iter().map(|word| degree * look(text, word)));
    }
    weights
}

fn look(text: &str, word: &Word) -> f32 {
    let is_within = || !text[..word.range.start].trim_end().ends_with(ends_sentence);
    let written = &text[word.range.clone()];
    if written.contains(char::is_numeric) {
        CODE
    } else if written.starts_with(char::is_uppercase) && word.range.start > 0 && is_within() {
        NAME
    } else {
        1.0
    }
}

fn ends_sentence(letter: char) -> bool {
    matches!(letter, '.' | '!' | '?' | '…' | ':' | '\u{3002}' | '\u{61f}')
}
