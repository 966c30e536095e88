//! Links that are due are checked.

use serde::Serialize;
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;

/// What was found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Tally {
    fine: usize,
    unknown: usize,
    broken: usize,
}

pub(crate) async fn check(_app: &App, _until: Instant) -> Result<Tally, Error> {
    Ok(Tally::default())
}
