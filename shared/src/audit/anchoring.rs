//! The ends of the chains are kept outside of Postgres, from time to time.

use jiff::{SignedDuration, Timestamp};

use super::{Anchor, AnchorStore, Report};
use crate::db::{Database, audit};
use crate::error::Error;

/// Secrets Manager keeps few versions of a secret that changes more often than every ten minutes.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// So many entries of each chain are followed for one anchor, which takes seconds; it is of where that ends. The next one goes on there.
const MOST: i64 = 10_000;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchoring {
    /// The ends are kept, or how far the chains were followed.
    Kept,
    /// Nothing was appended since the last time.
    Unmoved,
    /// The last time was less than a quarter of an hour ago.
    Recent,
}

/// Keeps the ends of the chains, at most every quarter of an hour, and only if one moved.
///
/// What was appended since the anchor before is followed to the ends, for nobody else looks at what Postgres says of them: an anchor of
/// chains that were made anew, or of ends that were set back, would cover that up. So that is an error, and the old anchor stays.
pub async fn anchor(
    database: &Database,
    store: &AnchorStore,
    now: Timestamp,
) -> Result<Anchoring, Error> {
    let known = store.fetch().await?;
    if known
        .as_ref()
        .is_some_and(|known| now.duration_since(known.at) < PAUSE)
    {
        return Ok(Anchoring::Recent);
    }
    let (report, ends) = audit::follow(database, known.as_ref(), MOST).await?;
    if !report.is_sound() {
        return Err(broken(&report));
    }
    let next = Anchor::of(now, &ends).ok_or_else(|| broken(&report))?;
    let has_moved = match &known {
        Some(known) => known.heads != next.heads,
        None => report.entries() > 0,
    };
    if !has_moved {
        return Ok(Anchoring::Unmoved);
    }
    store.keep(&next).await?;
    tracing::info!(audit.anchor = next.write(), "the audit is anchored");
    Ok(Anchoring::Kept)
}

fn broken(report: &Report) -> Error {
    let what = "the audit is not the one that was anchored: run cargo local verify-audit";
    let wrong = report.chains.iter().filter(|chain| chain.fault.is_some());
    let shards: Vec<_> = wrong.map(|chain| chain.shard).collect();
    let shards = format!("chains {shards:?}");
    Error::Misconfigured {
        what: what.to_owned(),
        source: Some(shards.into()),
    }
}
