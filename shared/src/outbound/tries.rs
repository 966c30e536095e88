//! How often a request was tried, and whether another try fits.

use std::time::Duration;

use tokio::time::Instant;

use super::Peer;
use crate::error::{Error, Source};

/// Who is told to wait for longer hands the work back.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// Who waited for the same instant does not start at the same instant.
const SPREAD: Duration = Duration::from_millis(100);

/// The tries of one request.
pub(crate) struct Tries<'a> {
    peer: &'a Peer,
    until: Instant,
    failures: u32,
}

impl<'a> Tries<'a> {
    pub(crate) fn new(peer: &'a Peer, until: Instant) -> Self {
        Self {
            peer,
            until,
            failures: 0,
        }
    }

    /// Counts a failure, and says how long to wait after it. Who is told not to wait at all is believed once.
    pub(crate) fn failed(&mut self, told: Option<Duration>) -> Duration {
        self.failures += 1;
        told.filter(|told| self.failures == 1 || !told.is_zero())
            .unwrap_or_else(|| {
                let backoff = self.peer.pace.backoff;
                backoff.pause(self.failures - 1, fastrand::f64())
            })
    }

    /// Others were let through meanwhile: the service works, and this request only waits its turn.
    #[cfg(feature = "embedding")]
    pub(crate) fn is_overtaken(&mut self) {
        self.failures = 0;
    }

    /// Sleeps before another try, if there is to be one.
    pub(crate) async fn pause(&self, wait: Duration, cause: Source) -> Result<(), Error> {
        if self.failures >= self.peer.pace.tries {
            return Err(self.later(wait, cause));
        }
        self.sleep(wait, cause).await
    }

    /// Sleeps if that leaves time for a request.
    pub(crate) async fn sleep(&self, wait: Duration, cause: Source) -> Result<(), Error> {
        let left = self.until.saturating_duration_since(Instant::now());
        let spare = left.checked_sub(self.peer.pace.margin);
        let Some(most) = spare.filter(|spare| wait <= *spare && wait <= LONGEST_WAIT) else {
            return Err(self.later(wait, cause));
        };
        if !wait.is_zero() {
            let spread = SPREAD.min(wait).mul_f64(fastrand::f64());
            tokio::time::sleep((wait + spread).min(most)).await;
        }
        Ok(())
    }

    fn later(&self, wait: Duration, cause: Source) -> Error {
        Error::Transient {
            what: self.peer.what,
            retry_after: wait,
            source: cause,
        }
    }
}
