//! The lease is kept while its holder works, also while nothing is written for long, as when vectors are waited for. Else another worker
//! would begin the same anew, and pay for it again.

use shared::db::knowledge_sync::{self, Lease};
use shared::error::{Error, Kind};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::app::App;

/// A beat comes so often while the lease lasts: two may fail, and the third is still in time.
const BEATS: u32 = 4;
/// A beat that takes a longer part of the lease has failed. Who waits for a connection might wait for longer than the lease lasts.
const PATIENCE: u32 = 6;

/// Works for as long as the lease is held. Whoever loses it stops at once: the rest is another's.
pub(crate) async fn held<T>(
    app: &App,
    lease: &Lease,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        outcome = work => outcome,
        lost = beat(app, lease) => Err(lost),
    }
}

/// Prolongs the lease until it is lost. What passes is no loss: while nobody else takes it, the lease can be prolonged.
async fn beat(app: &App, lease: &Lease) -> Error {
    let mut beats = interval(app.lease / BEATS);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first one is at once, and the lease was just taken.
    beats.tick().await;
    loop {
        beats.tick().await;
        let prolonged = knowledge_sync::prolong(&app.database, lease);
        let prolonged = timeout(app.lease / PATIENCE, prolonged).await;
        match prolonged.unwrap_or_else(|late| Err(Error::transient("the lease", late))) {
            Ok(()) => {}
            Err(error) if error.kind() == Kind::Conflict => return error,
            Err(error) => tracing::warn!(
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "the lease was not prolonged; it is tried again"
            ),
        }
    }
}
