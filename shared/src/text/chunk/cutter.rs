//! Fills one chunk after the other. How much is counted stays in proportion to the text: every turn once, every chunk a few times.

use std::cell::LazyCell;

use super::boundaries::{sentences, words};
use super::overlap::overlap;
use super::script::Script;
use super::search::furthest;
use super::{Chunk, Passage};

/// A chunk may stay one part in so many emptier than it could be; to find the very last word that fits takes twice the counting.
const SLACK: usize = 32;

/// The turns that are still to come.
pub(super) struct Cutter<'turns> {
    script: Script<'turns>,
    /// The next turn, and the next byte of its words.
    turn: usize,
    byte: usize,
    /// No turn from `turn` up to here must be cut.
    run_end: usize,
    ends: Ends,
    last: Vec<Passage>,
}

/// Where a turn can be cut.
#[derive(Default)]
struct Ends {
    turn: Option<usize>,
    sentences: Vec<usize>,
    words: Vec<usize>,
}

/// How fine a cut is.
#[derive(Clone, Copy)]
enum Cut {
    Sentence,
    Word,
    Character,
}

/// How far the next piece of a turn goes.
enum Piece {
    /// It has room beside what the chunk holds already.
    Beside(usize),
    /// It has room in a chunk of its own.
    Alone(usize),
}

impl<'turns> Cutter<'turns> {
    pub(super) fn new(script: Script<'turns>) -> Self {
        Self {
            script,
            turn: 0,
            byte: 0,
            run_end: 0,
            ends: Ends::default(),
            last: Vec::new(),
        }
    }

    fn next_is_whole(&self) -> bool {
        self.byte == 0 && self.turn < self.script.len() && self.script.fits_whole(self.turn)
    }

    /// Adds what comes next to the draft; says whether more may follow in the same chunk. A draft without news gets some, or loses
    /// something that stood in the way.
    fn extend(&mut self, draft: &mut Vec<Passage>) -> bool {
        if self.next_is_whole() {
            return self.add_turns(draft);
        }
        self.find_ends();
        match self.next_piece(draft) {
            Some(Piece::Beside(end)) => self.take(draft, end),
            _ if draft.iter().any(|passage| !passage.repeated) => false,
            Some(Piece::Alone(end)) => {
                draft.clear();
                self.take(draft, end)
            }
            None => self.take_character(draft),
        }
    }

    fn add_turns(&mut self, draft: &mut Vec<Passage>) -> bool {
        let run = self.run();
        let script = &self.script;
        let with = |count: usize| {
            let wholes = (self.turn..self.turn + count).map(|turn| script.whole(turn));
            draft.iter().cloned().chain(wholes).collect::<Vec<_>>()
        };
        let guess = self.turns_for(script.room_beside(draft));
        let mut count = furthest(guess, run, guess / SLACK, |count| script.fits(&with(count)));
        if draft.iter().all(|passage| passage.repeated) {
            // The overlap was chosen so that one turn has room beside it.
            count = count.max(1);
        }
        *draft = with(count);
        self.turn += count;
        count == run
    }

    /// How many turns follow that need not be cut.
    fn run(&mut self) -> usize {
        if self.run_end <= self.turn {
            let must_be_cut = |turn: &usize| !self.script.fits_whole(*turn);
            self.run_end = (self.turn..self.script.len())
                .find(must_be_cut)
                .unwrap_or(self.script.len());
        }
        self.run_end - self.turn
    }

    /// How many turns seem to have room in so many tokens.
    fn turns_for(&self, room: usize) -> usize {
        let sums = (self.turn..self.script.len()).scan(0_usize, |sum, turn| {
            *sum = sum.saturating_add(self.script.size(turn));
            Some(*sum)
        });
        sums.take_while(|sum| *sum <= room).count()
    }

    fn find_ends(&mut self) {
        if self.ends.turn != Some(self.turn) {
            let text = self.script.words(self.turn);
            self.ends = Ends {
                turn: Some(self.turn),
                sentences: sentences(text),
                words: words(text),
            };
        }
    }

    /// The next piece of a turn that must be cut: whole sentences, if need be in a chunk of their own, else whole words, else
    /// characters. `None` if even one character is too much.
    fn next_piece(&self, draft: &[Passage]) -> Option<Piece> {
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
                return Some(Piece::Beside(end));
            }
            if let Some(end) = self.last_end(cut, &[], *alone) {
                return Some(Piece::Alone(end));
            }
        }
        None
    }

    /// About how far the turn goes until the chunk is full, whatever is cut there.
    fn reach(&self, draft: &[Passage]) -> usize {
        let length = self.script.words(self.turn).len();
        let room = self.script.room_beside(draft);
        let guess = length.saturating_mul(room) / self.script.size(self.turn).max(1);
        let fits = |bytes| self.fits(draft, self.after_character(bytes));
        match furthest(guess, length - self.byte, guess / SLACK, fits) {
            0 => self.byte,
            bytes => self.after_character(bytes),
        }
    }

    /// The last place for such a cut within reach.
    fn last_end(&self, cut: Cut, draft: &[Passage], reach: usize) -> Option<usize> {
        let ends = match cut {
            Cut::Sentence => &self.ends.sentences,
            Cut::Word => &self.ends.words,
            Cut::Character => return Some(reach).filter(|reach| *reach > self.byte),
        };
        let until = |byte: usize| ends.partition_point(|end| *end <= byte);
        let within = &ends[until(self.byte)..until(reach)];
        within
            .iter()
            .rev()
            .copied()
            .find(|end| self.fits(draft, *end))
    }

    /// The end of the character at this distance, with the blanks after it. What is taken is never blank.
    fn after_character(&self, distance: usize) -> usize {
        let words = self.script.words(self.turn);
        let start = words.len() - words[self.byte..].trim_start().len();
        let end = words.ceil_char_boundary(start + distance);
        words.len() - words[end..].trim_start().len()
    }

    fn fits(&self, draft: &[Passage], end: usize) -> bool {
        let passages: Vec<_> = draft.iter().cloned().chain([self.piece(end)]).collect();
        self.script.fits(&passages)
    }

    fn piece(&self, end: usize) -> Passage {
        Passage {
            turn: self.turn,
            words: self.byte..end,
            repeated: false,
        }
    }

    fn take(&mut self, draft: &mut Vec<Passage>, end: usize) -> bool {
        draft.push(self.piece(end));
        self.byte = end;
        let is_done = end == self.script.words(self.turn).len();
        if is_done {
            (self.turn, self.byte) = (self.turn + 1, 0);
        }
        is_done
    }

    /// Even one character is too much: first the label goes, and where that does not help, the character goes alone.
    fn take_character(&mut self, draft: &mut Vec<Passage>) -> bool {
        draft.clear();
        self.script.drop_label(self.turn) || self.take(draft, self.after_character(1))
    }
}

impl Iterator for Cutter<'_> {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        if self.turn == self.script.len() {
            return None;
        }
        let next = self.next_is_whole().then(|| self.script.whole(self.turn));
        let mut draft = overlap(&self.script, &self.last, next.as_ref());
        while self.turn < self.script.len() && self.extend(&mut draft) {}
        self.last.clone_from(&draft);
        let text = self.script.text(&draft);
        Some(Chunk {
            tokens: self.script.count(&draft),
            text,
            passages: draft,
        })
    }
}
