//! The use case after sealing: few segments instead of many, and none that is mostly dead.

use std::time::Duration;

use shared::db::vector_segments::{Lease, Merged, SegmentId, discard, merge};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// A build is not begun with less than this: it would break off, and the next invocation has more.
const LEAST: Duration = Duration::from_secs(30);

/// What a turn did.
pub(crate) struct Turn {
    /// How many segments went.
    pub(crate) replaced: usize,
    /// What took their place.
    pub(crate) target: Option<i32>,
}

/// One turn; nothing if there is nothing to do, or it is to be done later.
pub(crate) async fn turn(app: &App, lease: &Lease, until: Instant) -> Result<Option<Turn>, Error> {
    // What an earlier keeper left.
    discard(&app.database, lease).await?;
    if until.saturating_duration_since(Instant::now()) < LEAST {
        return Ok(None);
    }
    match merge(&app.database, lease, &app.merging, until).await? {
        Merged::Nothing => Ok(None),
        Merged::Later => {
            tracing::info!("segments are merged later: somebody is in the way, or time is up");
            Ok(None)
        }
        Merged::Done { sources, target } => {
            let target = target.map(SegmentId::number);
            tracing::info!(
                segments.replaced = sources.len(),
                segment.id = target,
                "merged"
            );
            let replaced = sources.len();
            Ok(Some(Turn { replaced, target }))
        }
    }
}
