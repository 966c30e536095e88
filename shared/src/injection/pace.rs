//! How many posts a tenant allows: some at once, so many a minute, and no more than so many in any hour.

use std::time::Duration;

/// How many posts the tenant allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// At once, after a long pause.
    pub burst: f64,
    /// From then on.
    pub per_minute: f64,
    /// In any hour, whatever the two others give.
    pub per_hour: f64,
}

/// What was posted before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spent {
    /// What was left in the bucket when somebody looked last.
    pub tokens: f64,
    /// Seconds since then. Less than nothing where the clock was set back.
    pub seconds: f64,
    /// Posts of slots that are younger than [`REMEMBERED`].
    pub posts: i64,
}

/// What may be posted now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowance {
    /// What is in the bucket.
    pub tokens: f64,
    /// So many posts.
    pub posts: i64,
    /// When there is a post in the bucket, if only that is missing.
    pub wait: Option<Duration>,
}

/// What is claimed reaches CXone later, and some of it later than other. So the bucket here holds less than CXone's, by what that is given in
/// this time; and the hour here is longer.
const SLACK: Duration = Duration::from_secs(2);
/// Posts are remembered by slots of this length.
pub const SLOT: Duration = Duration::from_secs(10);
/// For so long a slot is remembered, counted from its beginning: what was posted at its end is an hour old by then.
pub const REMEMBERED: Duration = Duration::from_secs(60 * 60 + SLOT.as_secs() + SLACK.as_secs());

impl Pace {
    /// What the bucket is given.
    pub fn per_second(self) -> f64 {
        self.per_minute / 60.0
    }

    /// What the bucket holds.
    pub fn capacity(self) -> f64 {
        (self.burst - self.per_second() * SLACK.as_secs_f64()).max(1.0)
    }

    /// Whether the bucket may be full before this time is over: what it is given from then on is lost, unless somebody waits for it. Less than
    /// one post may be left in it at the beginning.
    pub fn overflows_within(self, time: Duration) -> bool {
        self.capacity() < self.per_second() * time.as_secs_f64() + 1.0
    }

    /// What may be posted after what was.
    pub fn allow(self, spent: Spent) -> Allowance {
        let given = spent.seconds.max(0.0) * self.per_second();
        let tokens = (spent.tokens + given).min(self.capacity());
        let in_bucket = whole(tokens);
        let in_hour = whole(self.per_hour) - spent.posts;
        let is_waiting = in_bucket < 1 && in_hour > 0;
        Allowance {
            tokens,
            posts: in_bucket.min(in_hour).max(0),
            wait: is_waiting.then(|| self.time_of(1.0 - tokens)),
        }
    }

    /// In which time the bucket is given so much.
    fn time_of(self, tokens: f64) -> Duration {
        let seconds = tokens / self.per_second();
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is too large for i64 becomes its largest, and that is enough"
)]
pub(super) fn whole(number: f64) -> i64 {
    number.floor() as i64
}
