//! The ends of the chains are kept outside of Postgres, from time to time.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{Anchor, AnchorStore, Report, Seen};
use crate::db::{Database, audit};
use crate::error::Error;

/// Secrets Manager keeps few versions of a secret that changes more often than every ten minutes.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// With less than this left, no old entries are looked at: lest the anchor is not kept.
const LOOK_TIME: Duration = Duration::from_secs(3);

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchoring {
    /// The ends are kept, or how far the chains were followed.
    Kept,
    /// The last time was less than a quarter of an hour ago.
    Recent,
}

/// How many entries are read in one state of everything.
#[derive(Debug, Clone, Copy)]
pub struct Steps {
    /// Of each chain, to follow it to its end. It takes seconds; while there is time, another step is made.
    pub follow: i64,
    /// Of all chains, to look again at what is old. Of a million entries all are seen within a day or so.
    pub look: i64,
}

const STEPS: Steps = Steps {
    follow: 10_000,
    look: 10_000,
};

/// Keeps the ends of the chains, every quarter of an hour, also if nothing was appended: an old anchor says that nobody looks.
///
/// What was appended since the anchor before is followed to the ends, for nobody else looks at what Postgres says of them: an anchor of
/// chains that were made anew, or of ends that were set back, would cover that up. So that is an error, and the old anchor stays.
///
/// Older entries are looked at again, some each time, in the order of the chains. If one is not what was written, that is an error too, in
/// each tick until it is put right; but what was appended rightly is anchored as ever.
pub async fn anchor(
    database: &Database,
    store: &AnchorStore,
    now: Timestamp,
    until: Instant,
) -> Result<Anchoring, Error> {
    anchor_by(database, store, now, until, STEPS).await
}

/// The same by other steps, each of more than one entry.
pub async fn anchor_by(
    database: &Database,
    store: &AnchorStore,
    now: Timestamp,
    until: Instant,
    steps: Steps,
) -> Result<Anchoring, Error> {
    let known = store.fetch().await?;
    if let Some(known) = &known {
        let age = now.duration_since(known.at);
        let anchor_age_s = age.as_secs().max(0);
        tracing::info!(anchor_age_s, "the anchor of the audit was read");
        if age < PAUSE {
            return told(&known.faulty, Anchoring::Recent);
        }
    }
    let mut next = follow(database, known.as_ref(), now, until, steps.follow).await?;
    if let Some(known) = &known {
        (next.seen, next.faulty) = look_again(database, known, until, steps.look).await?;
    }
    store.keep(&next).await?;
    tracing::info!(audit.anchor = next.write(), "the audit is anchored");
    told(&next.faulty, Anchoring::Kept)
}

/// Follows the chains on, step by step, to their ends or while there is time.
async fn follow(
    database: &Database,
    known: Option<&Anchor>,
    now: Timestamp,
    until: Instant,
    step: i64,
) -> Result<Anchor, Error> {
    let mut reached = known.cloned();
    loop {
        let begun = Instant::now();
        let followed = audit::follow(database, reached.as_ref(), step).await?;
        let next = Anchor::of(now, &followed.ends).filter(|_| followed.report.is_sound());
        let next = next.ok_or_else(|| broken(&faulty(&followed.report)))?;
        // The next step takes as long, and another one is left for what comes after it.
        let is_late = Instant::now() + begun.elapsed() * 2 > until;
        if followed.is_finished || is_late {
            return Ok(next);
        }
        reached = Some(next);
    }
}

/// Where looking at what is old goes on next time, and the chains where something is wrong: then it is looked at again.
async fn look_again(
    database: &Database,
    known: &Anchor,
    until: Instant,
    step: i64,
) -> Result<(Option<Seen>, Vec<i16>), Error> {
    if Instant::now() + LOOK_TIME > until {
        return Ok((known.seen, known.faulty.clone()));
    }
    let (report, seen) = audit::look_again(database, known, step).await?;
    let faulty = faulty(&report);
    let seen = if faulty.is_empty() { seen } else { known.seen };
    Ok((seen, faulty))
}

fn faulty(report: &Report) -> Vec<i16> {
    let wrong = report.chains.iter().filter(|chain| chain.fault.is_some());
    wrong.map(|chain| chain.shard).collect()
}

fn told(faulty: &[i16], anchoring: Anchoring) -> Result<Anchoring, Error> {
    if faulty.is_empty() {
        Ok(anchoring)
    } else {
        Err(broken(faulty))
    }
}

fn broken(shards: &[i16]) -> Error {
    let what = "the audit is not the one that was anchored: run cargo local verify-audit";
    let shards = format!("chains {shards:?}");
    Error::Misconfigured {
        what: what.to_owned(),
        source: Some(shards.into()),
    }
}
