//! Stored events are made into vectors of models that lack them, or under a new map. It stops before the deadline and goes on
//! where it stopped: what is done stands in the table `embedded`.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use shared::db::conversation_events::{self, EventId, StoredEvent};
use shared::db::conversations::{self, Prepared};
use shared::db::embedded::{self, Progress};
use shared::db::embedding_models;
use shared::domain::{EventName, Space};
use shared::error::Error;
use shared::text::schema_map::MapVersion;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::intents::intent;
use crate::prepare::{Draft, prepare};
use crate::render::rendition;
use crate::vectors::embed;

/// Events that are read, embedded and stored at once.
const PAGE: i64 = 200;
/// Kept back from the deadline, so that a page that was begun can be finished.
const PAGE_TIME: Duration = Duration::from_secs(10);

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

/// Which model queries use now.
#[derive(Debug, Serialize)]
pub(crate) struct Switched {
    active: Space,
}

/// Fills every configured model, the first one first.
pub(crate) async fn reembed(app: &App, until: Instant) -> Result<Report, Error> {
    let maps = fetch_maps(app).await?;
    let mut lines = Vec::new();
    for model in &app.models {
        let failed = fill(app, model, &maps, until).await?;
        let id = model.id(&app.database).await?;
        let progress = embedded::fetch_progress(&app.database, id, &maps).await?;
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

/// The map of every event name that is stored.
async fn fetch_maps(app: &App) -> Result<Vec<(EventName, MapVersion)>, Error> {
    let names = conversation_events::fetch_names(&app.database).await?;
    let version = |name: EventName| {
        let version = app.rules.maps.for_event(&name).version().clone();
        (name, version)
    };
    Ok(names.into_iter().map(version).collect())
}

/// The number of events that failed. They stay for the next run.
async fn fill(
    app: &App,
    model: &Model,
    maps: &[(EventName, MapVersion)],
    until: Instant,
) -> Result<usize, Error> {
    let id = model.id(&app.database).await?;
    let (mut after, mut failed) = (None, 0);
    while Instant::now() + PAGE_TIME < until {
        let page = embedded::fetch_missing(&app.database, id, maps, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let asked = page.len();
        let ready = render_page(app, model, page, until).await?;
        failed += asked - ready.len();
        conversations::store_again(&app.database, &ready).await?;
    }
    Ok(failed)
}

async fn render_page(
    app: &App,
    model: &Model,
    page: Vec<StoredEvent>,
    until: Instant,
) -> Result<Vec<(EventId, Prepared)>, Error> {
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let drafted = page.into_iter().filter_map(|stored| {
        let draft = prepare(&app.rules, stored.event);
        let draft = draft.inspect_err(|error| log(stored.id, error)).ok()?;
        Some((stored.id, draft))
    });
    let (ids, drafts): (Vec<EventId>, Vec<Draft>) = drafted.unzip();
    let model_id = model.id(&app.database).await?;
    let pieces = embed(app, model, &drafts, until).await?;
    let mut ready = Vec::new();
    for ((id, draft), pieces) in ids.into_iter().zip(drafts).zip(pieces) {
        let outcome: Result<_, Arc<Error>> = match pieces.failure() {
            Some(error) => Err(error),
            None => intent(app, model, &draft, &pieces, until).await,
        };
        match outcome {
            Ok(intent) => {
                let rendition = rendition(pieces, model_id, &draft, &intent);
                let prepared = Prepared {
                    mac: key.mac(draft.conversation()),
                    event: draft.event,
                    renditions: vec![rendition],
                };
                ready.push((id, prepared));
            }
            Err(error) => log(id, &error),
        }
    }
    Ok(ready)
}

fn log(event: EventId, error: &Error) {
    tracing::error!(event.id = %event, error.kind = error.kind().as_str(), error = error.chain(), "not re-embedded");
}

/// Lets queries use another model, if it has every event, or if it must be.
pub(crate) async fn switch(app: &App, name: &str, force: bool) -> Result<Switched, Error> {
    let named = app
        .models
        .iter()
        .find(|model| model.embedder.space().name == name);
    let model =
        named.ok_or_else(|| Error::invalid("/model", "is not the name of a configured model"))?;
    let id = model.id(&app.database).await?;
    let maps = fetch_maps(app).await?;
    let progress = embedded::fetch_progress(&app.database, id, &maps).await?;
    if progress.left > 0 && !force {
        return Err(Error::Conflict(format!(
            "{} events lack this model: invoke the task reembed until none is left, or switch with force",
            progress.left
        )));
    }
    embedding_models::activate(&app.database, id).await?;
    Ok(Switched {
        active: model.embedder.space().clone(),
    })
}
