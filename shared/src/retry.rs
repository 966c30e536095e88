//! When to try again: exponential, capped, with full jitter, so that those who failed together do not return together.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::error::Error;

/// A growing pause.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The most that the first pause lasts.
    pub first: Duration,
    /// The most that any pause lasts.
    pub most: Duration,
}

impl Backoff {
    /// The pause after `failures` failures in a row; `random` lies in 0..1.
    pub fn pause(self, failures: u32, random: f64) -> Duration {
        let ceiling = self
            .first
            .saturating_mul(2_u32.saturating_pow(failures))
            .min(self.most);
        ceiling.mul_f64(random.clamp(0.0, 1.0))
    }

    /// Sleeps for such a pause.
    pub async fn sleep(self, failures: u32) {
        tokio::time::sleep(self.pause(failures, fastrand::f64())).await;
    }
}

/// What the database fails at for a moment is written again: what was done is to be known as done.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);

/// Writes it down, also if the database fails for a moment. The answer to a commit may have been lost: what is written has to bear it
/// that it was written before.
pub async fn insist<T, F: Future<Output = Result<T, Error>>>(
    write: impl Fn() -> F,
) -> Result<T, Error> {
    let mut tries = 1;
    loop {
        match write().await {
            Err(Error::Transient { .. }) if tries < TRIES => tries += 1,
            written => return written,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Nobody waits longer, whatever was asked for.
const LONGEST: Duration = Duration::from_hours(24);

/// How long a `Retry-After` header asks to wait: seconds, or a date of HTTP. One that has passed asks for nothing; what cannot be
/// read is no answer.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = value.parse().map_or(LONGEST, Duration::from_secs);
        return Some(seconds.min(LONGEST));
    }
    let at = DateTimeParser::new().parse_timestamp(value).ok()?;
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or_default();
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: &str = "2026-01-15T10:30:00Z";

    #[test]
    fn seconds_and_dates_are_read_and_nothing_else() {
        let now = NOW.parse().unwrap();
        for (value, seconds) in [
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("120", Some(120)),
            ("86401", Some(86_400)),
            ("99999999999999999999999", Some(86_400)),
            ("Thu, 15 Jan 2099 10:30:05 GMT", Some(86_400)),
            ("Thu, 15 Jan 2026 10:30:05 GMT", Some(5)),
            ("Thu, 15 Jan 2026 10:29:00 GMT", Some(0)),
            ("Thu, 15 Jan 2026 12:30:00 +0200", Some(0)),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("Fri, 15 Jan 2026 10:30:05 GMT", None),
            ("2026-01-15T10:30:05Z", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                seconds.map(Duration::from_secs),
                "{value:?}"
            );
        }
    }

    /// That ten draws of 0 to 20 ms are less than 20 ms together happens once in millions of runs.
    #[tokio::test]
    async fn a_sleep_takes_its_time() {
        let pause = Duration::from_millis(20);
        let backoff = Backoff {
            first: pause,
            most: pause,
        };
        let started = std::time::Instant::now();
        for failures in 0..10 {
            backoff.sleep(failures).await;
        }
        assert!(started.elapsed() >= pause);
    }

    #[tokio::test]
    async fn only_what_may_pass_is_written_again_and_not_for_ever() {
        use std::cell::Cell;
        let transient = || Error::transient("the database", "it is away");
        for (failures, error, tries) in [
            (0, transient as fn() -> Error, 1),
            (2, transient, 3),
            (3, transient, 3),
            (1, || Error::NotFound, 1),
        ] {
            let tried = Cell::new(0);
            let written = insist(async || {
                tried.set(tried.get() + 1);
                if tried.get() > failures {
                    Ok(())
                } else {
                    Err(error())
                }
            })
            .await;
            assert_eq!(tried.get(), tries, "{failures}");
            assert_eq!(written.is_ok(), tries > failures, "{failures}");
        }
    }

    proptest! {
        #[test]
        fn pauses_grow_to_the_cap_and_never_beyond(failures in 0_u32..100, random in 0.0..1.0) {
            let backoff = Backoff { first: Duration::from_millis(200), most: Duration::from_secs(5) };
            let pause = backoff.pause(failures, random);
            prop_assert!(pause <= backoff.most);
            prop_assert!(pause <= backoff.pause(failures + 1, random));
            prop_assert!(pause <= backoff.pause(failures, 1.0));
            prop_assert_eq!(backoff.pause(0, 1.0), backoff.first);
        }

        #[test]
        fn a_date_says_what_its_seconds_would(seconds in 0_i64..1_000_000_000) {
            let now: Timestamp = NOW.parse().unwrap();
            let date = jiff::fmt::rfc2822::DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&(now + jiff::SignedDuration::from_secs(seconds)))
                .unwrap();
            prop_assert_eq!(retry_after(&date, now), retry_after(&seconds.to_string(), now));
        }

        #[test]
        fn no_header_panics(value in "\\PC{0,40}") {
            let _ = retry_after(&value, NOW.parse().unwrap());
        }
    }
}
