//! The lease is kept while its holder works, also while nothing is written for long, as when vectors are waited for. Else another worker
//! would begin the same anew, and pay for it again.

use shared::db::knowledge_sync::{self, Lease};
use shared::error::{Error, Kind};

use crate::app::App;

/// The lease is prolonged so often while it lasts: two beats may fail.
const BEATS: u32 = 3;

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
    loop {
        tokio::time::sleep(app.lease / BEATS).await;
        match knowledge_sync::prolong(&app.database, lease).await {
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
