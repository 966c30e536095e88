//! The blocks of words are kept few where there is time for it; nothing fails for it. Not while pages are made ready: they would wait
//! for the connection.

use std::time::Duration;

use shared::db::words::{self, WordSpace};
use shared::error::Error;
use tokio::time::{Instant, timeout_at};

use crate::app::App;

/// Kept back from the end: a fold that was begun takes less.
const FOLD: Duration = Duration::from_secs(5);

/// Tends the words of the articles.
pub(crate) async fn tend(app: &App, until: Instant) {
    let last = until.checked_sub(FOLD).unwrap_or(until);
    let work = words::tend(&app.database, WordSpace::Knowledge, last);
    let outcome = timeout_at(until, work).await;
    let outcome = outcome.unwrap_or_else(|late| Err(Error::transient("the fold", late)));
    if let Err(error) = outcome {
        tracing::warn!(
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "words were not folded; the next invocation does it"
        );
    }
}
