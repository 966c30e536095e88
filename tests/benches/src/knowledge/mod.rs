//! What a first sync of the knowledge base costs, and what an idle one: through the function, beside the reference's way in Python.

mod ours;
mod peers;
mod report;
mod tenant;

use std::time::Duration;

use crate::bench::{Outcome, Size};
use crate::provider::{Pace, Provider};
use crate::report::Report;
use ours::Ours;
use peers::Peers;
use tenant::Tenant;

/// How long the slow provider takes.
const LATENCY: Duration = Duration::from_millis(50);
/// What the provider with a limit lets through: far less than what is asked of it.
const PACE: Pace = Pace {
    per_second: 20.0,
    burst: 20.0,
};
/// How often an idle sync is timed in a round.
const IDLE_RUNS: usize = 5;

/// How many articles each side gets.
#[derive(Clone, Copy)]
struct Counts {
    /// Ours.
    all: usize,
    /// Ours, to see what memory follows from: more pages than are in flight at once, or there would be less to hold.
    few: usize,
    /// Ours, where the provider limits the pace.
    paced: usize,
    /// The peers, which take longer.
    slow: usize,
}

/// What every round found.
#[derive(Default)]
struct Found {
    /// Of the processor, for an article.
    ours: Vec<Duration>,
    reference: Vec<Duration>,
    kept_open: Vec<Duration>,
    /// By the clock, for an article, with a provider that takes 50 ms.
    ours_slow: Vec<Duration>,
    reference_slow: Vec<Duration>,
    /// By the clock, for an article, with a provider that answers at once.
    ours_fast: Vec<Duration>,
    reference_fast: Vec<Duration>,
    /// Between two requests that the provider with a limit let through, and how far apart it would have let them be.
    paced: Vec<Duration>,
    pace: Vec<Duration>,
    /// Requests that it told to wait, at most, of so many.
    refused: (u32, u32),
    idle: Vec<Duration>,
    /// The most memory, in megabytes.
    peak: f64,
    peak_of_few: f64,
    /// Pieces that were embedded, for an article.
    pieces: f64,
}

/// Runs every side in turn, again and again.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let all = size.pick(300, 2_000, 20_000);
    let counts = Counts {
        all,
        few: size.pick(30, 500, 2_000),
        paced: size.pick(300, 2_000, 4_000),
        slow: size.pick(50, 200, 1_000),
    };
    let rounds = size.pick(1, 3, 3);
    let bench = Bench {
        counts,
        ours: Ours::prepare().await?,
        peers: Peers::prepare()?,
        fast: Provider::start(Duration::ZERO, None)?,
        slow: Provider::start(LATENCY, None)?,
    };
    let mut found = Found::default();
    for _ in 0..rounds {
        bench.round(&mut found).await?;
    }
    Ok(report::report(rounds, counts, &found))
}

/// Everybody who takes part.
struct Bench {
    counts: Counts,
    ours: Ours,
    peers: Peers,
    fast: Provider,
    slow: Provider,
}

impl Bench {
    async fn round(&self, found: &mut Found) -> Outcome<()> {
        let all = Tenant::start(self.counts.all)?;
        self.first_syncs(&all, found).await?;
        let few = Tenant::start(self.counts.few)?;
        let (sync, _) = self.ours.first_sync(&few, &self.fast).await?;
        found.peak_of_few = found.peak_of_few.max(sync.end().await?);
        self.paced(found).await
    }

    async fn first_syncs(&self, tenant: &Tenant, found: &mut Found) -> Outcome<()> {
        let counts = self.counts;
        let (mut sync, first) = self.ours.first_sync(tenant, &self.fast).await?;
        found.ours.push(each(counts.all, first.processor));
        found.ours_fast.push(each(counts.all, first.time));
        found.pieces = ratio(first.pieces, counts.all);
        for _ in 0..IDLE_RUNS {
            found.idle.push(sync.idle(tenant, &self.fast).await?);
        }
        found.peak = found.peak.max(sync.end().await?);
        let peers = &self.peers;
        let spent = peers.sync(tenant, &self.fast, counts.slow, false).await?;
        found.reference.push(each(counts.slow, spent.processor));
        found.reference_fast.push(each(counts.slow, spent.time));
        let (sync, first) = self.ours.first_sync(tenant, &self.slow).await?;
        found.ours_slow.push(each(counts.all, first.time));
        sync.end().await?;
        let spent = peers.sync(tenant, &self.slow, counts.slow, false).await?;
        found.reference_slow.push(each(counts.slow, spent.time));
        let spent = peers.sync(tenant, &self.fast, counts.slow, true).await?;
        found.kept_open.push(each(counts.slow, spent.processor));
        Ok(())
    }

    /// A sync whose provider lets through only so much.
    async fn paced(&self, found: &mut Found) -> Outcome<()> {
        let tenant = Tenant::start(self.counts.paced)?;
        let provider = Provider::start(LATENCY, Some(PACE))?;
        let (sync, _) = self.ours.first_sync(&tenant, &provider).await?;
        sync.end().await?;
        let tally = provider.tally();
        let admitted = f64::from(tally.admitted);
        found.paced.push(tally.time.div_f64(admitted));
        found.pace.push(tally.time.div_f64(PACE.allows(tally.time)));
        found.refused = found.refused.max((tally.refused, tally.admitted));
        Ok(())
    }
}

/// What one of so many took.
fn each(count: usize, time: Duration) -> Duration {
    time / u32::try_from(count.max(1)).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred thousand")]
fn ratio(many: u64, count: usize) -> f64 {
    many as f64 / count as f64
}
