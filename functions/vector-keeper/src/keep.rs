//! The use case: whoever has the lease of a model makes its next segment, and seals what is closed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use shared::db::embedding_models::ModelId;
use shared::db::vector_segments::{
    Lease, fetch_backlog, fetch_models, fetch_swap_wait, prepare_next, release, take_lease,
};
use shared::deadline::{earlier, in_time};
use shared::error::Error;
use shared::fail_point;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::app::App;
use crate::merge;
use crate::seal::{seal_all, seal_meanwhile};

/// Whoever has changed nothing for so long is taken for dead.
const LEASE: Duration = Duration::from_secs(90);

/// Kept back from the end, so that the lease is given up, and the next keeper need not wait for its end.
const RELEASING: Duration = Duration::from_secs(1);

/// Kept back from that, so that what is stopped when time is up takes itself back, and how long it took is learned. Were it dropped at the
/// same moment, nobody would know that it needs more time than there is, and the next keeper would begin it anew.
const ENDING: Duration = Duration::from_secs(5);

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
    /// How long the largest merge will take that was not begun, because it would not have ended in time; 0, if none waits. Nobody knows
    /// unless it was decided for every model that there is.
    merge_needs_s: Option<u64>,
    /// How long ago the oldest segment was begun that is built and has not taken the place of others yet, of all models; 0, if there is none.
    swap_waits_s: i64,
}

/// What an invocation did for a model.
#[derive(Debug, Default, Clone, Serialize)]
pub(crate) struct Line {
    model: i16,
    /// Whether another keeper was at it.
    is_busy: bool,
    /// Whether the next segment was missing, and was made.
    prepared: bool,
    /// The segments that were sealed; what several closed ones became is one of them.
    pub(crate) sealed: Vec<i32>,
    /// The segments that came of merging sealed ones.
    merged: Vec<i32>,
    /// How many segments went because several became one.
    pub(crate) replaced: usize,
    /// How long the merge will take that would not have ended in time; 0, if there is none. Nobody knows before that was decided.
    merge_needs_s: Option<u64>,
    /// Whether there is nothing more to be done for it now.
    #[serde(skip)]
    is_done: bool,
}

/// Keeps the segments of every model that is wanted, as far as the time allows. One that fails costs the others nothing.
pub(crate) async fn keep(app: &App, wanted: &Wanted, until: Instant) -> Result<Kept, Error> {
    let is_wanted = |model: &ModelId| match wanted {
        Wanted::All => true,
        Wanted::Models(numbers) => numbers.contains(&model.number()),
    };
    let models = fetch_models(&app.database).await?;
    let all = models.len();
    let mut keeping = Keeping::of(models.into_iter().filter(is_wanted));
    // What is closed makes every question slower; what could be merged only makes it no faster. So that comes after, of all models.
    keeping.do_step(app, Step::Seal, until).await;
    while keeping.is_going() {
        keeping.do_step(app, Step::Merge, until).await;
    }
    let backlog = fetch_backlog(&app.database).await?;
    let lines = keeping.lines.into_iter().map(|(_, line)| line);
    let lines: Vec<_> = lines.collect();
    let report = Report {
        merge_needs_s: largest_merge(&lines, all),
        models: lines,
        closed: backlog.closed,
        closed_age_s: backlog.oldest_s,
        swap_waits_s: fetch_swap_wait(&app.database).await?,
    };
    tracing::info!(
        ?report.models,
        segments.closed = report.closed,
        closed_age_s = report.closed_age_s,
        merge_needs_s = report.merge_needs_s,
        swap_waits_s = report.swap_waits_s,
        "kept segments"
    );
    Ok(Kept {
        report,
        failures: keeping.failures,
    })
}

