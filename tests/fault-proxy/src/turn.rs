//! Where one connection stands between request and answer.

use std::sync::atomic::{AtomicU8, Ordering};

const QUIET: u8 = 0;
const ASKED: u8 = 1;
const LOSING: u8 = 2;

/// The state of a connection, shared by its two directions.
#[derive(Default)]
pub(crate) struct Turn(AtomicU8);

/// What to do with bytes of the upstream's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Forward,
    Lose,
}

impl Turn {
    /// The client sent bytes: does a turn begin?
    pub(crate) fn begins(&self) -> bool {
        let asked = self
            .0
            .compare_exchange(QUIET, ASKED, Ordering::Relaxed, Ordering::Relaxed);
        asked.is_ok()
    }

    /// The answer of this turn is to be lost.
    pub(crate) fn lose(&self) {
        self.0.store(LOSING, Ordering::Relaxed);
    }

    /// The upstream sent bytes: with them the turn is over.
    pub(crate) fn answer(&self) -> Answer {
        match self.0.swap(QUIET, Ordering::Relaxed) {
            LOSING => Answer::Lose,
            _ => Answer::Forward,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_lasts_until_the_upstream_answers() {
        let turn = Turn::default();
        assert!(turn.begins());
        assert!(!turn.begins(), "more of the same request");
        assert_eq!(turn.answer(), Answer::Forward);
        assert_eq!(turn.answer(), Answer::Forward, "more of the same answer");
        assert!(turn.begins());
        turn.lose();
        assert!(!turn.begins());
        assert_eq!(turn.answer(), Answer::Lose);
    }
}
