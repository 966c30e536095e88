//! Queries use another model, if it has every event and every article, or if it must be.

use serde::Serialize;
use shared::db::embedding_models::ModelId;
use shared::db::{embedded, embedding_models, knowledge_vectors};
use shared::domain::{Provider, Space};
use shared::error::Error;

use crate::app::{App, Model};
use crate::reembed::fetch_readings;

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

/// Lets queries use another model, if it has every event and every article, or if it must be.
pub(crate) async fn switch(app: &App, wanted: &Wanted, force: bool) -> Result<Switched, Error> {
    let model = find(app, wanted)?;
    let id = model.id(&app.database).await?;
    if !force {
        refuse_if_lacking(app, id).await?;
    }
    embedding_models::activate(&app.database, id).await?;
    Ok(Switched {
        active: model.embedder.space().clone(),
    })
}

/// Questions about conversations and questions about articles use the same model: neither may lack it.
async fn refuse_if_lacking(app: &App, model: ModelId) -> Result<(), Error> {
    let readings = fetch_readings(app).await?;
    let events = embedded::fetch_progress(&app.database, model, &readings).await?;
    if events.left > 0 {
        return Err(Error::Conflict(format!(
            "{} events lack this model: invoke the task reembed until none is left, or switch with force",
            events.left
        )));
    }
    let pieces = knowledge_vectors::count_lacking(&app.database, model).await?;
    if pieces > 0 {
        return Err(Error::Conflict(format!(
            "{pieces} pieces of articles lack this model: POST /knowledge/refresh?full_sync=true and wait for its run, or switch with force"
        )));
    }
    Ok(())
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
