//! The use case after sealing: few segments instead of many, and none that is mostly dead.

use std::time::Duration;

use shared::db::vector_segments::{Lease, Merged, SegmentId, discard, merge};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;
use crate::seal::sample;

/// A build is not begun with less than this: the next invocation has more.
const LEAST: Duration = Duration::from_secs(30);

/// What a turn did.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// How many segments went. None: there is nothing to do, or it is to be done later.
    pub(crate) replaced: usize,
    /// What took their place.
    pub(crate) target: Option<i32>,
    /// How long the merge takes that was not begun for want of time; 0, if none waits. Nobody knows where that was not decided.
    pub(crate) needs_s: Option<u64>,
}

/// One turn.
pub(crate) async fn turn(app: &App, lease: &Lease, until: Instant) -> Result<Turn, Error> {
    // What an earlier keeper left.
    discard(&app.database, lease).await?;
    if until.saturating_duration_since(Instant::now()) < LEAST {
        return Ok(Turn::default());
    }
    match merge(&app.database, lease, &app.merging, until).await? {
        Merged::Nothing => Ok(Turn {
            needs_s: Some(0),
            ..Turn::default()
        }),
        Merged::Later => {
            tracing::info!("segments are merged later: somebody is in the way, or time is up");
            Ok(Turn::default())
        }
        Merged::TooLarge(time) => {
            let needs_s = time.as_secs().max(1);
            tracing::warn!(needs_s, "a merge is too large for the time that is left");
            Ok(Turn {
                needs_s: Some(needs_s),
                ..Turn::default()
            })
        }
        Merged::Done { sources, target } => {
            if let Some(target) = target {
                sample(&app.database, lease, target).await;
            }
            let target = target.map(SegmentId::number);
            tracing::info!(
                segments.replaced = sources.len(),
                segment.id = target,
                "merged"
            );
            Ok(Turn {
                replaced: sources.len(),
                target,
                needs_s: Some(0),
            })
        }
    }
}
