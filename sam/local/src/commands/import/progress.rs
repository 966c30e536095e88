//! How far an import came: the lines up to which every one was answered. Lines are sent side by side, so answers come in any order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The lines up to which every one was answered. A later run begins behind them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Where the first line begins that may not have been answered.
    pub(super) offset: u64,
    /// The lines before it: accepted, refused and blank.
    pub(super) lines: u64,
    pub(super) accepted: u64,
    pub(super) refused: u64,
}

/// How a line was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepted,
    Refused(Refusal),
    Blank,
}

/// Why a line was refused; nothing of the line itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) line: u64,
    /// What the webhook answered; none for a line that could not even be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    pub(super) reasons: Vec<Reason>,
}

/// A broken rule: a JSON pointer, empty for the whole line, and what is expected there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::commands) struct Reason {
    pub(super) pointer: String,
    pub(super) detail: String,
}

/// What was answered: all up to a point, and some lines beyond it.
#[derive(Debug, Default)]
pub(super) struct Answered {
    progress: Progress,
    beyond: BTreeMap<u64, (u64, Outcome)>,
}

impl Answered {
    /// Goes on from there.
    pub(super) fn from(progress: Progress) -> Self {
        Self {
            progress,
            beyond: BTreeMap::new(),
        }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// How many lines were answered before an earlier one.
    pub(super) fn beyond(&self) -> usize {
        self.beyond.len()
    }

    /// Takes the answer to a line that ends at `end`; gives the refusals that the progress passed over with it, in their order.
    pub(super) fn complete(&mut self, number: u64, end: u64, outcome: Outcome) -> Vec<Refusal> {
        self.beyond.insert(number, (end, outcome));
        let mut refusals = Vec::new();
        while let Some((end, outcome)) = self.beyond.remove(&(self.progress.lines + 1)) {
            self.progress.lines += 1;
            self.progress.offset = end;
            match outcome {
                Outcome::Accepted => self.progress.accepted += 1,
                Outcome::Blank => {}
                Outcome::Refused(refusal) => {
                    self.progress.refused += 1;
                    refusals.push(refusal);
                }
            }
        }
        refusals
    }
}

impl Reason {
    pub(super) fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() {
            "it"
        } else {
            &self.pointer
        };
        write!(f, "{place} {}", self.detail)
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}:", self.line)?;
        if let Some(status) = self.status {
            write!(f, " {status}")?;
        }
        let mut separator = " ";
        for reason in &self.reasons {
            write!(f, "{separator}{reason}")?;
            separator = "; ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(line: u64) -> Refusal {
        Refusal {
            line,
            status: Some(400),
            reasons: vec![Reason::new("/event", "is required")],
        }
    }

    fn outcome(line: u64, kind: u8) -> Outcome {
        match kind {
            0 => Outcome::Accepted,
            1 => Outcome::Refused(refusal(line)),
            _ => Outcome::Blank,
        }
    }

    proptest! {
        /// Lines of ten bytes, answered in any order, some of them before an interruption.
        #[test]
        fn the_offset_never_passes_a_line_without_an_answer(
            kinds in proptest::collection::vec(0_u8..3, 0..40),
            order in any::<proptest::sample::Index>(),
            keys in proptest::collection::vec(any::<u32>(), 40),
            begin in 0_u64..5,
        ) {
            let start = Progress { offset: begin * 10, lines: begin, accepted: begin, refused: 0 };
            let mut lines: Vec<_> = kinds.iter().zip(begin + 1..).map(|(kind, line)| (line, *kind)).collect();
            lines.sort_by_key(|(line, _)| keys[usize::try_from(*line - begin - 1).unwrap()]);
            let answered_before_stop = if lines.is_empty() { 0 } else { order.index(lines.len()) + 1 };
            let (now, later) = lines.split_at(answered_before_stop);
            let mut answered = Answered::from(start);
            let mut refusals = Vec::new();
            for (line, kind) in now {
                refusals.extend(answered.complete(*line, line * 10, outcome(*line, *kind)));
                let done = answered.progress();
                prop_assert_eq!(done.offset, done.lines * 10);
            }
            let expected = later.iter().map(|(line, _)| line - 1).min().unwrap_or(begin + lines.len() as u64);
            let done = answered.progress();
            prop_assert_eq!(done.lines, expected, "exactly up to the first line without an answer");
            let of_kind = |wanted: u8| {
                lines.iter().filter(|(line, kind)| *line <= expected && *kind == wanted).count() as u64
            };
            prop_assert_eq!(done.accepted, begin + of_kind(0));
            prop_assert_eq!(done.refused, of_kind(1));
            prop_assert_eq!(answered.beyond() as u64, now.len() as u64 - (expected - begin));
            let numbers: Vec<_> = refusals.iter().map(|refusal| refusal.line).collect();
            prop_assert!(numbers.is_sorted() && numbers.len() as u64 == done.refused);
        }
    }

    #[test]
    fn a_refusal_reads_as_a_sentence() {
        assert_eq!(refusal(7).to_string(), "line 7: 400 /event is required");
        let mut other = refusal(8);
        other.status = None;
        other.reasons = vec![Reason::new("", "is not UTF-8"), Reason::new("/a", "b")];
        assert_eq!(other.to_string(), "line 8: it is not UTF-8; /a b");
    }
}
