//! The use case for what is closed: it is sealed, whatever else is built meanwhile. Where several wait, they become one.

use std::time::Duration;

use shared::db::Database;
use shared::db::vector_segments::{
    Lease, Merged, Sealing, SegmentId, choose_closed, drain, is_hindered, prolong, sample_recall,
    seal, seal_beside,
};
use shared::error::Error;
use shared::fail_point;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::app::App;
use crate::keep::Line;

/// Between two tries at a segment that somebody else works on: the server cleans up, or a build goes on whose caller is gone.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// For so long it is tried: less than the lease, which nobody prolongs meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

/// None is begun with less than this: whoever works at a graph is dropped soon after time is up, and then nobody knows of it.
const LEAST: Duration = Duration::from_secs(5);

/// While a merge is built, so often somebody looks whether a segment was closed, and keeps the lease.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Seals what is closed while something else is done that takes minutes, and keeps the lease.
pub(crate) async fn seal_meanwhile(
    app: &App,
    lease: &Lease,
    line: &mut Line,
    over: &Notify,
    until: Instant,
) -> Result<(), Error> {
    loop {
        tokio::select! {
            () = over.notified() => return Ok(()),
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
        prolong(&app.beside, lease).await?;
        seal_all(app, &app.beside, lease, line, until).await?;
    }
}

/// Seals what is closed, also what is closed meanwhile.
pub(crate) async fn seal_all(
    app: &App,
    database: &Database,
    lease: &Lease,
    line: &mut Line,
    until: Instant,
) -> Result<(), Error> {
    loop {
        // Each time anew: while one was sealed, enough may have been closed to come together.
        let closed = choose_closed(database, lease, &app.merging, until).await?;
        let Some(oldest) = closed.first() else {
            return Ok(());
        };
        if until.saturating_duration_since(Instant::now()) < LEAST {
            tell_later(*oldest);
            return Ok(());
        }
        if !drain(database, until).await? {
            let cause = "somebody still writes into what was closed";
            return Err(Error::transient("the segments", cause));
        }
        fail_point::reach("keep.drained");
        let Some(sealed) = seal_chosen(app, database, lease, &closed, until).await? else {
            tell_later(*oldest);
            return Ok(());
        };
        fail_point::reach("keep.sealed");
        tracing::info!(
            segment.id = sealed.segment.number(),
            segments.replaced = sealed.replaced,
            "sealed"
        );
        line.sealed.push(sealed.segment.number());
        line.replaced += sealed.replaced;
        sample(database, lease, sealed.segment).await;
    }
}

fn tell_later(segment: SegmentId) {
    tracing::info!(
        segment.id = segment.number(),
        "sealed later: somebody is in the way, or time is up"
    );
}

/// What is sealed now.
struct Sealed {
    segment: SegmentId,
    /// How many segments went for it: none, if it is the only one of its rows.
    replaced: usize,
}

/// What is sealed now; nothing, if it is to be done later.
async fn seal_chosen(
    app: &App,
    database: &Database,
    lease: &Lease,
    closed: &[SegmentId],
    until: Instant,
) -> Result<Option<Sealed>, Error> {
    if let [segment] = *closed
        && !is_hindered(database, segment).await?
    {
        let limit = until.min(Instant::now() + PATIENCE);
        while seal(database, lease, segment).await? == Sealing::Busy {
            if Instant::now() >= limit {
                return Ok(None);
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
        return Ok(Some(Sealed {
            segment,
            replaced: 0,
        }));
    }
    let merged = seal_beside(database, lease, closed, &app.merging, until).await?;
    let Merged::Done {
        sources,
        target: Some(segment),
    } = merged
    else {
        return Ok(None);
    };
    let replaced = match sources.len() {
        1 => 0,
        several => several,
    };
    Ok(Some(Sealed { segment, replaced }))
}

/// Tells how much is found of what lies nearest. It is good to know, and nothing waits for it.
pub(crate) async fn sample(database: &Database, lease: &Lease, segment: SegmentId) {
    match sample_recall(database, lease, segment).await {
        Ok(Some(recall)) => tracing::info!(segment.id = segment.number(), recall, "sampled"),
        Ok(None) => {}
        Err(error) => tracing::warn!(error = error.chain(), "how much is found is not known"),
    }
}
