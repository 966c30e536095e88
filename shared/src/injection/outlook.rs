//! When the turn of a post comes, going by what the tenant allows and by what was posted before.

use std::time::Duration;

use super::pace::{REMEMBERED, whole};

/// What holds up what waits. Each of the two limits does so by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// What is in the bucket.
    pub tokens: f64,
    /// What the bucket is given.
    pub per_second: f64,
    /// How many posts there may be in any hour.
    pub per_hour: f64,
    /// Posts that still count for the hour, the oldest first: in how many seconds they are forgotten, and how many they are.
    pub remembered: Vec<(f64, i64)>,
}

impl Outlook {
    /// For how long the post at this place among those that wait, counted from 1, waits for its turn, if each is posted as soon as it may be.
    pub fn wait(&self, place: i64) -> Duration {
        let in_hour = whole(self.per_hour).max(1);
        // Each hour has as many as the first one, at the same distances: what comes later waits for that many to be forgotten.
        let hours = (place - 1) / in_hour;
        let in_first = place - hours * in_hour;
        let turn = self
            .by_bucket(in_first)
            .max(self.by_hour(in_first, in_hour));
        let turn = turn + float(hours) * REMEMBERED.as_secs_f64();
        let seconds = turn.max(self.by_bucket(place));
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Seconds until the bucket was given enough for the post at this place.
    fn by_bucket(&self, place: i64) -> f64 {
        ((float(place) - self.tokens) / self.per_second).max(0.0)
    }

    /// Seconds until so much is forgotten that the post at this place, which is none after the first hour's last, is one of `in_hour`.
    fn by_hour(&self, place: i64, in_hour: i64) -> f64 {
        let posts: i64 = self.remembered.iter().map(|(_, posts)| posts).sum();
        let mut excess = posts + (place - in_hour);
        if excess <= 0 {
            return 0.0;
        }
        let last = self.remembered.iter().find(|(_, posts)| {
            excess -= posts;
            excess <= 0
        });
        last.map_or(0.0, |(seconds, _)| seconds.max(0.0))
    }
}

fn float(number: i64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
