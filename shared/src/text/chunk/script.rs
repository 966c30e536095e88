//! The turns as they are shown, and how much of a chunk that takes.

use super::{Limits, Passage, Tokens, bytes_as_tokens, measure};
use crate::text::Turn;

/// All turns, each counted once.
pub(super) struct Script<'turns> {
    turns: &'turns [Turn],
    sizes: Vec<Size>,
    tokens: &'turns dyn Tokens,
    pub(super) limits: Limits,
}

/// What is known of a turn before anything is cut.
struct Size {
    tokens: usize,
    labelled: bool,
}

impl<'turns> Script<'turns> {
    /// Counts every turn. A label that would fill half of every chunk is left out where its turn is cut.
    pub(super) fn new(turns: &'turns [Turn], limits: Limits, tokens: &'turns dyn Tokens) -> Self {
        let size = |turn: &Turn| {
            let whole = measure(tokens, &line(Some(&turn.label), &turn.words));
            let label = || measure(tokens, &line(Some(&turn.label), ""));
            Size {
                tokens: whole,
                labelled: whole <= limits.tokens || label() <= limits.tokens / 2,
            }
        };
        Self {
            turns,
            sizes: turns.iter().map(size).collect(),
            tokens,
            limits,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.turns.len()
    }

    pub(super) fn words(&self, turn: usize) -> &'turns str {
        &self.turns[turn].words
    }

    /// What the whole turn takes of a chunk.
    pub(super) fn size(&self, turn: usize) -> usize {
        self.sizes[turn].tokens
    }

    /// Whether the whole turn fits in a chunk, so that it is never cut.
    pub(super) fn fits_whole(&self, turn: usize) -> bool {
        self.size(turn) <= self.limits.tokens
    }

    /// From now on this turn goes without its label; says whether it had one.
    pub(super) fn drop_label(&mut self, turn: usize) -> bool {
        std::mem::take(&mut self.sizes[turn].labelled)
    }

    pub(super) fn whole(&self, turn: usize) -> Passage {
        Passage {
            turn,
            words: 0..self.words(turn).len(),
            repeated: false,
        }
    }

    pub(super) fn is_whole(&self, passage: &Passage) -> bool {
        passage.words == (0..self.words(passage.turn).len())
    }

    /// One line per turn.
    pub(super) fn text(&self, passages: &[Passage]) -> String {
        let lines = passages
            .chunk_by(|one, next| one.turn == next.turn)
            .map(|line| self.line(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What these take of a chunk.
    pub(super) fn size_of(&self, passages: &[Passage]) -> usize {
        measure(self.tokens, &self.text(passages))
    }

    pub(super) fn fits(&self, passages: &[Passage]) -> bool {
        let text = self.text(passages);
        // What is far too long is not counted.
        bytes_as_tokens(&text) <= self.limits.tokens && self.count(&text) <= self.limits.tokens
    }

    /// The tokens of a text.
    pub(super) fn count(&self, text: &str) -> usize {
        self.tokens.count(text)
    }

    /// How many tokens these leave free.
    pub(super) fn room_beside(&self, passages: &[Passage]) -> usize {
        let taken = if passages.is_empty() {
            0
        } else {
            self.size_of(passages)
        };
        self.limits.tokens.saturating_sub(taken)
    }

    /// Passages of one turn that follow each other.
    fn line(&self, passages: &[Passage]) -> String {
        let (Some(first), Some(last)) = (passages.first(), passages.last()) else {
            return String::new();
        };
        let turn = &self.turns[first.turn];
        let label = self.sizes[first.turn]
            .labelled
            .then_some(turn.label.as_str());
        line(label, &turn.words[first.words.start..last.words.end])
    }
}

/// Every turn on a line of its own, with its label.
pub(super) fn whole_text(turns: &[Turn]) -> String {
    let lines = turns
        .iter()
        .map(|turn| line(Some(&turn.label), &turn.words));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(label: Option<&str>, words: &str) -> String {
    let words = words.trim();
    let label = label.filter(|label| !label.is_empty());
    label.map_or_else(|| words.to_owned(), |label| format!("{label}: {words}"))
}
