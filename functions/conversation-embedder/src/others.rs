//! What other functions keep goes here as well: each of them may be switched off, and what is promised of its rows holds all the same.

use shared::db::{cards, ranking, stream, transcripts};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;
use crate::retain::before;

/// Rows that one step removes, of each table.
const STEP: i64 = 500;
/// Of the time that is left each may take this part.
const PART: u32 = 8;

/// How many rows went.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Gone {
    /// Of the stream.
    pub(crate) offsets: u64,
    /// What cards remember.
    pub(crate) interactions: u64,
    /// Sessions, orders, impressions and clicks.
    pub(crate) orders: u64,
    /// Parts of transcripts.
    pub(crate) transcripts: u64,
}

/// Removes it. What fails keeps nothing else from being done; the first failure is told at the end.
pub(crate) async fn expire(app: &App, until: Instant, gone: &mut Gone) -> Result<(), Error> {
    let database = &app.database;
    let offsets = || stream::expire(database, stream::REMEMBERED, STEP);
    let interactions = || cards::expire(database, STEP);
    let mut outcomes = vec![
        steps(until, &mut gone.offsets, offsets).await,
        steps(until, &mut gone.interactions, interactions).await,
    ];
    if let Some(retention) = app.rules.retention {
        let before = before(retention)?;
        let orders = || ranking::expire(database, before, STEP);
        let transcripts = || transcripts::expire(database, before, STEP);
        outcomes.push(steps(until, &mut gone.orders, orders).await);
        outcomes.push(steps(until, &mut gone.transcripts, transcripts).await);
    }
    outcomes.into_iter().collect()
}

/// Step after step until one finds nothing or its part of the time is up; one step always.
async fn steps(
    until: Instant,
    gone: &mut u64,
    step: impl AsyncFn() -> Result<u64, Error>,
) -> Result<(), Error> {
    let left = until.saturating_duration_since(Instant::now());
    let until = Instant::now() + left / PART;
    loop {
        let some = step().await?;
        *gone += some;
        if some == 0 || Instant::now() > until {
            return Ok(());
        }
    }
}
