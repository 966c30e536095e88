//! The provider's pace, as all calls of a client learn it from its refusals: see [`Rhythm`].

mod rhythm;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use rhythm::Rhythm;
pub(super) use rhythm::Turn;

/// What all calls of a client know of the provider's pace.
#[derive(Default)]
pub(super) struct Turns {
    rhythm: Mutex<Rhythm>,
    /// How many requests were let through.
    served: AtomicU64,
}

impl Turns {
    /// How many requests were let through.
    pub(super) fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    /// One more was.
    pub(super) fn serve(&self) {
        self.served.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes a turn, or says when to ask for one again.
    pub(super) fn take(&self) -> Result<Turn, Duration> {
        self.rhythm().take(Instant::now())
    }

    /// The provider had nothing left for this request.
    pub(super) fn refuse(&self, turn: Turn) {
        self.rhythm().refuse(turn, Instant::now());
    }

    /// Nobody asks before.
    pub(super) fn close(&self, until: Instant) {
        self.rhythm().close(until);
    }

    fn rhythm(&self) -> MutexGuard<'_, Rhythm> {
        self.rhythm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
