//! The use case: the schema is brought up before the deadline, or the error says who or what stands in the way.

use std::time::Duration;

use shared::db::migrate::{MIGRATIONS, Report};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// Kept back from the deadline, so that an answer still goes out.
const SPARE: Duration = Duration::from_secs(10);

/// Applies what is missing.
pub(crate) async fn migrate(app: &App, time_left: Duration) -> Result<Report, Error> {
    let deadline = Instant::now() + time_left.saturating_sub(SPARE);
    let work =
        async { shared::db::migrate::migrate(&app.database().await?, MIGRATIONS, deadline).await };
    // Boxed, because the type of this future is too deep for the compiler otherwise.
    let outcome = tokio::time::timeout_at(deadline, Box::pin(work)).await;
    outcome.unwrap_or_else(|late| Err(Error::transient("the migration", late)))
}
