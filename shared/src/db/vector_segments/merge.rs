//! Sealed segments become one, and what is mostly dead is made anew: beside those who read and write.
//!
//! Another table is filled with the rows of some segments and gets its graph, or the table of its signs, before anybody sees it; then it takes
//! their place in one short transaction. Meanwhile whoever deletes from them writes down what went (`segment_removed`), and that goes from the new
//! one before it is seen. Each step is committed, and the next one begins with what it finds: who is killed at any point leaves nothing that
//! another keeper does not go on with.

mod build;
mod discard;
mod exchange;
mod expired;
mod pace;
mod plan;
mod sealing;
mod standing;
mod together;
mod work;

use std::time::Duration;

use tokio::time::Instant;

use self::build::{Built, build};
pub use self::discard::discard;
use self::exchange::{Exchange, exchange};
pub use self::expired::{Dropped, drop_expired};
use self::pace::{Measured, Paces};
pub use self::plan::MergeRules;
use self::plan::{Plan, plan};
pub use self::sealing::{choose_closed, is_hindered, seal_beside};
use self::work::{Of, Work};
use super::{Lease, SegmentId, drain};
use crate::db::Database;
use crate::error::{Error, Kind};
use crate::fail_point;

/// What a turn of merging came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// There is nothing to do.
    Nothing,
    /// Segments became one.
    Done {
        /// What went.
        sources: Vec<SegmentId>,
        /// What took their place; nothing, if all of their rows were dead.
        target: Option<SegmentId>,
    },
    /// Somebody is in the way, or time was up. What was done stays done.
    Later,
    /// What is left to do would not end in time, and was not begun. It takes about so long.
    TooLarge(Duration),
}

/// One turn: goes on with what an earlier keeper began, or begins what is most worth it. It ends in time, or soon after.
pub async fn merge(
    database: &Database,
    lease: &Lease,
    rules: &MergeRules,
    until: Instant,
) -> Result<Merged, Error> {
    let paces = pace::fetch(database, lease.model()).await?;
    let begun = work::fetch(database, lease.model(), Of::Sealed).await?;
    let work = match begun {
        Some(work) if work.is_built || paces.time(work.tier, work.values()) <= left(until) => work,
        found => {
            if let Some(too_large) = found
                && !work::give_up(database, lease, &too_large).await?
            {
                return Ok(Merged::Later);
            }
            match begin(database, lease, rules, &paces, until).await? {
                Begun::Work(work) => work,
                Begun::Other(merged) => return Ok(merged),
            }
        }
    };
    finish(database, lease, rules, &work, until).await
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

enum Begun {
    Work(Work),
    Other(Merged),
}

async fn begin(
    database: &Database,
    lease: &Lease,
    rules: &MergeRules,
    paces: &Paces,
    until: Instant,
) -> Result<Begun, Error> {
    let sealed = standing::fetch(database, lease.model()).await?;
    let time = left(until);
    match plan(&sealed, rules, |tier| paces.most(tier, time)) {
        None => Ok(Begun::Other(waits(&sealed, rules, paces))),
        Some(Plan::Drop(segment)) => {
            let change = Exchange::Drop(segment);
            let merged = settle(database, lease, &change, until).await?;
            Ok(Begun::Other(merged))
        }
        Some(Plan::Merge { sources, tier, .. }) => {
            let work = work::begin(database, lease, Of::Sealed, &sources, tier).await?;
            Ok(work.map_or(Begun::Other(Merged::Later), Begun::Work))
        }
    }
}

/// What there would be to do with more time.
fn waits(sealed: &[plan::Sealed], rules: &MergeRules, paces: &Paces) -> Merged {
    match plan(sealed, rules, |_| i64::MAX) {
        Some(Plan::Merge { tier, values, .. }) => Merged::TooLarge(paces.time(tier, values)),
        _ => Merged::Nothing,
    }
}

/// Builds what was begun, unless it is built, and lets it take the place of its sources.
async fn finish(
    database: &Database,
    lease: &Lease,
    rules: &MergeRules,
    work: &Work,
    until: Instant,
) -> Result<Merged, Error> {
    fail_point::reach("merge.begun");
    if !work.is_built {
        if !drain(database, until).await? || !sealing::drain(database, lease, until).await? {
            return Ok(Merged::Later);
        }
        fail_point::reach("merge.drained");
        let started = Instant::now();
        let built = build(database, work, rules, until).await?;
        if built == Built::Later {
            return Ok(Merged::Later);
        }
        // Nothing is built of nothing: that says nothing of how fast. Nor does what somebody else built.
        if work.tier > 0 && work.rows > 0 && built != Built::Before {
            let measured = Measured {
                tier: work.tier,
                values: work.values(),
                time: started.elapsed(),
                is_whole: built == Built::Whole,
            };
            pace::learn(database, work.model, measured).await?;
        }
        if built == Built::OutOfTime {
            return Ok(Merged::Later);
        }
    }
    fail_point::reach("merge.built");
    let change = Exchange::Merge(work);
    settle(database, lease, &change, until).await
}

/// What changed places is gone from every search; then its tables go.
async fn settle(
    database: &Database,
    lease: &Lease,
    change: &Exchange<'_>,
    until: Instant,
) -> Result<Merged, Error> {
    match exchange(database, lease, change, until).await {
        Ok(true) => {}
        // A build outlasts the lease: then another keeper has it by now, and finds what is built.
        Err(error) if error.kind() == Kind::Conflict => return Ok(Merged::Later),
        Ok(false) => return Ok(Merged::Later),
        Err(error) => return Err(error),
    }
    fail_point::reach("merge.exchanged");
    discard(database, lease).await?;
    Ok(Merged::Done {
        sources: change.sources(),
        target: change.target(),
    })
}
