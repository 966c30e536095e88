//! Queries use another model, if it has every event and every article, or if it must be. Articles are few, events may be too many to be looked
//! at in an invocation: whoever knows that `reembed` was finished says so, and then only the articles are looked at.

use serde::Serialize;
use shared::db::embedding_models::ModelId;
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
}

/// What is said of the model to switch to. The name suffices where one configured model bears it.
pub(crate) struct Wanted {
    pub(crate) model: String,
    pub(crate) dimensions: Option<u16>,
    pub(crate) provider: Option<Provider>,
}

/// More events than these are not counted.
const MOST: i64 = 10_000;

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
    if reason != Reason::Forced {
        refuse_if_articles_lack(app, model, id).await?;
    }
    if reason == Reason::Complete {
        refuse_if_events_lack(app, id, until).await?;
    }
    embedding_models::activate(&app.database, id).await?;
    Ok(Switched {
        active: model.embedder.space().clone(),
    })
}

/// Questions about articles use the same model. What it refuses it will never have.
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
    Ok(())
}

async fn refuse_if_events_lack(app: &App, model: ModelId, until: Instant) -> Result<(), Error> {
    let readings = fetch_readings(app).await?;
    let left = earlier(until, ANSWER).saturating_duration_since(Instant::now());
    let missing = embedded::count_missing(&app.database, model, &readings, MOST, left).await?;
    match missing {
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