/// What the alarm looks at. Whoever has not looked at all models must not say that nothing waits: it would silence who has.
fn largest_merge(lines: &[Line], models: usize) -> Option<u64> {
    let needs: Option<Vec<u64>> = lines.iter().map(|line| line.merge_needs_s).collect();
    let needs = needs.filter(|needs| needs.len() == models)?;
    Some(needs.into_iter().max().unwrap_or_default())
}

/// What is done for each model in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Everything that is closed is sealed.
    Seal,
    /// One turn of merging.
    Merge,
}

/// The models on their way.
struct Keeping {
    lines: Vec<(ModelId, Line)>,
    failures: Vec<(i16, Error)>,
}

impl Keeping {
    fn of(models: impl Iterator<Item = ModelId>) -> Self {
        let line = |model: ModelId| Line {
            model: model.number(),
            ..Line::default()
        };
        Self {
            lines: models.map(|model| (model, line(model))).collect(),
            failures: Vec::new(),
        }
    }

    fn is_going(&self) -> bool {
        self.lines.iter().any(|(_, line)| !line.is_done)
    }

    async fn do_step(&mut self, app: &App, step: Step, until: Instant) {
        let going = self.lines.iter_mut().filter(|(_, line)| !line.is_done);
        for (model, line) in going {
            let Err(error) = keep_model(app, *model, step, line, until).await else {
                continue;
            };
            tracing::error!(
                model.id = model.number(),
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "the segments of a model were not kept"
            );
            line.is_done = true;
            self.failures.push((model.number(), error));
        }
    }
}

async fn keep_model(
    app: &App,
    model: ModelId,
    step: Step,
    line: &mut Line,
    until: Instant,
) -> Result<(), Error> {
    let Some(lease) = take_lease(&app.database, model, LEASE).await? else {
        (line.is_busy, line.is_done) = (true, true);
        return Ok(());
    };
    fail_point::reach("keep.leased");
    let end = earlier(until, RELEASING);
    let until = earlier(end, ENDING);
    let work = async {
        match step {
            Step::Seal => {
                let prepared = prepare_next(&app.database, model).await;
                // What is closed waits for no other segment: the fresh one takes more than it should meanwhile.
                seal_all(app, &app.database, &lease, line, until).await?;
                line.prepared = prepared?;
                Ok(())
            }
            Step::Merge => merge_turn(app, &lease, line, until).await,
        }
    };
    let outcome = in_time(end, work).await;
    if let Err(error) = release(&app.database, lease).await {
        tracing::warn!(
            error = error.chain(),
            "the lease was not given up; it ends by itself"
        );
    }
    outcome
}

/// One turn of merging, which may take minutes. What is closed waits for none of it: it is sealed beside.
async fn merge_turn(
    app: &App,
    lease: &Lease,
    line: &mut Line,
    until: Instant,
) -> Result<(), Error> {
    line.merge_needs_s = None;
    let over = Notify::new();
    let merging = async {
        let turn = merge::turn(app, lease, until).await;
        over.notify_one();
        turn
    };
    let sealing = seal_meanwhile(app, lease, line, &over, until);
    // Neither is broken off for the other's sake: a graph that is half built would be begun again.
    let (turn, sealed) = tokio::join!(merging, sealing);
    let turn = turn?;
    line.replaced += turn.replaced;
    line.merged.extend(turn.target);
    line.merge_needs_s = turn.needs_s;
    line.is_done = turn.replaced == 0;
    sealed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_decided_for_every_model_is_not_told() {
        let line = |merge_needs_s| Line {
            merge_needs_s,
            ..Line::default()
        };
        for (needs, models, told) in [
            (&[][..], 0, Some(0)),
            (&[Some(0), Some(125)][..], 2, Some(125)),
            (&[Some(0), Some(0)][..], 2, Some(0)),
            (&[Some(0), None][..], 2, None),
            (&[Some(0)][..], 2, None),
        ] {
            let lines: Vec<_> = needs.iter().copied().map(line).collect();
            assert_eq!(largest_merge(&lines, models), told, "{needs:?} of {models}");
        }
    }
}
