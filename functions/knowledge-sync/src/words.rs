//! The blocks of words are kept few where there is time for it; nothing fails for it. Not while pages are made ready: they would wait
//! for the connection.

use std::time::Duration;

use shared::db::words::{self, WordSpace};
use shared::deadline::{earlier, in_time};
use tokio::time::Instant;

use crate::app::App;

/// Kept back from the end: a fold that was begun takes less.
const FOLD: Duration = Duration::from_secs(5);

/// Tends the words of the articles.
pub(crate) async fn tend(app: &App, until: Instant) {
    let last = earlier(until, FOLD);
    let work = words::tend(&app.database, WordSpace::Knowledge, last);
    if let Err(error) = in_time(until, work).await {
        tracing::warn!(
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "words were not folded; the next invocation does it"
        );
    }
}
