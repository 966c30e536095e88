//! A text as the scanners see it: its digits in groups, the words that give digits a meaning, and what was found already.

use std::collections::BTreeMap;
use std::ops::Range;

use super::context::{Class, Mark, Words};
use super::digits::{Group, Reader};
use super::{Finding, Kind};

/// How far a word gives meaning to what follows: a question and the start of its answer.
const BEFORE: usize = 72;

/// How far a word gives meaning to what it follows: `… is my birthday`.
const AFTER: usize = 32;

/// A text, read once.
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    /// Groups of digits, in order. Tokens of an earlier masking and everything taken are closed groups.
    pub(super) groups: Vec<Group>,
    marks: Vec<Mark>,
    taken: BTreeMap<usize, (usize, Kind)>,
    tokens: Vec<Range<usize>>,
}

impl<'t> Page<'t> {
    /// Reads the text: one pass, word by word and digit by digit.
    pub(super) fn read(text: &'t str) -> Self {
        // Its bytes stand where they stood, so one copy serves all words that are ASCII.
        let small = text.to_ascii_lowercase();
        let mut words = Words::new(&small);
        let mut reader = Reader::new(text, &small);
        while let Some(word) = reader.next_word() {
            words.see(word);
        }
        let groups = reader.into_groups();
        let tokens = groups
            .iter()
            .filter(|group| group.closed)
            .map(|group| group.range.clone())
            .collect();
        Self {
            text,
            groups,
            marks: words.into_marks(),
            taken: BTreeMap::new(),
            tokens,
        }
    }

    /// Notes a finding, unless an earlier one stands there.
    pub(super) fn take(&mut self, kind: Kind, range: Range<usize>) {
        if !self.is_free(&range) {
            return;
        }
        let first = self
            .groups
            .partition_point(|group| group.range.end <= range.start);
        for group in &mut self.groups[first..] {
            if group.range.start >= range.end {
                break;
            }
            group.closed = true;
        }
        self.taken.insert(range.start, (range.end, kind));
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        let finding = |(start, (end, kind))| Finding {
            kind,
            range: start..end,
        };
        self.taken.into_iter().map(finding).collect()
    }

    fn is_free(&self, range: &Range<usize>) -> bool {
        let before = self.taken.range(..range.end).next_back();
        before.is_none_or(|(_, (end, _))| *end <= range.start)
    }

    /// Whether a word of class `own` speaks of `range`: the nearest before it that is of `own` or of `rivals` must be of `own`, or
    /// one follows closely.
    pub(super) fn is_about(&self, range: &Range<usize>, own: Class, rivals: Class) -> bool {
        match self.nearest_before(range.start, own | rivals) {
            Some(mark) if mark.class & own != 0 => true,
            Some(_) => false,
            None => self.follows(range.end, own),
        }
    }

    /// Whether the nearest word before `range` of either class says that it is something else.
    pub(super) fn is_otherwise(&self, range: &Range<usize>, own: Class, rivals: Class) -> bool {
        self.nearest_before(range.start, own | rivals)
            .is_some_and(|mark| mark.class & own == 0)
    }

    /// A word that names numbers names the next number only; and no word reaches across what was taken out of the text.
    fn nearest_before(&self, start: usize, classes: Class) -> Option<&Mark> {
        let from = self.barrier_before(start).max(start.saturating_sub(BEFORE));
        let behind = self.marks.partition_point(|mark| mark.range.end <= start);
        let near = self.marks[..behind]
            .iter()
            .rev()
            .take_while(|mark| mark.range.start >= from);
        near.filter(|mark| mark.class & classes != 0).find(|mark| {
            mark.class & super::context::REFERENCE == 0 || !self.has_digits(mark.range.end, start)
        })
    }

    fn follows(&self, end: usize, own: Class) -> bool {
        let first = self.marks.partition_point(|mark| mark.range.start < end);
        let near = |mark: &&Mark| mark.range.end <= end + AFTER;
        let mark = self.marks[first..]
            .iter()
            .take_while(near)
            .find(|mark| mark.class & own != 0);
        mark.is_some_and(|mark| {
            !self.has_digits(end, mark.range.start) && self.barrier_before(mark.range.start) <= end
        })
    }

    fn has_digits(&self, from: usize, to: usize) -> bool {
        let first = self
            .groups
            .partition_point(|group| group.range.start < from);
        self.groups
            .get(first)
            .is_some_and(|group| group.range.end <= to)
    }

    /// Where the last token or finding before `position` ends.
    fn barrier_before(&self, position: usize) -> usize {
        let found = self.taken.range(..position).next_back();
        let found = found.map_or(0, |(_, (end, _))| (*end).min(position));
        let tokens = self.tokens.partition_point(|token| token.end <= position);
        let token = tokens
            .checked_sub(1)
            .map_or(0, |last| self.tokens[last].end);
        found.max(token)
    }
}
