//! How long a function may still work, by the deadline that the runtime gave it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, timeout_at};

use crate::error::Error;

/// A deadline before this is no instant: emulators of the runtime send the milliseconds that are left.
const FIRST_INSTANT_MS: u64 = 1_000_000_000_000;

/// No function may work for longer, whatever its event says.
const LONGEST: Duration = Duration::from_hours(24);

/// Until when may be worked, by the runtime's `deadline_ms`, if so much is kept back for an answer.
pub fn until(deadline_ms: u64, spare: Duration) -> Instant {
    let time = time_left(deadline_ms, SystemTime::now()).min(LONGEST);
    Instant::now() + time.saturating_sub(spare)
}

/// Works until then at the longest. Who is late may be asked again.
pub async fn in_time<T>(
    until: Instant,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let outcome = timeout_at(until, work).await;
    outcome.unwrap_or_else(|late| Err(Error::transient("the work", late)))
}

/// An instant before another. The clock may have begun shortly before: then at once.
pub fn earlier(than: Instant, by: Duration) -> Instant {
    than.checked_sub(by).unwrap_or_else(Instant::now)
}

/// What is left until `deadline_ms`, milliseconds since 1970. A deadline that has passed leaves nothing.
fn time_left(deadline_ms: u64, now: SystemTime) -> Duration {
    let deadline = Duration::from_millis(deadline_ms);
    if deadline_ms < FIRST_INSTANT_MS {
        return deadline;
    }
    deadline.saturating_sub(now.duration_since(UNIX_EPOCH).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_spans_are_told_apart() {
        let now = UNIX_EPOCH + Duration::from_secs(1_768_473_001);
        for (deadline_ms, left_ms) in [
            (1_768_473_011_000, 10_000),
            (1_768_473_001_000, 0),
            (1_768_472_000_000, 0),
            (FIRST_INSTANT_MS, 0),
            (600_000, 600_000),
            (0, 0),
        ] {
            assert_eq!(
                time_left(deadline_ms, now),
                Duration::from_millis(left_ms),
                "{deadline_ms}"
            );
        }
        assert!(time_left(u64::MAX, now) > Duration::from_secs(1));
    }

    #[test]
    fn an_instant_before_the_clock_began_is_now() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        assert_eq!(earlier(now + second, second), now);
        let before_all = earlier(now, Duration::MAX);
        assert!(before_all >= now && before_all <= Instant::now());
    }

    #[tokio::test]
    async fn work_ends_in_time_whatever_the_deadline_says() {
        let spare = Duration::from_millis(500);
        let started = Instant::now();
        let late = in_time(until(600, spare), std::future::pending::<Result<(), _>>()).await;
        assert!(matches!(late, Err(Error::Transient { .. })), "{late:?}");
        assert!(started.elapsed() >= Duration::from_millis(99));
        assert!(until(100, spare) <= Instant::now());
        assert!(until(u64::MAX, spare) > Instant::now() + Duration::from_hours(1));
        let done = in_time(until(60_500, spare), async { Ok(7) }).await;
        assert_eq!(done.ok(), Some(7));
    }
}
