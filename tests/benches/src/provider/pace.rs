//! How much a provider takes: a bucket of requests that fills up evenly.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What an account may ask.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Requests a second.
    pub(crate) per_second: f64,
    /// Requests at once, after a rest.
    pub(crate) burst: f64,
}

/// What was asked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    /// Requests that were let through.
    pub(crate) admitted: u32,
    /// Requests that were told to wait.
    pub(crate) refused: u32,
    /// From the first to the last one that was let through.
    pub(crate) time: Duration,
}

/// Lets requests through at the pace.
pub(super) struct Gate {
    pace: Option<Pace>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tally: Tally,
    first: Option<Instant>,
    /// What may be asked at once, and since when that is known.
    left: Option<(f64, Instant)>,
}

impl Pace {
    /// How many requests it lets through in this time, the burst included.
    pub(crate) fn allows(&self, time: Duration) -> f64 {
        self.burst + self.per_second * time.as_secs_f64()
    }
}

impl Gate {
    pub(super) fn new(pace: Option<Pace>) -> Self {
        Self {
            pace,
            state: Mutex::default(),
        }
    }

    /// Lets a request through, or says how long the next one has to wait.
    pub(super) fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pace) = self.pace {
            let (left, since) = state.left.unwrap_or((pace.burst, now));
            let filled = left + pace.per_second * (now - since).as_secs_f64();
            let left = filled.min(pace.burst);
            if left < 1.0 {
                state.left = Some((left, now));
                state.tally.refused += 1;
                return Err(Duration::from_secs_f64((1.0 - left) / pace.per_second));
            }
            state.left = Some((left - 1.0, now));
        }
        state.tally.admitted += 1;
        state.tally.time = now - *state.first.get_or_insert(now);
        Ok(())
    }

    pub(super) fn tally(&self) -> Tally {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_the_pace_allows_and_all_of_it_to_who_keeps_asking() {
        let pace = Pace {
            per_second: 10.0,
            burst: 5.0,
        };
        let (gate, start) = (Gate::new(Some(pace)), Instant::now());
        for millisecond in 0..10_000 {
            let _ = gate.admit(start + Duration::from_millis(millisecond));
        }
        let tally = gate.tally();
        let share = f64::from(tally.admitted) / pace.allows(tally.time);
        assert!((0.97..=1.0).contains(&share), "{tally:?}");
        assert_eq!(tally.admitted + tally.refused, 10_000);
    }
}
