//! The use case: how the database is. Nothing is changed, so that it may be asked at any time; `cargo local doctor` does.

use serde::Serialize;
use shared::db::migrate::{MIGRATIONS, Standing, inspect};
use shared::db::vector_segments::{Backlog, fetch_backlog};
use shared::deadline::in_time;
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// How the database is.
#[derive(Debug, Serialize)]
pub(crate) struct Checked {
    schema: Standing,
    /// What waits to be sealed; nothing is known of it while the schema is behind.
    segments: Option<Backlog>,
}

/// Looks at the schema, and at what vector-keeper has still to do.
pub(crate) async fn check(app: &App, until: Instant) -> Result<Checked, Error> {
    let look = async {
        let database = app.database().await?;
        let schema = inspect(&database, MIGRATIONS).await?;
        let segments = if schema.version < schema.newest {
            None
        } else {
            Some(fetch_backlog(&database).await?)
        };
        Ok(Checked { schema, segments })
    };
    in_time(until, Box::pin(look)).await
}
