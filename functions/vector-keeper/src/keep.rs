//! The use case: whoever has the lease of a model makes its next segment, and seals what is closed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use shared::db::embedding_models::ModelId;
use shared::db::vector_segments::{
    Lease, Sealing, drain, fetch_backlog, fetch_closed, fetch_models, prepare_next, release, seal,
    take_lease,
};
use shared::deadline::in_time;
use shared::error::Error;
use shared::fail_point;
use tokio::time::Instant;

use crate::app::App;
use crate::merge;

/// Whoever has changed nothing for so long is taken for dead.
const LEASE: Duration = Duration::from_secs(90);

/// Kept back from the end, so that the lease is given up, and the next keeper need not wait for its end.
const RELEASING: Duration = Duration::from_secs(1);

/// Between two tries at a segment that somebody else works on: the server cleans up, or a build goes on whose caller is gone.
const TRY_AGAIN: Duration = Duration::from_millis(500);

/// Whose segments are kept.
#[derive(Debug)]
pub(crate) enum Wanted {
    All,
    /// These models', by number.
    Models(BTreeSet<i16>),
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) report: Report,
    /// The models that failed.
    pub(crate) failures: Vec<(i16, Error)>,
}

/// What an invocation did.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    models: Vec<Line>,
    /// How many segments still wait, of all models.
    closed: i64,
    /// How long the oldest of them has waited.
    closed_age_s: i64,
}

/// What an invocation did for a model.
#[derive(Debug, Default, Serialize)]
struct Line {
    model: i16,
    /// Whether another keeper was at it.
    is_busy: bool,
    /// Whether the next segment was missing, and was made.
    prepared: bool,
    /// The segments that were sealed.
    sealed: Vec<i32>,
    /// The segments that came of merging, and how many went in all.
    merged: Vec<i32>,
    replaced: usize,
}

/// Keeps the segments of every model that is wanted, as far as the time allows. One that fails costs the others nothing.
pub(crate) async fn keep(app: &App, wanted: &Wanted, until: Instant) -> Result<Kept, Error> {
    let is_wanted = |model: &ModelId| match wanted {
        Wanted::All => true,
        Wanted::Models(numbers) => numbers.contains(&model.number()),
    };
    let models = fetch_models(&app.database).await?;
    let (mut lines, mut failures) = (Vec::new(), Vec::new());
    for model in models.into_iter().filter(is_wanted) {
        match keep_model(app, model, until).await {
            Ok(line) => lines.push(line),
            Err(error) => {
                tracing::error!(
                    model.id = model.number(),
                    error.kind = error.kind().as_str(),
                    error = error.chain(),
                    "the segments of a model were not kept"
                );
                failures.push((model.number(), error));
            }
        }
    }
    let backlog = fetch_backlog(&app.database).await?;
    let report = Report {
        models: lines,
        closed: backlog.closed,
        closed_age_s: backlog.oldest_s,
    };
    tracing::info!(
        ?report.models,
        segments.closed = report.closed,
        closed_age_s = report.closed_age_s,
        "kept segments"
    );
    Ok(Kept { report, failures })
}

async fn keep_model(app: &App, model: ModelId, until: Instant) -> Result<Line, Error> {
    let mut line = Line {
        model: model.number(),
        ..Line::default()
    };
    let Some(lease) = take_lease(&app.database, model, LEASE).await? else {
        line.is_busy = true;
        return Ok(line);
    };
    fail_point::reach("keep.leased");
    let stop = until.checked_sub(RELEASING).unwrap_or(until);
    let outcome = in_time(stop, work(app, &lease, &mut line, stop)).await;
    if let Err(error) = release(&app.database, lease).await {
        tracing::warn!(
            error = error.chain(),
            "the lease was not given up; it ends by itself"
        );
    }
    outcome.map(|()| line)
}

/// What the holder of the lease does, step by step.
async fn work(app: &App, lease: &Lease, line: &mut Line, until: Instant) -> Result<(), Error> {
    line.prepared = prepare_next(&app.database, lease.model()).await?;
    seal_all(app, lease, line, until).await?;
    // What is closed waits for nothing: between two merges it is looked after.
    while let Some(turn) = merge::turn(app, lease, until).await? {
        line.replaced += turn.replaced;
        line.merged.extend(turn.target);
        seal_all(app, lease, line, until).await?;
    }
    Ok(())
}

/// Seals what is closed, also what is closed meanwhile.
async fn seal_all(app: &App, lease: &Lease, line: &mut Line, until: Instant) -> Result<(), Error> {
    loop {
        let closed = fetch_closed(&app.database, lease.model()).await?;
        if closed.is_empty() {
            return Ok(());
        }
        if !drain(&app.database, until).await? {
            let cause = "somebody still writes into what was closed";
            return Err(Error::transient("the segments", cause));
        }
        fail_point::reach("keep.drained");
        for segment in closed {
            while seal(&app.database, lease, segment).await? == Sealing::Busy {
                tokio::time::sleep(TRY_AGAIN).await;
            }
            fail_point::reach("keep.sealed");
            tracing::info!(segment.id = segment.number(), "sealed");
            line.sealed.push(segment.number());
        }
    }
}
