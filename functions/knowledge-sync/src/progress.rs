//! How far a run has come: what its checkpoint holds, so that the next worker goes on.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use shared::db::knowledge_runs::Run;
use shared::error::Error;

use crate::walk::Walk;

/// Between two invocations that are counted lies so much: a little less than between two of the clock's.
const COUNTED_EVERY: SignedDuration = SignedDuration::from_mins(4);

/// A run's progress.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub(crate) walk: Walk,
    /// Which listing of the run this is; the second one only says what is really gone.
    pub(crate) pass: i16,
    /// Whether the listing, or both, have been read to their end.
    pub(crate) is_listed: bool,
    /// What the listing asks for. It stays what it was at the run's start.
    pub(crate) since: Option<Timestamp>,
    /// The latest change that was seen.
    pub(crate) newest: Option<Timestamp>,
    /// CXone's time at the start: what claims to be later is not believed.
    pub(crate) began: Option<Timestamp>,
    /// Whether something exists whose name could not be read. Then nothing can be said to be gone.
    pub(crate) has_nameless: bool,
    /// How often an invocation found that the listing never stands still.
    #[serde(default)]
    pub(crate) gave_up: u32,
    /// How many invocations in a row, this one included, worked on it and stored nothing. It is counted before they work, because one
    /// that dies over an article says nothing. Those that somebody woke meanwhile are not counted: what does not last is no reason to give up.
    #[serde(default)]
    pub(crate) fruitless: u32,
    /// How many were fruitless only because CXone did not answer.
    #[serde(default)]
    pub(crate) outages: u32,
    /// When one was counted last.
    #[serde(default)]
    pub(crate) counted_at: Option<Timestamp>,
    /// Whether its listing began anew because a part hid the rest.
    #[serde(default)]
    pub(crate) is_second_try: bool,
    #[serde(skip)]
    pub(crate) counts: Counts,
}

/// What a run did until now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Counts {
    /// Entries of pages, with those that came twice.
    pub(crate) listed: u64,
    pub(crate) unchanged: u64,
    pub(crate) added: u64,
    pub(crate) updated: u64,
    pub(crate) metadata: u64,
    pub(crate) left_out: u64,
    pub(crate) gone: u64,
    pub(crate) conflicts: u64,
    pub(crate) flawed: u64,
    pub(crate) failed: u64,
    /// Configured languages that articles for search do not have.
    pub(crate) missing_locales: u64,
    pub(crate) embedded: u64,
}

impl Progress {
    /// Where the run stands.
    pub(crate) fn of(run: &Run, since: Option<Timestamp>) -> Result<Self, Error> {
        let unreadable = |error| Error::Bug {
            what: "a checkpoint cannot be read",
            source: Some(Box::new(error)),
        };
        let counts = serde_json::from_str(run.counts.get()).map_err(unreadable)?;
        let Some(checkpoint) = &run.checkpoint else {
            return Ok(Self {
                since,
                counts,
                ..Self::default()
            });
        };
        let progress = serde_json::from_str(checkpoint.get()).map_err(unreadable)?;
        Ok(Self { counts, ..progress })
    }

    /// Counts an invocation that begins, if that is its turn; says whether it was.
    pub(crate) fn begin(&mut self, now: Timestamp) -> bool {
        // A clock that was set back is no reason never to count again.
        let is_soon = |at: &Timestamp| now.duration_since(*at).abs() < COUNTED_EVERY;
        if self.counted_at.as_ref().is_some_and(is_soon) {
            return false;
        }
        (self.fruitless, self.counted_at) = (self.fruitless + 1, Some(now));
        true
    }

    /// The invocation that was counted last met nobody at CXone.
    pub(crate) fn was_out(&mut self) {
        self.fruitless = self.fruitless.saturating_sub(1);
        self.outages += 1;
    }

    /// Something was stored.
    pub(crate) fn bears_fruit(&mut self) {
        (self.fruitless, self.outages, self.counted_at) = (0, 0, None);
    }

    /// What is known to be here when the run is over: nothing later than CXone's own clock, nothing at all if an article failed.
    pub(crate) fn watermark(&self) -> Option<Timestamp> {
        let newest = self.newest.filter(|_| self.counts.failed == 0)?;
        Some(self.began.map_or(newest, |began| newest.min(began)))
    }
}

impl Counts {
    /// What a page adds.
    pub(crate) fn add(&mut self, page: &Self) {
        self.listed += page.listed;
        self.unchanged += page.unchanged;
        self.added += page.added;
        self.updated += page.updated;
        self.metadata += page.metadata;
        self.left_out += page.left_out;
        self.gone += page.gone;
        self.conflicts += page.conflicts;
        self.flawed += page.flawed;
        self.failed += page.failed;
        self.missing_locales += page.missing_locales;
        self.embedded += page.embedded;
    }
}

/// As JSON. What is written here can always be written.
pub(crate) fn raw<T: Serialize>(value: &T) -> Result<Box<RawValue>, Error> {
    to_raw_value(value).map_err(|error| Error::Bug {
        what: "a report cannot be written",
        source: Some(Box::new(error)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invocations_are_counted_by_the_clock_however_many_there_are() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut progress = Progress::default();
        let counted: Vec<_> = [0, 1, 200, 239, 240, 300, 480, 100, -100]
            .into_iter()
            .filter(|second| progress.begin(at(*second)))
            .collect();
        assert_eq!(counted, [0, 240, 480, 100]);
        assert_eq!(progress.fruitless, 4);
        progress.was_out();
        assert_eq!((progress.fruitless, progress.outages), (3, 1));
        progress.bears_fruit();
        assert_eq!(progress, Progress::default());
        assert!(progress.begin(at(101)), "the next one is counted");
    }

    #[test]
    fn the_watermark_believes_no_date_in_the_future_and_waits_for_what_failed() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (early, late) = ("2026-01-15T10:00:00Z", "2099-01-01T00:00:00Z");
        for (newest, began, failed, expected) in [
            (at(early), at(late), 0, at(early)),
            (at(late), at(early), 0, at(early)),
            (at(early), None, 0, at(early)),
            (at(early), at(late), 1, None),
            (None, at(late), 0, None),
        ] {
            let counts = Counts {
                failed,
                ..Counts::default()
            };
            let progress = Progress {
                newest,
                began,
                counts,
                ..Progress::default()
            };
            assert_eq!(progress.watermark(), expected);
        }
    }
}
