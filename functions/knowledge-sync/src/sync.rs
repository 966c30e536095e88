//! The use case: whoever has the lease brings the runs that wait as far as the time allows.

use std::time::Duration;

use jiff::SignedDuration;
use serde::Serialize;
use shared::db::knowledge_runs::{self, Ending, Run};
use shared::db::knowledge_sync::{self, Lease};
use shared::db::knowledge_vectors::{FEW, Graph, ensure_graph, ensure_graph_of};
use shared::deadline::earlier;
use shared::domain::{RunId, RunKind, RunState};
use shared::error::{Error, Kind};
use tokio::time::Instant;

use crate::app::App;
use crate::job::{Job, Reached};
use crate::lease;
use crate::links::{self, Tally};
use crate::mirror::{self, Copied};
use crate::progress::{Counts, Progress, raw};
use crate::tidy::{self, Swept};
use crate::words;

/// Whoever has not been heard of for so long is taken for dead.
pub(crate) const LEASE: Duration = Duration::from_secs(90);

/// Kept back from the end while the graph is built, for the answer.
const LEFT_OVER: Duration = Duration::from_secs(2);

/// What an invocation did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    /// Whether another worker was at it, which goes on with everything that waits.
    pub(crate) is_busy: bool,
    pub(crate) runs: Vec<Line>,
    pub(crate) links: Tally,
    pub(crate) swept: Swept,
    pub(crate) copied: Copied,
    /// Why the first of the runs that failed did.
    #[serde(skip)]
    pub(crate) failure: Option<Error>,
}

/// What an invocation did of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) id: RunId,
    pub(crate) kind: RunKind,
    pub(crate) state: RunState,
    #[serde(flatten)]
    pub(crate) counts: Counts,
}

/// How far a run was brought.
struct Advanced {
    reached: Reached,
    counts: Counts,
    /// Why it failed, if it did.
    failure: Option<Error>,
}

/// Works on the runs that wait, the one that was begun first. `kind` is a run that is due by the clock.
pub(crate) async fn sync(
    app: &App,
    kind: Option<RunKind>,
    until: Instant,
) -> Result<Report, Error> {
    if let Some(kind) = kind {
        knowledge_runs::schedule(&app.database, kind).await?;
    }
    let Some(lease) = knowledge_sync::take_lease(&app.database, app.lease).await? else {
        return Ok(Report {
            is_busy: true,
            ..Report::default()
        });
    };
    let all = Box::pin(do_all(app, &lease, kind, until));
    let outcome = lease::held(app, &lease, all).await;
    let released = knowledge_sync::release(&app.database, lease).await;
    if let Err(error) = released {
        tracing::warn!(
            error = error.chain(),
            "the lease was not given up; it ends by itself"
        );
    }
    // It needs no lease, and may take longer than one lasts.
    if outcome.as_ref().is_ok_and(|report| !report.runs.is_empty()) {
        build_graphs(app, until).await;
    }
    outcome
}

/// Everything that the lease is for.
async fn do_all(
    app: &App,
    lease: &Lease,
    kind: Option<RunKind>,
    until: Instant,
) -> Result<Report, Error> {
    let worked = work(app, lease, until).await;
    // Also after a run that failed: what was stored before can be copied.
    let copied = mirror::copy(app, until).await;
    let mut report = worked?;
    report.copied = copied;
    // Whoever was woken for a run leaves the links to the schedule.
    if kind == Some(RunKind::Incremental) {
        report.links = links::check(app, lease, until).await?;
    }
    if kind == Some(RunKind::Reconcile) {
        report.swept = tidy::tidy(app, lease, until).await?;
    }
    Ok(report)
}

/// Search finds the same without a graph, only slower: whatever goes wrong, the next run tries again. A build that takes too long is
/// finished by the server.
async fn build_graphs(app: &App, until: Instant) {
    match tokio::time::timeout_at(earlier(until, LEFT_OVER), ensure_graphs(app)).await {
        Ok(Ok(Graph::Built)) => tracing::info!("the graph over the vectors was built"),
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(
            error.kind = error.kind().as_str(),
            error = error.chain(),
            "the graph over the vectors was not built"
        ),
        Err(_) => tracing::warn!("the graph over the vectors is still being built"),
    }
}

