//! Stored events are made into vectors of models that lack them, or under a new map. It stops before the deadline and goes on
//! where it stopped: what is done stands in the table `embedded`.

use std::time::Duration;

use serde::Serialize;
use shared::db::conversation_events::{self, EventId};
use shared::db::conversations::{self, Prepared};
use shared::db::embedded::{self, Progress, Reading};
use shared::domain::{EventName, Space};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::{App, Model, STORING, earlier};
use crate::page::{Rendered, log, render_page};
use crate::segments::Fills;
use crate::store::in_halves;
use crate::time::Time;
use crate::words::tend_model;

/// Events that are read, embedded and stored at once.
const PAGE: i64 = 50;
/// Kept back from the deadline, so that a page that was begun can be finished.
const PAGE_TIME: Duration = Duration::from_secs(8);
/// A page has at most one of so many parts of the time that is left: what is too long for it keeps no page behind it waiting.
const PARTS: usize = 2;

/// How far every model is.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    models: Vec<Line>,
    /// Whether no event lacks any model; else invoke it again.
    finished: bool,
}

#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    space: Space,
    #[serde(flatten)]
    progress: Progress,
    /// Events that could not be made into vectors this time, or not wholly.
    failed: usize,
}

/// Fills every configured model, the first one first.
pub(crate) async fn reembed(app: &App, until: Instant) -> Result<Report, Error> {
    let readings = fetch_readings(app).await?;
    let mut lines = Vec::new();
    for model in &app.models {
        let failed = fill(app, model, &readings, until).await?;
        let id = model.id(&app.database).await?;
        let progress = embedded::fetch_progress(&app.database, id, &readings).await?;
        tracing::info!(
            done = progress.done,
            left = progress.left,
            failed,
            "re-embedded"
        );
        lines.push(Line {
            space: model.embedder.space().clone(),
            progress,
            failed,
        });
    }
    let finished = lines.iter().all(|line| line.progress.left == 0);
    Ok(Report {
        models: lines,
        finished,
    })
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

/// The number of events that failed, or are too long for a run and came a part further. They stay for the next run.
async fn fill(
    app: &App,
    model: &Model,
    readings: &[Reading],
    until: Instant,
) -> Result<usize, Error> {
    let id = model.id(&app.database).await?;
    let (mut after, mut failed) = (None, 0);
    let time = Time::until(earlier(until, STORING));
    while Instant::now() + PAGE_TIME < until {
        let page = embedded::fetch_missing(&app.database, id, readings, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let asked = page.len();
        let Rendered { ready, stopped } =
            render_page(app, model, page, time.part_of(PARTS)).await?;
        failed += asked - store(app, &ready, earlier(until, STORING)).await?;
        tend_model(app, model, earlier(until, STORING)).await;
        if let Some(error) = stopped {
            tracing::error!(
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "the model does not answer; another run goes on"
            );
            break;
        }
    }
    Ok(failed)
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
