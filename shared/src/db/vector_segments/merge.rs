//! Sealed segments become one, and what is mostly dead is made anew: beside those who read and write.
//!
//! Another table is filled with the rows of some segments and gets its graph before anybody sees it; then it takes their place in one short
//! transaction. Meanwhile whoever deletes from them writes down what went (`segment_removed`), and that goes from the new one before it is
//! seen. Each step is committed, and the next one begins with what it finds: who is killed at any point leaves nothing that another keeper
//! does not go on with.

mod build;
mod discard;
mod exchange;
mod expired;
mod plan;
mod standing;
mod work;

use tokio::time::Instant;

use self::build::{Built, build};
pub use self::discard::discard;
use self::exchange::{Exchange, exchange};
pub use self::expired::{Dropped, drop_expired};
pub use self::plan::MergeRules;
use self::plan::{Plan, plan};
use self::work::Work;
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
    /// Somebody is in the way, or there is too little time. What was done stays done.
    Later,
}

/// One turn: goes on with what an earlier keeper began, or begins what is most worth it. It ends in time, or soon after.
pub async fn merge(
    database: &Database,
    lease: &Lease,
    rules: &MergeRules,
    until: Instant,
) -> Result<Merged, Error> {
    let work = match work::fetch(database, lease.model()).await? {
        Some(work) => work,
        None => match begin(database, lease, rules, until).await? {
            Begun::Work(work) => work,
            Begun::Other(merged) => return Ok(merged),
        },
    };
    fail_point::reach("merge.begun");
    if !work.is_built {
        if !drain(database, until).await? {
            return Ok(Merged::Later);
        }
        fail_point::reach("merge.drained");
        if build(database, &work, rules, until).await? == Built::Later {
            return Ok(Merged::Later);
        }
    }
    fail_point::reach("merge.built");
    let change = Exchange::Merge(&work);
    settle(database, lease, &change, until).await
}

enum Begun {
    Work(Work),
    Other(Merged),
}

async fn begin(
    database: &Database,
    lease: &Lease,
    rules: &MergeRules,
    until: Instant,
) -> Result<Begun, Error> {
    let sealed = standing::fetch(database, lease.model()).await?;
    match plan(&sealed, rules) {
        None => Ok(Begun::Other(Merged::Nothing)),
        Some(Plan::Drop(segment)) => {
            let change = Exchange::Drop(segment);
            let merged = settle(database, lease, &change, until).await?;
            Ok(Begun::Other(merged))
        }
        Some(Plan::Merge { sources, tier }) => {
            let work = work::begin(database, lease, &sources, tier).await?;
            Ok(work.map_or(Begun::Other(Merged::Later), Begun::Work))
        }
    }
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
