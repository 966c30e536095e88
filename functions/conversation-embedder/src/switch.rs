//! Queries use another model, if it has every event, or if it must be.

use serde::Serialize;
use shared::db::{embedded, embedding_models};
use shared::domain::Space;
use shared::error::Error;

use crate::app::App;
use crate::reembed::fetch_readings;

/// Which model queries use now.
#[derive(Debug, Serialize)]
pub(crate) struct Switched {
    active: Space,
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
    let readings = fetch_readings(app).await?;
    let progress = embedded::fetch_progress(&app.database, id, &readings).await?;
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
