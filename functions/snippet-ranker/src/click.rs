//! The use case: an agent did something with a snippet.

use jiff::Timestamp;
use serde::Serialize;
use shared::db::assist_clicks::{Recorded, record};
use shared::domain::SessionId;
use shared::error::Error;
use shared::ranking::Click;

use crate::app::App;

/// A click as it was recorded.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ClickAnswer))]
pub(crate) struct Noted {
    /// Whether the snippet is known to have been shown in that place.
    known: bool,
}

/// Records a click; says whether it is new.
pub(crate) async fn click(
    app: &App,
    session: &SessionId,
    body: &[u8],
) -> Result<(bool, Noted), Error> {
    let click = Click::parse(session, body)?;
    let key = app.erasure_key.get(Timestamp::now()).await?;
    let Recorded { is_new, is_known } = record(&app.database, &key, &click).await?;
    tracing::info!(action = click.action.as_str(), is_new, is_known, "clicked");
    Ok((is_new, Noted { known: is_known }))
}
