//! The use case for what is closed: it gets its graph, whatever else is built meanwhile.

use std::time::Duration;

use shared::db::Database;
use shared::db::vector_segments::{
    Lease, Merged, Sealing, SegmentId, drain, fetch_closed, is_hindered, prolong, sample_recall,
    seal, seal_beside,
};
use shared::error::Error;
use shared::fail_point;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::app::App;

/// Between two tries at a segment that somebody else works on: the server cleans up, or a build goes on whose caller is gone.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// While a merge is built, so often somebody looks whether a segment was closed, and keeps the lease.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Seals what is closed while something else is done that takes minutes, and keeps the lease.
pub(crate) async fn seal_meanwhile(
    app: &App,
    lease: &Lease,
    sealed: &mut Vec<i32>,
    over: &Notify,
    until: Instant,
) -> Result<(), Error> {
    loop {
        tokio::select! {
            () = over.notified() => return Ok(()),
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
        prolong(&app.beside, lease).await?;
        seal_all(app, &app.beside, lease, sealed, until).await?;
    }
}

/// Seals what is closed, also what is closed meanwhile.
pub(crate) async fn seal_all(
    app: &App,
    database: &Database,
    lease: &Lease,
    sealed: &mut Vec<i32>,
    until: Instant,
) -> Result<(), Error> {
    loop {
        let closed = fetch_closed(database, lease.model()).await?;
        if closed.is_empty() {
            return Ok(());
        }
        if !drain(database, until).await? {
            let cause = "somebody still writes into what was closed";
            return Err(Error::transient("the segments", cause));
        }
        fail_point::reach("keep.drained");
        for segment in closed {
            let Some(number) = seal_one(app, database, lease, segment, until).await? else {
                tracing::info!(
                    segment.id = segment.number(),
                    "sealed later: somebody is in the way, or time is up"
                );
                return Ok(());
            };
            fail_point::reach("keep.sealed");
            tracing::info!(segment.id = number.number(), "sealed");
            sealed.push(number.number());
            sample(database, lease, number).await;
        }
    }
}

/// The number of what is sealed now; nothing, if it is to be done later.
async fn seal_one(
    app: &App,
    database: &Database,
    lease: &Lease,
    segment: SegmentId,
    until: Instant,
) -> Result<Option<SegmentId>, Error> {
    if is_hindered(database, segment).await? {
        let merged = seal_beside(database, lease, segment, &app.merging, until).await?;
        return Ok(match merged {
            Merged::Done { target, .. } => target,
            _ => None,
        });
    }
    while seal(database, lease, segment).await? == Sealing::Busy {
        tokio::time::sleep(TRY_AGAIN).await;
    }
    Ok(Some(segment))
}

/// Tells how well a graph finds. It is good to know, and nothing waits for it.
pub(crate) async fn sample(database: &Database, lease: &Lease, segment: SegmentId) {
    match sample_recall(database, lease, segment).await {
        Ok(Some(recall)) => tracing::info!(segment.id = segment.number(), recall, "sampled"),
        Ok(None) => {}
        Err(error) => tracing::warn!(error = error.chain(), "how well a graph finds is not known"),
    }
}
