//! What is over is forgotten, and what nobody will know any more is counted as unknown.

use std::time::Duration;

use shared::db::cards::{self, Tidied};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// Kept back from the end, so that a step that was begun is finished.
const STEP_TIME: Duration = Duration::from_secs(5);
/// So many interactions are forgotten in one step.
const MOST: i64 = 10_000;

/// Step by step, until fewer than a step are left or time is short.
pub(crate) async fn tidy(app: &App, until: Instant) -> Result<Tidied, Error> {
    let mut tidied = cards::tidy(app.database(), MOST).await?;
    let mut step = tidied.removed;
    while step >= MOST.unsigned_abs() && Instant::now() + STEP_TIME < until {
        let more = cards::tidy(app.database(), MOST).await?;
        step = more.removed;
        tidied.removed += more.removed;
        tidied.doubtful += more.doubtful;
    }
    if tidied.doubtful > 0 {
        tracing::warn!(
            cards.unknown = tidied.doubtful,
            "of some cards nobody knows whether they were shown"
        );
    }
    Ok(tidied)
}
