//! Queries use another model, if it has every event and every article, or if it must be. Articles are few, events may be too many to be looked
//! at in an invocation: whoever knows that `reembed` was finished says so, and then only the articles are looked at.

use serde::Serialize;
use shared::db::conversation_events::{self, EventId};
use shared::db::embedding_models::ModelId;
use shared::db::knowledge_vectors::FEW;
use shared::db::{embedded, embedding_models, knowledge_vectors};
use shared::deadline::earlier;
use shared::domain::{Provider, Space};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::{App, Model};
use crate::reembed::{ANSWER, fetch_readings};

/// Which model queries use now.
#[derive(Debug, Serialize)]
pub(crate) struct Switched {
    active: Space,
    /// How many of the newest events lack it, which no search finds; null if that could not be counted in time.
    lacking: Option<i64>,
    /// What is to be done about that.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'static str>,
}

/// What to do where events lack the model that queries use.
const NEXT: &str =
    "what lacks the model is not found: invoke the task reembed until it is finished";

/// What is said of the model to switch to. The name suffices where one configured model bears it.
pub(crate) struct Wanted {
    pub(crate) model: String,
    pub(crate) dimensions: Option<u16>,
    pub(crate) provider: Option<Provider>,
}

/// More events than these are not counted.
const MOST: i64 = 10_000;
/// So many numbers before the last event that there is, the events are looked at once more after a switch: some may have been stored since
/// `reembed` went by, and some are stored with a number that they took before.
const BEHIND: i64 = 10_000;

/// Why it may be switched to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It has everything, as far as can be seen.
    Complete,
    /// It has every article, as far as can be seen; that it has every event, `reembed` said.
    Reembedded,
    /// It must be.
    Forced,
}

/// Lets queries use another model, if it has every event and every article, or if it must be.
pub(crate) async fn switch(
    app: &App,
    wanted: &Wanted,
    reason: Reason,
    until: Instant,
) -> Result<Switched, Error> {
    let model = find(app, wanted)?;
    let id = model.id.get().await?;
    let from = conversation_events::fetch_before_last(&app.database, BEHIND).await?;
    if reason != Reason::Forced {
        refuse_if_articles_lack(app, model, id).await?;
    }
    if reason == Reason::Complete {
        refuse_if_events_lack(app, id, until).await?;
    }
    embedding_models::activate(&app.database, id).await?;
    let lacking = count_lacking(app, id, from, until).await;
    Ok(Switched {
        active: model.embedder.space().clone(),
        lacking,
        next: (lacking != Some(0)).then_some(NEXT),
    })
}

/// How many of the newest events lack the model that queries use now. Between the look before and the switch, a batch may have been stored
/// without it. The switch is done, whatever comes of this.
async fn count_lacking(app: &App, model: ModelId, from: EventId, until: Instant) -> Option<i64> {
    let lacking = match count_missing(app, model, Some(from), until).await {
        Ok(lacking) => lacking,
        Err(error) => {
            tracing::warn!(
                error.kind = error.kind().as_str(),
                error = error.chain(),
                "it was not counted which events lack the model that queries use now"
            );
            None
        }
    };
    if lacking != Some(0) {
        tracing::warn!(
            lacking,
            "events may lack the model that queries use now, and are not found; reembed fills them"
        );
    }
    lacking
}

async fn count_missing(
    app: &App,
    model: ModelId,
    from: Option<EventId>,
    until: Instant,
) -> Result<Option<i64>, Error> {
    let readings = fetch_readings(app).await?;
    let left = earlier(until, ANSWER).saturating_duration_since(Instant::now());
    embedded::count_missing(&app.database, model, &readings, from, MOST, left).await
}

/// Questions about articles use the same model. What it refuses it will never have. Without a graph every question would look at each of
/// its vectors.
async fn refuse_if_articles_lack(app: &App, model: &Model, id: ModelId) -> Result<(), Error> {
    let space = model.embedder.space();
    let pieces = knowledge_vectors::count_lacking(&app.database, id, space).await?;
    if pieces.refused > 0 {
        tracing::warn!(
            pieces = pieces.refused,
            "the model refuses pieces of articles; only words find them"
        );
    }
    if pieces.waiting > 0 {
        return Err(Error::Conflict(format!(
            "{} pieces of articles lack this model: POST /knowledge/refresh?full_sync=true and wait for its run, or switch with force",
            pieces.waiting
        )));
    }
    if knowledge_vectors::lacks_graph(&app.database, id, space.dimensions, FEW).await? {
        return Err(Error::Conflict(
            "the graph over this model's vectors of articles is not built yet: POST /knowledge/refresh and wait for its run, which builds it, \
             or switch with force"
                .to_owned(),
        ));
    }
    Ok(())
}

async fn refuse_if_events_lack(app: &App, model: ModelId, until: Instant) -> Result<(), Error> {
    match count_missing(app, model, None, until).await? {
        Some(0) => Ok(()),
        Some(missing) => {
            let many = if missing < MOST { "" } else { "at least " };
            Err(Error::Conflict(format!(
                "{many}{missing} events lack this model: invoke the task reembed until none is left, or switch with force"
            )))
        }
        None => Err(Error::Conflict(
            "there are too many events to look at all of them now: invoke the task reembed until it is finished, then switch with reembedded"
                .to_owned(),
        )),
    }
}

fn find<'a>(app: &'a App, wanted: &Wanted) -> Result<&'a Model, Error> {
    let is_wanted = |model: &&Model| wanted.fits(model.embedder.space());
    let mut fitting = app.models.iter().filter(is_wanted);
    match (fitting.next(), fitting.next()) {
        (Some(model), None) => Ok(model),
        (Some(_), Some(_)) => Err(Error::Conflict(
            "several configured models fit: say dimensions and provider too".to_owned(),
        )),
        (None, _) => Err(Error::invalid("/model", "is not a configured model")),
    }
}

impl Wanted {
    fn fits(&self, space: &Space) -> bool {
        self.model == space.name
            && self.dimensions.is_none_or(|one| one == space.dimensions)
            && self.provider.is_none_or(|one| one == space.provider)
    }
}
