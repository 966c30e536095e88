//! Whether the stream is open, and since when nothing could be heard.

use std::time::Duration;

use shared::cxone::stream::LASTED;
use tokio::time::Instant;

/// How it stands.
#[derive(Clone, Copy)]
pub(crate) enum Hearing {
    /// Something came.
    Open,
    /// It was opened then, and nothing came yet: one that is closed at once again was no hearing, and before, nothing could be heard since
    /// `deaf_since`.
    Opened { at: Instant, deaf_since: Instant },
    /// Nothing can be heard since then.
    Closed(Instant),
}

impl Default for Hearing {
    fn default() -> Self {
        Self::Closed(Instant::now())
    }
}

impl Hearing {
    /// The stream was opened.
    pub(crate) fn open(self, now: Instant) -> Self {
        match self {
            Self::Closed(deaf_since) => Self::Opened {
                at: now,
                deaf_since,
            },
            open => open,
        }
    }

    /// It was lost, or a try to open it failed.
    pub(crate) fn close(self, now: Instant) -> Self {
        match self {
            Self::Opened { at, deaf_since } if now - at < LASTED => Self::Closed(deaf_since),
            Self::Open | Self::Opened { .. } => Self::Closed(now),
            closed @ Self::Closed(_) => closed,
        }
    }

    pub(crate) fn is_open(self) -> bool {
        !matches!(self, Self::Closed(_))
    }

    /// Whether something came, or the stream lasts.
    pub(crate) fn hears(self, now: Instant) -> bool {
        match self {
            Self::Open => true,
            Self::Opened { at, .. } => now - at >= LASTED,
            Self::Closed(_) => false,
        }
    }

    /// Whether it is not, and nothing could be heard for longer than this.
    pub(crate) fn is_deaf_for(self, span: Duration, now: Instant) -> bool {
        match self {
            Self::Open | Self::Opened { .. } => false,
            Self::Closed(since) => now - since > span,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn who_is_let_in_and_sent_away_at_once_is_deaf() {
        let begun = Instant::now();
        let mut hearing = Hearing::Closed(begun);
        let mut now = begun;
        for _ in 0..7 {
            now += 9 * SECOND;
            hearing = hearing.open(now);
            assert!(hearing.is_open() && !hearing.is_deaf_for(MINUTE, now));
            assert!(!hearing.hears(now), "it was only let in");
            now += SECOND;
            hearing = hearing.close(now);
        }
        assert!(hearing.is_deaf_for(MINUTE, now));
    }

    #[test]
    fn a_word_is_hearing_and_so_is_a_connection_that_lasts() {
        let begun = Instant::now();
        let now = begun + 5 * MINUTE;
        let opened = Hearing::Closed(begun).open(now);
        for (hearing, closed) in [(Hearing::Open, now), (opened, now + LASTED)] {
            assert!(hearing.hears(closed));
            let hearing = hearing.open(now).close(closed);
            assert!(!hearing.is_open() && !hearing.is_deaf_for(MINUTE, closed));
            // Each try that fails says so again.
            let later = closed + 2 * MINUTE;
            assert!(hearing.close(later).is_deaf_for(MINUTE, later));
        }
    }
}
