//! The use case: the schema is brought up before the deadline, or the error says who or what stands in the way.

use shared::db::migrate::{MIGRATIONS, Report};
use shared::deadline::in_time;
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// Applies what is missing.
pub(crate) async fn migrate(app: &App, until: Instant) -> Result<Report, Error> {
    let work =
        async { shared::db::migrate::migrate(&app.database().await?, MIGRATIONS, until).await };
    // Boxed, because the type of this future is too deep for the compiler otherwise.
    in_time(until, Box::pin(work)).await
}
