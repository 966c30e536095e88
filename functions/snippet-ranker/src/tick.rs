//! The use case: once a minute, what stayed undone is done.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use shared::audit::{Anchoring, anchor};
use shared::callback::drain;
use shared::db::ranking::{self, Order};
use shared::deadline::{earlier, in_time};
use shared::error::Error;
use tokio::time::Instant;

use crate::app::App;
use crate::learn::{LEARN_TIME, learn};
use crate::post::{Tried, is_doubtful, judge};
use crate::settle::{Grip, Outcome, settle};

/// Orders that one tick looks at, and rows of each table that one step of the retention removes.
const MOST: i64 = 500;
/// With less than this left, nothing is posted: for a try and for its end.
const POST_TIME: Duration = Duration::from_secs(8);
/// Kept back from posting, for everything else.
const REST_TIME: Duration = Duration::from_secs(12);

/// What a tick did.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Orders that were posted, because it was not sure that the agent saw them.
    posted: u64,
    /// Orders that could not be posted now either.
    unsure: u64,
    /// Orders that nobody waited for any more, and that have an end now.
    abandoned: u64,
    /// Boosts that were learned, if it was time.
    learned: Option<usize>,
    /// Whether the audit was anchored.
    anchored: bool,
    /// Rows that were older than is kept.
    removed: u64,
    /// Callbacks that were delivered.
    delivered: u64,
    /// Callbacks that are tried no more.
    dead: u64,
}

/// Does what is to be done. What fails keeps nothing else from being done; the first failure is told at the end.
pub(crate) async fn tick(app: &App, until: Instant) -> Result<Report, Error> {
    let mut report = Report::default();
    let outcomes = [
        repost(app, earlier(until, REST_TIME), &mut report).await,
        abandon(app, &mut report).await,
        keep_anchor(app, earlier(until, LEARN_TIME), &mut report).await,
        expire(app, earlier(until, REST_TIME), &mut report).await,
        call_back(app, earlier(until, LEARN_TIME), &mut report).await,
        take_lesson(app, until, &mut report).await,
    ];
    tracing::info!(?report, "ticked");
    outcomes.into_iter().collect::<Result<(), _>>()?;
    Ok(report)
}

/// Posts the newest orders of sessions whose agents may see something else.
async fn repost(app: &App, until: Instant, report: &mut Report) -> Result<(), Error> {
    for order in ranking::fetch_unsure(&app.database, MOST).await? {
        if Instant::now() + POST_TIME > until {
            break;
        }
        if post_again(app, &order, until).await? {
            report.posted += 1;
        } else {
            report.unsure += 1;
        }
    }
    ranking::give_up(&app.database).await.map(drop)
}

/// One try; says whether the order has ended.
async fn post_again(app: &App, order: &Order, until: Instant) -> Result<bool, Error> {
    let Some(lease) = ranking::claim(&app.database, order).await? else {
        return Ok(false);
    };
    let started = Instant::now();
    let (session, text) = (&order.session, order.ranking.get());
    let posted = app.ranking.post(session, text, until).await;
    let is_in_doubt = is_doubtful(&posted);
    match judge(order, posted, 0) {
        Tried::Over(outcome) => {
            let grip = Grip { lease, is_in_doubt };
            let settled = settle(app, order, Some(grip), &outcome, started).await?;
            Ok(settled.is_some())
        }
        Tried::Locked | Tried::Again(_) => {
            ranking::release(&app.database, session, lease, is_in_doubt).await?;
            Ok(false)
        }
    }
}

/// Whoever asked for these was killed, or went away.
async fn abandon(app: &App, report: &mut Report) -> Result<(), Error> {
    for (order, newer) in ranking::fetch_abandoned(&app.database, MOST).await? {
        let outcome = newer.map_or(Outcome::Unknown(Duration::ZERO), Outcome::Superseded);
        settle(app, &order, None, &outcome, Instant::now()).await?;
        report.abandoned += 1;
    }
    Ok(())
}

async fn take_lesson(app: &App, until: Instant, report: &mut Report) -> Result<(), Error> {
    report.learned = learn(app, until).await?;
    Ok(())
}

async fn keep_anchor(app: &App, until: Instant, report: &mut Report) -> Result<(), Error> {
    let anchored = anchor(&app.database, &app.anchors, Timestamp::now(), until);
    let anchored = in_time(until, anchored).await?;
    report.anchored = anchored == Anchoring::Kept;
    Ok(())
}

/// Removes what is old step by step, until little of it is left or time is up; one step always.
async fn expire(app: &App, until: Instant, report: &mut Report) -> Result<(), Error> {
    let Some(retention) = app.retention else {
        return Ok(());
    };
    let before = Timestamp::now().saturating_sub(retention);
    let before = before.unwrap_or(Timestamp::MIN);
    loop {
        let removed = ranking::expire(&app.database, before, MOST).await?;
        report.removed += removed;
        if removed < MOST.unsigned_abs() || Instant::now() > until {
            return Ok(());
        }
    }
}

async fn call_back(app: &App, until: Instant, report: &mut Report) -> Result<(), Error> {
    let drained = drain(&app.database, &app.callbacks.caller, until).await?;
    report.delivered = drained.delivered;
    report.dead = drained.dead;
    Ok(())
}
