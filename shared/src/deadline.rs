//! How long a function may still work, by the deadline that the runtime gave it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A deadline before this is no instant: emulators of the runtime send the milliseconds that are left.
const FIRST_INSTANT_MS: u64 = 1_000_000_000_000;

/// What is left until `deadline_ms`, milliseconds since 1970. A deadline that has passed leaves nothing.
pub fn time_left(deadline_ms: u64, now: SystemTime) -> Duration {
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
}
