//! Fills one chunk after the other. How much is counted stays in proportion to the text: every turn once, every chunk a few times.

use super::overlap::overlap;
use super::piece::{Ends, Piece, Rest, SLACK};
use super::script::Script;
use super::search::furthest;
use super::{Chunk, Passage};

/// The turns that are still to come.
pub(super) struct Cutter<'turns> {
    script: Script<'turns>,
    /// The next turn, and the next byte of its words.
    turn: usize,
    byte: usize,
    /// No turn from `turn` up to here must be cut.
    run_end: usize,
    /// Where the turn that was last cut can be cut.
    ends: Option<Ends>,
    last: Vec<Passage>,
}

impl<'turns> Cutter<'turns> {
    pub(super) fn new(script: Script<'turns>) -> Self {
        Self {
            script,
            turn: 0,
            byte: 0,
            run_end: 0,
            ends: None,
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
            self.add_turns(draft)
        } else {
            self.add_piece(draft)
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
        let fits = |count| script.fits(&with(count));
        let mut count = furthest(guess, run, guess / SLACK, fits);
        if !has_news(draft) {
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

    fn add_piece(&mut self, draft: &mut Vec<Passage>) -> bool {
        let is_current = |ends: &Ends| ends.turn() == self.turn;
        let ends = self
            .ends
            .take()
            .filter(is_current)
            .unwrap_or_else(|| Ends::of(&self.script, self.turn));
        let piece = Rest {
            script: &self.script,
            ends: &ends,
            start: self.byte,
        }
        .next_piece(draft);
        self.ends = Some(ends);
        match piece {
            Piece::Beside(end) => self.take(draft, end),
            _ if has_news(draft) => false,
            Piece::Alone(end) => {
                draft.clear();
                self.take(draft, end)
            }
            Piece::TooMuch(end) => {
                // First the label goes; where that does not help, the character goes alone.
                draft.clear();
                self.script.drop_label(self.turn) || self.take(draft, end)
            }
        }
    }

    fn take(&mut self, draft: &mut Vec<Passage>, end: usize) -> bool {
        draft.push(Passage {
            turn: self.turn,
            words: self.byte..end,
            repeated: false,
        });
        self.byte = end;
        let is_done = end == self.script.words(self.turn).len();
        if is_done {
            (self.turn, self.byte) = (self.turn + 1, 0);
        }
        is_done
    }
}

fn has_news(draft: &[Passage]) -> bool {
    draft.iter().any(|passage| !passage.repeated)
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
            tokens: self.script.count(&text),
            text,
            passages: draft,
        })
    }
}
