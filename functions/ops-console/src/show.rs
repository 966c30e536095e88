//! The use case: the page, from what was counted and what is as it is now.

use jiff::{SignedDuration, Timestamp};
use shared::db::console::{
    Span, fetch_failures, fetch_history, fetch_knowledge, fetch_map, fetch_transcripts,
    fetch_waiting,
};
use shared::error::Error;

use crate::app::App;
use crate::facts::Facts;
use crate::page::render;
use crate::words::hour_of;

/// The hours before the one that has begun: with it they are a day.
const DAY: SignedDuration = SignedDuration::from_hours(23);
/// The minutes that are shown, and those that may not be counted yet.
const MINUTES: SignedDuration = SignedDuration::from_mins(75);

/// The page as it is now.
pub(crate) async fn show(app: &App, now: Timestamp) -> Result<String, Error> {
    let database = &app.database;
    let back = |span| now.saturating_sub(span).unwrap_or(Timestamp::MIN);
    let first_hour = hour_of(back(DAY));
    let first_minute = back(MINUTES);
    let span = Span {
        first_minute,
        first_hour,
    };
    let facts = Facts {
        now,
        is_deployed: app.is_deployed(),
        first_hour,
        history: fetch_history(database, span).await?,
        map: fetch_map(database).await?,
        waiting: fetch_waiting(database).await?,
        transcripts: fetch_transcripts(database, first_hour).await?,
        knowledge: fetch_knowledge(database).await?,
        failures: fetch_failures(database, first_hour).await?,
        prices: app.prices.clone(),
    };
    Ok(render(&facts))
}
