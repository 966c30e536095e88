//! How a turn that fits in no chunk is cut.

use std::cell::LazyCell;

use super::Passage;
use super::boundaries::{sentences, words};
use super::script::Script;
use super::search::furthest;

/// A chunk may stay one part in so many emptier than it could be; to find the very last word that fits takes twice the counting.
pub(super) const SLACK: usize = 32;

/// Where a turn can be cut.
pub(super) struct Ends {
    turn: usize,
    sentences: Vec<usize>,
    words: Vec<usize>,
}

/// What is left of a turn that must be cut.
pub(super) struct Rest<'cutter, 'turns> {
    pub(super) script: &'cutter Script<'turns>,
    pub(super) ends: &'cutter Ends,
    /// The first byte that is left.
    pub(super) start: usize,
}

/// How far the next piece goes.
pub(super) enum Piece {
    /// It has room beside what the chunk holds already.
    Beside(usize),
    /// It has room in a chunk of its own.
    Alone(usize),
    /// It is a single character, and even that is more than a chunk.
    TooMuch(usize),
}

/// How fine a cut is.
#[derive(Clone, Copy)]
enum Cut {
    Sentence,
    Word,
    Character,
}

impl Ends {
    pub(super) fn of(script: &Script<'_>, turn: usize) -> Self {
        let text = script.words(turn);
        Self {
            turn,
            sentences: sentences(text),
            words: words(text),
        }
    }

    pub(super) fn turn(&self) -> usize {
        self.turn
    }
}

impl Rest<'_, '_> {
    /// The next piece: whole sentences, if need be in a chunk of their own, else whole words, else characters.
    pub(super) fn next_piece(&self, draft: &[Passage]) -> Piece {
        let beside = self.reach(draft);
        let alone = LazyCell::new(|| {
            if draft.is_empty() {
                beside
            } else {
                self.reach(&[])
            }
        });
        for cut in [Cut::Sentence, Cut::Word, Cut::Character] {
            if let Some(end) = self.last_end(cut, draft, beside) {
                return Piece::Beside(end);
            }
            if let Some(end) = self.last_end(cut, &[], *alone) {
                return Piece::Alone(end);
            }
        }
        Piece::TooMuch(self.after_character(1))
    }

    /// The end of the character at this distance, with the blanks after it. What is taken is never blank.
    fn after_character(&self, distance: usize) -> usize {
        let words = self.words();
        let first = words.len() - words[self.start..].trim_start().len();
        let end = words.ceil_char_boundary(first + distance);
        words.len() - words[end..].trim_start().len()
    }

    fn until(&self, end: usize) -> Passage {
        Passage {
            turn: self.ends.turn,
            words: self.start..end,
            repeated: false,
        }
    }

    /// About how far the turn goes until the chunk is full, whatever is cut there.
    fn reach(&self, draft: &[Passage]) -> usize {
        let length = self.words().len();
        let room = self.script.room_beside(draft);
        let guess = length.saturating_mul(room) / self.script.size(self.ends.turn).max(1);
        let fits = |bytes| self.fits(draft, self.after_character(bytes));
        match furthest(guess, length - self.start, guess / SLACK, fits) {
            0 => self.start,
            bytes => self.after_character(bytes),
        }
    }

    /// The last place for such a cut within reach.
    fn last_end(&self, cut: Cut, draft: &[Passage], reach: usize) -> Option<usize> {
        let ends = match cut {
            Cut::Sentence => &self.ends.sentences,
            Cut::Word => &self.ends.words,
            Cut::Character => return Some(reach).filter(|reach| *reach > self.start),
        };
        let until = |byte: usize| ends.partition_point(|end| *end <= byte);
        let within = &ends[until(self.start)..until(reach)];
        within
            .iter()
            .rev()
            .copied()
            .find(|end| self.fits(draft, *end))
    }

    fn fits(&self, draft: &[Passage], end: usize) -> bool {
        let passages: Vec<_> = draft.iter().cloned().chain([self.until(end)]).collect();
        self.script.fits(&passages)
    }

    fn words(&self) -> &str {
        self.script.words(self.ends.turn)
    }
}
