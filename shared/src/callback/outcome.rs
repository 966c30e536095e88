//! What an answer means for a callback, and whether there is to be another try. Pure.

use std::time::Duration;

use crate::db::callbacks::Outcome;
use crate::net_guard::Failure;
use crate::retry::Backoff;

/// No more tries than these, the first included.
const MOST_TRIES: u32 = 12;

/// No other try is planned for later than this after it was written.
const LIFETIME: Duration = Duration::from_hours(24);

/// Between tries.
const BACKOFF: Backoff = Backoff {
    first: Duration::from_secs(5),
    most: Duration::from_hours(1),
};

/// What a try met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Met {
    /// A status, and how long the server asks to wait.
    Status(u16, Option<Duration>),
    /// No answer.
    Failure(Failure),
}

/// Why it is not tried any more: whoever tried it for the last time died over it.
pub(super) fn exhausted(tries: u32) -> Option<Outcome> {
    let dead = || Outcome::Dead("what came of the last try was never known".to_owned());
    (tries > MOST_TRIES).then(dead)
}

impl Met {
    /// What follows from it. `tries` counts this one, `age` is how long ago the callback was written; `random` lies in 0..1.
    pub(super) fn judge(self, tries: u32, age: Duration, random: f64) -> Outcome {
        let told = match self {
            Self::Status(200..=299, _) => return Outcome::Delivered,
            Self::Status(408 | 425 | 429 | 500..=599, told) => told.unwrap_or_default(),
            Self::Status(300..=399, _) => return self.dead("; redirects are not followed"),
            Self::Failure(Failure::Refused(_)) | Self::Status(..) => return self.dead(""),
            Self::Failure(_) => Duration::ZERO,
        };
        if tries >= MOST_TRIES {
            return self.dead(&format!("; that was try {tries}, the last"));
        }
        let pause = BACKOFF.pause(tries.saturating_sub(1), random).max(told);
        if age.saturating_add(pause) > LIFETIME {
            return self.dead("; the next try would be after more than a day");
        }
        Outcome::Again(pause)
    }

    fn dead(self, why: &str) -> Outcome {
        Outcome::Dead(match self {
            Self::Status(status, _) => format!("answered {status}{why}"),
            Self::Failure(failure) => format!("{failure}{why}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net_guard::Refusal;
    use proptest::prelude::*;

    fn judge(met: Met, tries: u32) -> Outcome {
        met.judge(tries, Duration::from_mins(1), 1.0)
    }

    #[test]
    fn every_status_has_its_outcome() {
        for status in 100..=599 {
            let outcome = judge(Met::Status(status, None), 1);
            match status {
                200..=299 => assert_eq!(outcome, Outcome::Delivered, "{status}"),
                408 | 425 | 429 | 500..=599 => {
                    assert_eq!(outcome, Outcome::Again(BACKOFF.first), "{status}");
                }
                _ => assert!(matches!(outcome, Outcome::Dead(_)), "{status}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn what_is_not_called_is_dead_and_what_did_not_answer_is_not() {
        let refused = Met::Failure(Failure::Refused(Refusal::Inside));
        let reason = "it is not called: it leads to an address that is not public";
        assert_eq!(judge(refused, 1), Outcome::Dead(reason.to_owned()));
        for failure in [
            Failure::NoSuchHost,
            Failure::NotConnected,
            Failure::Certificate,
            Failure::TimedOut,
            Failure::Broken,
        ] {
            let outcome = judge(Met::Failure(failure), 3);
            assert_eq!(outcome, Outcome::Again(BACKOFF.first * 4), "{failure}");
        }
    }

    #[test]
    fn reasons_say_what_to_change() {
        for (met, tries, reason) in [
            (Met::Status(410, None), 1, "answered 410"),
            (
                Met::Status(307, None),
                1,
                "answered 307; redirects are not followed",
            ),
            (
                Met::Status(503, None),
                12,
                "answered 503; that was try 12, the last",
            ),
            (
                Met::Status(429, Some(Duration::MAX)),
                1,
                "answered 429; the next try would be after more than a day",
            ),
        ] {
            assert_eq!(judge(met, tries), Outcome::Dead(reason.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn pauses_keep_their_bounds(
            tries in 1_u32..20, age_s in 0_u64..200_000, told_s in proptest::option::of(0_u64..200_000), random in 0.0..1.0,
        ) {
            let (age, told) = (Duration::from_secs(age_s), told_s.map(Duration::from_secs));
            match Met::Status(429, told).judge(tries, age, random) {
                Outcome::Again(pause) => {
                    let told = told.unwrap_or_default();
                    prop_assert!(pause >= told && pause <= BACKOFF.most.max(told));
                    prop_assert!(tries < MOST_TRIES && age + pause <= LIFETIME);
                }
                Outcome::Dead(_) => {
                    let latest = BACKOFF.most.max(told.unwrap_or_default());
                    prop_assert!(tries >= MOST_TRIES || age + latest > LIFETIME);
                }
                Outcome::Delivered => prop_assert!(false, "429 is no success"),
            }
        }
    }
}