/// That of the model which search reads comes first; the others have theirs before search is let read them.
async fn ensure_graphs(app: &App) -> Result<Graph, Error> {
    let mut reached = ensure_graph(&app.database, FEW).await?;
    for model in &app.models {
        let space = model.embedder.space();
        let id = model.id.get().await?;
        if ensure_graph_of(&app.database, id, space.dimensions, FEW).await? == Graph::Built {
            reached = Graph::Built;
        }
    }
    Ok(reached)
}

async fn work(app: &App, lease: &Lease, until: Instant) -> Result<Report, Error> {
    let mut report = Report::default();
    while Instant::now() < until {
        // Of the run before, or of the invocation before, which had no time left for it.
        words::tend(app, until).await;
        let Some(run) = knowledge_runs::next(&app.database, lease).await? else {
            break;
        };
        let advanced = advance(app, lease, &run, until).await?;
        let counts = advanced.counts;
        let state = match advanced.reached {
            Reached::End(state) => state,
            Reached::Deadline => RunState::Running,
        };
        tracing::info!(run.id = %run.id, run.kind = run.kind.as_str(), run.state = state.as_str(), ?counts, "worked on a run");
        report.runs.push(Line {
            id: run.id,
            kind: run.kind,
            state,
            counts,
        });
        report.failure = report.failure.or(advanced.failure);
        if advanced.reached == Reached::Deadline {
            break;
        }
    }
    Ok(report)
}

/// Brings a run as far as the time allows. One that nobody can go on with fails, because others wait for its end.
async fn advance(app: &App, lease: &Lease, run: &Run, until: Instant) -> Result<Advanced, Error> {
    let since = since(app, run.kind).await?;
    let progress = match Progress::of(run, since) {
        Ok(progress) => progress,
        Err(error) => {
            let counts = serde_json::from_str(run.counts.get()).unwrap_or_default();
            return fail(app, lease, run, counts, error).await;
        }
    };
    let mut job = Job {
        app,
        lease,
        run,
        progress,
        is_counted: false,
        until,
    };
    // Boxed, because the type of this future is too deep for the compiler otherwise.
    match Box::pin(job.work()).await {
        Err(error) if is_final(&error) || job.gives_up(&error).await? => {
            fail(app, lease, run, job.progress.counts, error).await
        }
        reached => Ok(Advanced {
            reached: reached?,
            counts: job.progress.counts,
            failure: None,
        }),
    }
}

/// What the listing of a run begins with.
pub(crate) async fn since(app: &App, kind: RunKind) -> Result<Option<jiff::Timestamp>, Error> {
    if kind != RunKind::Incremental {
        return Ok(None);
    }
    let watermark = knowledge_sync::fetch_watermark(&app.database).await?;
    let overlap = SignedDuration::from_secs(i64::from(app.overlap_seconds));
    Ok(watermark.and_then(|watermark| watermark.checked_sub(overlap).ok()))
}

/// What no second try mends without a person. Everything else is tried again from the checkpoint.
fn is_final(error: &Error) -> bool {
    matches!(
        error.kind(),
        Kind::Misconfigured | Kind::Bug | Kind::Invalid | Kind::TooLarge
    )
}

async fn fail(
    app: &App,
    lease: &Lease,
    run: &Run,
    counts: Counts,
    error: Error,
) -> Result<Advanced, Error> {
    tracing::error!(
        run.id = %run.id,
        error.kind = error.kind().as_str(),
        error = error.chain(),
        "the run failed"
    );
    let ending = Ending {
        state: RunState::Failed,
        counts: raw(&counts)?,
        error: Some(error.chain()),
        watermark: None,
    };
    knowledge_runs::finish(&app.database, lease, run.id, &ending).await?;
    Ok(Advanced {
        reached: Reached::End(RunState::Failed),
        counts,
        failure: Some(error),
    })
}
