//! Stored events are made into vectors of models that lack them, or under a new map. It stops before the deadline and goes on
//! where it stopped: what is done stands in the table `embedded`, and whoever is told the place need not look for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::db::conversation_events::{self, EventId};
use shared::db::conversations::{self, Prepared};
use shared::db::embedded::{self, Progress, Reading};
use shared::db::embedding_models::ModelId;
use shared::deadline::earlier;
use shared::domain::{EventName, Space};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::{App, Model, STORING};
use crate::page::{Rendered, log, render_page};
use crate::segments::Fills;
use crate::store::in_halves;
use crate::time::Time;
use crate::words::tend_model;

/// Events that are read, embedded and stored at once.
const PAGE: i64 = 50;
/// Kept back from the deadline, so that a page that was begun can be finished.
const PAGE_TIME: Duration = Duration::from_secs(8);
/// Kept back from the deadline when events are counted, so that the answer still goes out.
pub(crate) const ANSWER: Duration = Duration::from_secs(1);
/// A page has at most one of so many parts of the time that is left: what is too long for it keeps no page behind it waiting.
const PARTS: usize = 2;

/// Longer than this nobody waits for a count, which looks at every event. It is told as soon as there is time for it.
const COUNTING: Duration = Duration::from_secs(3);

/// How far every model is.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    models: Vec<Line>,
    /// Whether no event lacks any model; else invoke it again.
    finished: bool,
    /// Where the time ended, or the model's answers: the next run goes on there if it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Place>,
}

#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    space: Space,
    /// Nothing, if that could not be counted in time.
    #[serde(flatten)]
    progress: Option<Progress>,
    /// Events that could not be made into vectors this time, or not wholly.
    failed: usize,
}

/// A place among all events and models. Models come one after the other, the events of each by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The model's number in the database.
    model: i16,
    /// The last of its events that had its turn.
    event: Option<EventId>,
    /// What failed since the first event of the first model.
    failed: usize,
}

/// Fills every configured model, the first one first, from a place on.
pub(crate) async fn reembed(
    app: &App,
    after: Option<Place>,
    until: Instant,
) -> Result<Report, Error> {
    let readings = fetch_readings(app).await?;
    let mut ids = Vec::new();
    for model in &app.models {
        ids.push(model.id.get().await?);
    }
    // A model that is not configured any more is no place.
    let after = after.filter(|place| ids.iter().any(|id| id.number() == place.model));
    let mut pass = Pass::behind(after);
    let mut failed = Vec::new();
    for (model, id) in app.models.iter().zip(&ids) {
        failed.push(pass.fill(app, (model, *id), &readings, until).await?);
    }
    let mut lines = Vec::new();
    for ((model, id), failed) in app.models.iter().zip(ids).zip(failed) {
        let progress = count(app, id, &readings, until).await?;
        tracing::info!(
            done = progress.map(|counted| counted.done),
            left = progress.map(|counted| counted.left),
            failed,
            "re-embedded"
        );
        lines.push(Line {
            space: model.embedder.space().clone(),
            progress,
            failed,
        });
    }
    let counted: Vec<_> = lines.iter().map(|line| line.progress).collect();
    let finished = pass.is_finished(&counted);
    Ok(Report {
        models: lines,
        finished,
        after: pass.stopped.filter(|_| !finished),
    })
}

/// How far the model is, if that can be told before the answer has to go out.
async fn count(
    app: &App,
    model: ModelId,
    readings: &[Reading],
    until: Instant,
) -> Result<Option<Progress>, Error> {
    let left = earlier(until, ANSWER).saturating_duration_since(Instant::now());
    embedded::count_progress(&app.database, model, readings, left.min(COUNTING)).await
}

/// The way through all models and events, of which a run goes a part.
struct Pass {
    /// Where it begins.
    after: Option<Place>,
    /// Where the time ended, or the model's answers.
    stopped: Option<Place>,
    /// What failed until now.
    failed: usize,
}

impl Pass {
    fn behind(after: Option<Place>) -> Self {
        Self {
            after,
            stopped: None,
            failed: after.map_or(0, |place| place.failed),
        }
    }

    /// Fills a model from its place on, unless the way begins behind it; says how many events failed.
    async fn fill(
        &mut self,
        app: &App,
        (model, id): (&Model, ModelId),
        readings: &[Reading],
        until: Instant,
    ) -> Result<usize, Error> {
        let from = match self.after {
            Some(place) if place.model != id.number() => return Ok(0),
            place => place.and_then(|place| place.event),
        };
        self.after = None;
        let filled = fill(app, (model, id), readings, from, until).await?;
        self.failed += filled.failed - filled.again;
        if filled.ran_out && self.stopped.is_none() {
            self.stopped = Some(Place {
                model: id.number(),
                event: filled.last,
                failed: self.failed,
            });
        }
        Ok(filled.failed)
    }

