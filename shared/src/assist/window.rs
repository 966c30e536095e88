//! What was said last.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

/// So many words are about half a minute of talk.
const WORDS: usize = 60;
/// No window has more bytes, whatever counts as a word in it.
const BYTES: usize = 2_000;

/// The last utterances of an interaction, as many as have about sixty words together. What callers say is personal: whoever stores a
/// window removes it with the interaction.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Window(VecDeque<String>);

impl Window {
    /// Adds what was said now, and forgets what was said too long ago. Of an utterance that is too long alone its end stays.
    pub fn push(&mut self, utterance: &str) {
        let utterance = utterance.trim();
        if utterance.is_empty() {
            return;
        }
        let kept = last_words(utterance);
        if kept.len() < utterance.len() {
            self.0.clear();
        }
        self.0.push_back(kept.to_owned());
        while self.0.len() > 1 && self.is_too_long() {
            self.0.pop_front();
        }
    }

    /// All of it, as one text.
    pub fn text(&self) -> String {
        self.0
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// What was said last. Small talk before it pulls the vector of a whole window away from what is asked: by the questions of
    /// `tests/evaluation/tests/phrases.rs` both legs together rank with an nDCG@10 of 0.803 where the vector is of the question alone, and
    /// of 0.622 where it is of the window.
    pub fn latest(&self) -> &str {
        self.0.back().map_or("", String::as_str)
    }

    fn is_too_long(&self) -> bool {
        let words: usize = self.0.iter().map(|one| one.unicode_words().count()).sum();
        let bytes: usize = self.0.iter().map(|one| one.len() + 1).sum();
        words > WORDS || bytes > BYTES
    }
}

/// The end of a text, from the beginning of a word or at least of a letter.
fn last_words(text: &str) -> &str {
    let mut words = text.unicode_word_indices().rev();
    let first = words.nth(WORDS - 1).map_or(0, |(at, _)| at);
    let text = &text[first..];
    let from = text.len().saturating_sub(BYTES - 1);
    let starts_late = |(at, _): &(usize, &str)| *at >= from;
    let word = text
        .unicode_word_indices()
        .find(starts_late)
        .filter(|_| from > 0);
    let letter = || {
        text.grapheme_indices(true)
            .find(starts_late)
            .map_or(text.len(), |(at, _)| at)
    };
    let start = if from == 0 {
        0
    } else {
        word.map_or_else(letter, |(at, _)| at)
    };
    &text[start..]
}
