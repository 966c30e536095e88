//! Stored events are made into vectors of models that lack them, or under a new map. It stops before the deadline and goes on
//! where it stopped: what is done stands in the table `embedded`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use shared::db::conversation_embeddings;
use shared::db::conversation_events::{self, EventId, StoredEvent};
use shared::db::conversations::{self, Prepared};
use shared::db::embedded::{self, Progress, Reading};
use shared::domain::{EventName, Space};
use shared::error::{Error, Kind};
use shared::text::intent::Intent;
use tokio::time::Instant;

use crate::app::{App, Model, STORING, earlier};
use crate::intents::intent;
use crate::isolate::isolate;
use crate::prepare::{Draft, prepare};
use crate::render::rendition;
use crate::store::in_halves;
use crate::vectors::embed;

/// Events that are read, embedded and stored at once.
const PAGE: i64 = 50;
/// Kept back from the deadline, so that a page that was begun can be finished.
const PAGE_TIME: Duration = Duration::from_secs(8);

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
    /// Events that could not be made into vectors this time.
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

/// The number of events that failed. They stay for the next run.
async fn fill(
    app: &App,
    model: &Model,
    readings: &[Reading],
    until: Instant,
) -> Result<usize, Error> {
    let id = model.id(&app.database).await?;
    let (mut after, mut failed) = (None, 0);
    while Instant::now() + PAGE_TIME < until {
        let page = embedded::fetch_missing(&app.database, id, readings, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let asked = page.len();
        let (ready, stopped) = render_page(app, model, page, earlier(until, STORING)).await?;
        failed += asked - store(app, &ready).await?;
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

/// The number of those that are stored. What cannot be kept costs the others nothing.
async fn store(app: &App, ready: &[(EventId, Prepared)]) -> Result<usize, Error> {
    let database = &app.database;
    let again =
        async |part: &[(EventId, Prepared)]| conversations::store_again(database, part).await;
    let outcomes = in_halves(ready, again).await;
    let mut stored = 0;
    for ((id, _), outcome) in ready.iter().zip(outcomes) {
        match outcome {
            Ok(_) => stored += 1,
            Err(error) => log(*id, &error),
        }
    }
    Ok(stored)
}

/// What can be stored of a page, and why the model did not answer for all of it, if so.
async fn render_page(
    app: &App,
    model: &Model,
    page: Vec<StoredEvent>,
    until: Instant,
) -> Result<(Vec<(EventId, Prepared)>, Option<Arc<Error>>), Error> {
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let (ids, drafts) = draft(app, page);
    let mut known = fetch_intents(app, model, &ids).await?;
    let model_id = model.id(&app.database).await?;
    let pieces = embed(app, model, &drafts, until).await?;
    let (mut ready, mut stopped) = (Vec::new(), None);
    for ((id, draft), pieces) in ids.into_iter().zip(drafts).zip(pieces) {
        let outcome = match (pieces, known.remove(&id)) {
            (Ok(pieces), Some(known)) => Ok((pieces, known)),
            (Ok(pieces), None) => {
                let intent = intent(app, model, &draft, &pieces, until).await;
                intent.map(|intent| (pieces, intent))
            }
            (Err(error), _) => Err(error),
        };
        let outcome = outcome.map(|(pieces, intent)| rendition(pieces, model_id, &draft, &intent));
        match outcome {
            Ok(rendition) => {
                let prepared = Prepared {
                    mac: key.mac(draft.conversation()),
                    event: draft.event,
                    renditions: vec![rendition],
                };
                ready.push((id, prepared));
            }
            Err(error) if error.kind() == Kind::Bug => log(id, &error),
            Err(error) => stopped = Some(error),
        }
    }
    Ok((ready, stopped))
}

fn draft(app: &App, page: Vec<StoredEvent>) -> (Vec<EventId>, Vec<Draft>) {
    let drafted = page.into_iter().filter_map(|stored| {
        let draft = isolate("preparing an event", || prepare(&app.rules, stored.event));
        let draft = draft.inspect_err(|error| log(stored.id, error)).ok()?;
        Some((stored.id, draft))
    });
    drafted.unzip()
}

/// What the first model found out about events, which holds for the others too, whichever way an event came to them.
async fn fetch_intents(
    app: &App,
    model: &Model,
    events: &[EventId],
) -> Result<HashMap<EventId, Intent>, Error> {
    match app.models.first() {
        Some(first) if first.embedder.space() != model.embedder.space() => {
            let first = first.id(&app.database).await?;
            conversation_embeddings::fetch_intents(&app.database, first, events).await
        }
        _ => Ok(HashMap::new()),
    }
}

fn log(event: EventId, error: &Error) {
    tracing::error!(event.id = %event, error.kind = error.kind().as_str(), error = error.chain(), "not re-embedded");
}