    /// Whether no event lacks any model: because that was counted, or because the way led to its end and nothing failed on it.
    fn is_finished(&self, counted: &[Option<Progress>]) -> bool {
        let known = counted.iter().flatten();
        let is_any_left = known.clone().any(|progress| progress.left > 0);
        let is_told = known.count() == counted.len();
        let is_at_the_end = self.stopped.is_none() && self.failed == 0;
        !is_any_left && (is_told || is_at_the_end)
    }
}

/// How every event that is stored is read now.
pub(crate) async fn fetch_readings(app: &App) -> Result<Vec<Reading>, Error> {
    let names = conversation_events::fetch_names(&app.database).await?;
    let reading = |event: EventName| {
        let map = app.rules.maps.for_event(&event);
        Reading {
            map: map.version().clone(),
            supersedes: map.supersedes(),
            event,
        }
    };
    Ok(names.into_iter().map(reading).collect())
}

/// What became of a model's events in a run.
struct Filled {
    /// The number of those that failed, or are too long for a run and came a part further. They stay for another pass.
    failed: usize,
    /// How many of these have another turn in the same pass, because the model did not answer.
    again: usize,
    /// The last one that had its turn.
    last: Option<EventId>,
    /// Whether the time ended before the events did, or the model's answers.
    ran_out: bool,
}

async fn fill(
    app: &App,
    (model, id): (&Model, ModelId),
    readings: &[Reading],
    from: Option<EventId>,
    until: Instant,
) -> Result<Filled, Error> {
    let mut filled = Filled {
        failed: 0,
        again: 0,
        last: from,
        ran_out: true,
    };
    let time = Time::until(earlier(until, STORING));
    while Instant::now() + PAGE_TIME < until {
        let page = embedded::fetch_missing(&app.database, id, readings, filled.last, PAGE).await?;
        let Some(last) = page.last() else {
            filled.ran_out = false;
            break;
        };
        let before = filled.last.replace(last.id);
        let asked = page.len();
        let Rendered { ready, stopped } =
            render_page(app, model, page, time.part_of(PARTS)).await?;
        let failed = asked - store(app, &ready, earlier(until, STORING)).await?;
        filled.failed += failed;
        tend_model(app, model, earlier(until, STORING)).await;
        if let Some(error) = stopped {
            tracing::error!(
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "the model does not answer; another run goes on"
            );
            // A page that was begun late may have had too little time: the place stays before it.
            (filled.last, filled.again) = (before, failed);
            break;
        }
    }
    Ok(filled)
}

/// The number of those that are stored, and finished. What cannot be kept costs the others nothing.
async fn store(app: &App, ready: &[(EventId, Prepared)], until: Instant) -> Result<usize, Error> {
    let fills = Fills::default();
    let again = async |part: &[(EventId, Prepared)]| {
        let kept = conversations::store_again(&app.database, part).await?;
        Ok(fills.note(kept))
    };
    let outcomes = in_halves(ready, again).await;
    let mut stored = 0;
    for ((id, prepared), outcome) in ready.iter().zip(outcomes) {
        match outcome {
            Ok(_) => stored += usize::from(prepared.is_finished()),
            Err(error) => log(*id, &error),
        }
    }
    fills.roll_over(app, until).await;
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where it was counted, the count decides; else that the whole way was gone without a failure, whatever run a failure was in.
    #[test]
    fn what_is_not_counted_is_finished_when_the_way_was_gone_without_a_failure() {
        let place = |failed| Place {
            model: 1,
            event: None,
            failed,
        };
        let counted = |left| Some(Progress { done: 9, left });
        for (counts, after, stopped, finished) in [
            (vec![counted(0), counted(0)], None, None, true),
            (vec![counted(0), counted(1)], None, None, false),
            (
                vec![counted(0), counted(0)],
                Some(place(3)),
                Some(place(3)),
                true,
            ),
            (vec![counted(0), None], None, None, true),
            (vec![counted(7), None], None, None, false),
            (vec![None, None], Some(place(0)), None, true),
            (vec![None, None], Some(place(2)), None, false),
            (vec![None, None], None, Some(place(0)), false),
        ] {
            let mut pass = Pass::behind(after);
            pass.stopped = stopped;
            assert_eq!(
                pass.is_finished(&counts),
                finished,
                "{counts:?} {after:?} {stopped:?}"
            );
        }
    }
}
