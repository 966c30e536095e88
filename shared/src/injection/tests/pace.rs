//! No window of time holds more posts than the tenant allows, whoever asks how often; and hardly fewer, if somebody always asks.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use crate::injection::Pace;
use crate::injection::pace::{REMEMBERED, SLOT, Spent};

/// What the database remembers, by a clock of its own.
struct Memory {
    tokens: f64,
    at: f64,
    slots: BTreeMap<u64, i64>,
    /// When each post was made; only for the test.
    posts: Vec<f64>,
}

impl Memory {
    fn full() -> Self {
        Self {
            tokens: f64::INFINITY,
            at: 0.0,
            slots: BTreeMap::new(),
            posts: Vec::new(),
        }
    }

    /// After so many seconds, somebody posts as many as is allowed, up to `most`.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small numbers"
    )]
    fn post(&mut self, pace: Pace, seconds: f64, most: i64) -> i64 {
        let now = self.at + seconds;
        let is_remembered = |slot: u64| slot as f64 > now - REMEMBERED.as_secs_f64();
        self.slots.retain(|slot, _| is_remembered(*slot));
        let allowance = pace.allow(Spent {
            tokens: self.tokens,
            seconds,
            posts: self.slots.values().sum(),
        });
        let posts = allowance.posts.min(most);
        self.tokens = allowance.tokens - posts as f64;
        self.at = now;
        let slot = now as u64 / SLOT.as_secs() * SLOT.as_secs();
        *self.slots.entry(slot).or_default() += posts;
        self.posts.extend((0..posts).map(|_| now));
        posts
    }

    /// The most posts in any window of this length, its beginning excluded.
    fn most_within(&self, window: f64) -> usize {
        let mut first = 0;
        let within = self.posts.iter().enumerate().map(|(last, at)| {
            while self.posts.get(first).is_some_and(|it| *it <= at - window) {
                first += 1;
            }
            last + 1 - first
        });
        within.max().unwrap_or_default()
    }
}

fn pace() -> impl Strategy<Value = Pace> {
    (1.0..300.0_f64, 1.0..60.0_f64, 1.0..2_000.0_f64).prop_map(|(burst, per_minute, per_hour)| {
        Pace {
            burst,
            per_minute,
            per_hour,
        }
    })
}

proptest! {
    #[test]
    fn no_window_holds_more_than_is_allowed(
        pace in pace(),
        steps in prop::collection::vec((prop_oneof![0.0..2.0_f64, 0.0..90.0_f64, 0.0..4_000.0_f64], 1..300_i64), 1..400),
    ) {
        let mut memory = Memory::full();
        for (seconds, most) in steps {
            memory.post(pace, seconds, most);
        }
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let most = |window| memory.most_within(window) as f64;
        prop_assert!(most(3_600.0) <= pace.per_hour);
        for window in [1.0, 10.0, 60.0, 600.0, 3_600.0, 86_400.0] {
            let allowed = pace.burst.max(1.0) + window * pace.per_second();
            prop_assert!(most(window) <= allowed + 1e-6, "{} in {window} s", most(window));
        }
    }
}

proptest! {
    #[test]
    fn whoever_asks_each_minute_uses_hardly_less(pace in pace()) {
        prop_assume!(!pace.overflows_within(Duration::from_mins(1)));
        let mut memory = Memory::full();
        let hours = 12;
        let mut posted = 0;
        for _ in 0..hours * 60 {
            posted += memory.post(pace, 60.0, i64::MAX);
        }
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let posted = posted as f64;
        let hourly = (pace.per_minute * 60.0).min(pace.per_hour.floor());
        // An hour here is up to a minute longer, because that is how often somebody asks.
        let allowed = hourly * f64::from(hours) * 3_600.0 / 3_672.0;
        prop_assert!(posted >= 0.95 * allowed - 1.0, "{posted} of {allowed}");
    }
}

#[test]
fn the_first_hour_of_a_real_tenant_is_full_and_no_fuller() {
    let real = Pace {
        burst: 250.0,
        per_minute: 17.0,
        per_hour: 1_020.0,
    };
    let mut memory = Memory::full();
    assert_eq!(memory.post(real, 0.0, i64::MAX), 249);
    let rest: i64 = (1..60).map(|_| memory.post(real, 60.0, i64::MAX)).sum();
    assert_eq!(249 + rest, 1_020, "without the hour it would be 1252");
    assert_eq!(memory.post(real, 59.0, i64::MAX), 0);
    assert_eq!(
        memory.post(real, 14.0, i64::MAX),
        249,
        "they are an hour old"
    );
}

#[test]
fn an_hour_is_remembered_and_what_may_come_late() {
    assert_eq!(REMEMBERED, Duration::from_secs(3_600 + 10 + 2));
}

#[test]
fn what_cxone_gives_in_two_seconds_is_not_in_the_bucket() {
    let fast = Pace {
        burst: 10.0,
        per_minute: 120.0,
        per_hour: 100.0,
    };
    let allowance = fast.allow(Spent {
        tokens: 99.0,
        seconds: 0.0,
        posts: 0,
    });
    assert_eq!(allowance.posts, 6);
}

#[test]
fn only_what_time_fills_is_waited_for() {
    let slow = Pace {
        burst: 5.0,
        per_minute: 30.0,
        per_hour: 100.0,
    };
    let allow = |tokens, posts| {
        slow.allow(Spent {
            tokens,
            seconds: -7.0,
            posts,
        })
    };
    assert_eq!(allow(0.5, 99).wait, Some(Duration::from_secs(1)));
    assert_eq!(allow(0.5, 100).wait, None);
    assert_eq!(allow(1.0, 0).wait, None, "one is there");
    assert_eq!((allow(9.0, 99).wait, allow(9.0, 99).posts), (None, 1));
    assert_eq!(allow(9.0, 0).posts, 4, "no more than fits");
    assert!(slow.overflows_within(Duration::from_mins(1)));
    assert!(!slow.overflows_within(Duration::from_secs(6)));
}

/// The bucket holds 2.96 and is given 2.33 a minute. What is left of a post when the others went is lost where it is full before the minute is.
#[test]
fn a_bucket_in_which_a_part_of_a_post_is_left_is_full_sooner() {
    let small = Pace {
        burst: 3.04,
        per_minute: 2.33,
        per_hour: 1_000.0,
    };
    assert!(small.overflows_within(Duration::from_mins(1)));
    let mut memory = Memory::full();
    let posted: i64 = (0..100).map(|_| memory.post(small, 60.0, i64::MAX)).sum();
    assert!(posted < 210, "{posted} of 233: who goes home loses some");
}
