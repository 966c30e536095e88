//! What an answer means for a callback, and whether there is to be another try. Pure.

use std::time::Duration;

use crate::db::callbacks::Outcome;
use crate::net_guard::Failure;
use crate::retry::Backoff;

/// No more tries than these, the first included.
const MOST_TRIES: u32 = 12;

/// Nothing is told after this.
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
