//! The use case: the map of recent conversations is drawn anew, if it is not a young one.

use shared::db::console::{draw_map, fetch_sample};
use shared::domain::lay_out;
use shared::error::Error;

use crate::app::App;

/// How many conversations are on it; nothing, if it was not drawn. The figures are worth something without it, so it fails nobody.
pub(crate) async fn draw(app: &App) -> Option<u64> {
    let drawn = try_draw(app).await;
    drawn.unwrap_or_else(|error| {
        let error = error.chain();
        tracing::warn!(error, "the map was not drawn; the next minute tries again");
        None
    })
}

async fn try_draw(app: &App) -> Result<Option<u64>, Error> {
    let Some(sample) = fetch_sample(&app.database).await? else {
        return Ok(None);
    };
    let places = lay_out(&sample.vectors);
    let drawn = draw_map(&app.database, &sample, &places);
    drawn.await.map(Some)
}
