//! Times of questions, round by round.

use std::time::Duration;

use crate::figure::Figure;

/// What the questions of each round took.
#[derive(Debug, Default)]
pub(super) struct Timing(Vec<Vec<Duration>>);

impl Timing {
    /// Adds a round.
    pub(super) fn add(&mut self, mut round: Vec<Duration>) {
        round.sort_unstable();
        self.0.push(round);
    }

    /// What so many of a hundred questions take at most: the median of the rounds, with the lowest and the highest.
    pub(super) fn percentile(&self, percent: usize) -> Option<Figure> {
        let each = self.0.iter().filter_map(|round| {
            let place = (round.len() * percent).div_ceil(100).max(1);
            round.get(place - 1).copied()
        });
        Figure::median(&each.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_median_of_those_of_the_rounds() {
        let mut timing = Timing::default();
        assert_eq!(timing.percentile(50), None);
        for most in [100, 300, 200] {
            timing.add((1..=most).rev().map(Duration::from_millis).collect());
        }
        let told = |percent| timing.percentile(percent).unwrap().to_string();
        assert_eq!(told(50), "100 ms (50.0 to 150)");
        assert_eq!(told(95), "190 ms (95.0 to 285)");
        assert_eq!(told(0), "1.00 ms (1.00 to 1.00)");
    }
}
