//! How long models may be asked, and what is too much for that.

use std::time::Duration;

use tokio::time::Instant;

/// A client asks nothing more that could not be answered in time, so it may stop a little before the end.
const STOPS_BEFORE: Duration = Duration::from_secs(2);

/// The time for asking a model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time {
    /// When the last answer must be there.
    pub(crate) until: Instant,
    /// What takes longer by itself is not begun again and again: half of a run, so that what had a run almost to itself and was not
    /// finished counts among it for certain.
    most: Duration,
}

/// How a model was asked, and how much it answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) answered: usize,
    pub(crate) took: Duration,
}

impl Time {
    /// From now on.
    pub(crate) fn until(until: Instant) -> Self {
        Self::between(Instant::now(), until)
    }

    fn between(from: Instant, until: Instant) -> Self {
        Self {
            until,
            most: until.saturating_duration_since(from) / 2,
        }
    }

    /// What one of so many may take of the time that is left.
    pub(crate) fn part_of(self, number: usize) -> Self {
        self.part_at(Instant::now(), number)
    }

    fn part_at(self, now: Instant, number: usize) -> Self {
        let number = u32::try_from(number).unwrap_or(u32::MAX).max(1);
        Self {
            until: now + self.until.saturating_duration_since(now) / number,
            most: self.most / number,
        }
    }

    /// Whether the time was to blame for what has no answer, and not the model.
    pub(crate) fn ran_out(self, asked: Asked) -> bool {
        asked.answered > 0 && Instant::now() + STOPS_BEFORE >= self.until
    }

    /// Whether so many texts take too long at the pace of these answers.
    pub(crate) fn is_too_short_for(self, texts: usize, asked: Asked) -> bool {
        let needed = asked.took.as_millis() * texts as u128;
        needed > self.most.as_millis() * asked.answered as u128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Duration = Duration::from_mins(1);

    fn asked(answered: usize, seconds: u64) -> Asked {
        Asked {
            answered,
            took: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn what_takes_more_than_half_of_a_run_is_too_much() {
        let time = Time::until(Instant::now() + WHOLE);
        for (texts, answered, seconds, is_too_much) in [
            // Almost alone, and not finished.
            (2_000, 1_999, 58, true),
            (2_000, 1_999, 31, true),
            // Behind others that took the time.
            (100, 300, 58, false),
            (148, 300, 60, false),
            (151, 300, 60, true),
            // The model was asked late.
            (100, 90, 3, false),
        ] {
            let found = time.is_too_short_for(texts, asked(answered, seconds));
            assert_eq!(
                found, is_too_much,
                "{texts}, {answered} in {seconds} seconds"
            );
        }
    }

    #[test]
    fn the_parts_of_several_are_equal_and_end_together() {
        let start = Instant::now();
        let time = Time::between(start, start + WHOLE);
        let first = time.part_at(start, 2);
        assert_eq!(first.until, start + WHOLE / 2);
        assert!(first.is_too_short_for(40, asked(50, 20)));
        assert!(!time.is_too_short_for(40, asked(50, 20)));
        assert_eq!(time.part_at(first.until, 1).until, time.until);
        let late = time.until + WHOLE;
        assert_eq!(time.part_at(late, 3).until, late);
    }

    #[test]
    fn a_model_that_answers_nothing_or_stops_early_is_not_short_of_time() {
        let now = Instant::now();
        let over = Time::between(now, now);
        assert!(over.ran_out(asked(50, 60)));
        assert!(!over.ran_out(asked(0, 60)));
        assert!(!Time::between(now, now + WHOLE).ran_out(asked(50, 10)));
    }
}
