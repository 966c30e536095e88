//! The ends of the chains are kept outside of Postgres, from time to time.

use jiff::{SignedDuration, Timestamp};

use super::{Anchor, AnchorStore};
use crate::db::{Database, audit};
use crate::error::Error;

/// Secrets Manager keeps few versions of a secret that changes more often than every ten minutes.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchoring {
    /// The ends are kept.
    Kept,
    /// Nothing was appended since the last time.
    Unmoved,
    /// The last time was less than a quarter of an hour ago.
    Recent,
}

/// Keeps the ends of the chains, at most every quarter of an hour, and only if one moved.
///
/// The anchor before must still hold: an anchor of chains that were made anew would cover that up. So that is an error, and the old
/// anchor stays.
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
    let heads = audit::fetch_heads(database).await?;
    let next = Anchor::of(now, &heads).ok_or_else(|| broken(&[]))?;
    if let Some(known) = known {
        if known.heads == next.heads {
            return Ok(Anchoring::Unmoved);
        }
        let lost = audit::fetch_lost(database, &known).await?;
        if !lost.is_empty() {
            return Err(broken(&lost));
        }
    } else if heads.iter().all(|head| head.entries == 0) {
        return Ok(Anchoring::Unmoved);
    }
    store.keep(&next).await?;
    tracing::info!(audit.anchor = next.write(), "the audit is anchored");
    Ok(Anchoring::Kept)
}

fn broken(shards: &[i16]) -> Error {
    let what = "the audit is not the one that was anchored: run cargo local verify-audit";
    let shards = format!("chains {shards:?}");
    Error::Misconfigured {
        what: what.to_owned(),
        source: Some(shards.into()),
    }
}
