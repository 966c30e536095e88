//! Whether two kinds of measurements have the same mean.

use std::time::Duration;

use super::check::Wrong;

/// Where dudect begins to speak of a leak.
pub(super) const LEAKS: f64 = 10.0;

/// The times of both places.
#[derive(Debug, Default)]
pub(super) struct Contest {
    longest: Duration,
    first: Moments,
    last: Moments,
}

/// Count, mean and variance, without the measurements (Welford).
#[derive(Debug, Default, Clone, Copy)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Contest {
    /// Takes the times of a round. Those of the first one only say which are too long, whatever was measured.
    pub(super) fn take(&mut self, is_first: bool, timed: &[(Wrong, Duration)]) {
        if is_first {
            let mut sorted: Vec<_> = timed.iter().map(|(_, time)| *time).collect();
            sorted.sort_unstable();
            // What is slower than nine of ten was interrupted.
            let place = sorted.len() * 9 / 10;
            self.longest = sorted.get(place).copied().unwrap_or(Duration::MAX);
            return;
        }
        for (wrong, time) in timed.iter().filter(|(_, time)| *time <= self.longest) {
            let nanoseconds = time.as_secs_f64() * 1e9;
            match wrong {
                Wrong::First => self.first.add(nanoseconds),
                Wrong::Last => self.last.add(nanoseconds),
            }
        }
    }

    /// The mean time, in nanoseconds.
    pub(super) fn mean(&self, wrong: Wrong) -> f64 {
        match wrong {
            Wrong::First => self.first.mean,
            Wrong::Last => self.last.mean,
        }
    }

    /// By how many standard errors the last byte is slower than the first.
    pub(super) fn t(&self) -> f64 {
        let error = self.first.error_squared() + self.last.error_squared();
        (self.last.mean - self.first.mean) / error.sqrt()
    }
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let from_old = value - self.mean;
        self.mean += from_old / self.count;
        self.squares += from_old * (value - self.mean);
    }

    fn error_squared(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_is_that_of_the_textbook() {
        let mut contest = Contest::default();
        let times = |wrong, all: &[u64]| -> Vec<_> {
            let times = all
                .iter()
                .map(|nanoseconds| Duration::from_nanos(*nanoseconds));
            times.map(|time| (wrong, time)).collect()
        };
        // The longest of the first round is where others end.
        contest.take(true, &times(Wrong::First, &[100, 101, 102]));
        contest.take(false, &times(Wrong::First, &[10, 20, 30, 102]));
        contest.take(false, &times(Wrong::Last, &[40, 50, 60, 103]));
        // Means 40.5 and 50; squares of the distances 5243 and 200, of 4 and of 3.
        assert!((contest.first.mean - 40.5).abs() < 1e-9);
        assert!(
            (contest.t() - 9.5 / (5_243.0_f64 / 3.0 / 4.0 + 200.0 / 2.0 / 3.0).sqrt()).abs() < 1e-9
        );
    }
}
