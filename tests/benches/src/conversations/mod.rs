//! How fast conversations become searchable: through the function, beside three ways to do it in Python, and beside raw COPY.

mod copy;
mod corpus;
mod ours;
mod peers;
mod report;
mod sentences;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::bench::{Outcome, Size};
use crate::provider::Provider;
use crate::report::Report;
use crate::stage;
use ours::Ours;
use peers::Peers;

/// Messages in a batch, as the template says.
const BATCH: usize = 100;
/// Environments at once; the template lets Lambda run 4, 24 or 100, by `DatabaseConnections`.
const ENVIRONMENTS: usize = 8;
/// Processes of psycopg's COPY: more than cores, so that none is idle.
const PROCESSES: usize = 4;
/// Requests that psycopg's COPY has in flight at once, each with a connection of its own.
const IN_FLIGHT: usize = 8;
/// How long every request to the provider takes.
const LATENCY: Duration = Duration::from_millis(50);
/// The limits of requests to the provider, for our side; the peers have their own.
const EMBEDDING: [(&str, &str); 3] = [
    ("EMBEDDING_BATCH_TEXTS", "100"),
    ("EMBEDDING_BATCH_TOKENS", "300000"),
    ("EMBEDDING_PARALLEL", "4"),
];

/// The same conversations and the same provider for every side.
struct Corpus {
    payloads: Vec<String>,
    /// The same, a payload per line, for the peers.
    file: PathBuf,
    provider: String,
}

/// How many conversations each side gets in a round.
#[derive(Clone, Copy)]
struct Counts {
    /// Ours, psycopg's COPY, the store and raw COPY.
    fast: usize,
    /// Ours in one environment, which takes longer.
    alone: usize,
    /// The other peers, which take longer still.
    slow: usize,
}

/// Seconds per conversation, one time per round.
#[derive(Default)]
struct Times {
    ours: Vec<Duration>,
    alone: Vec<Duration>,
    reference: Vec<Duration>,
    langchain: Vec<Duration>,
    copy: Vec<Duration>,
    copy_whole: Vec<Duration>,
    copy_alone: Vec<Duration>,
    store: Vec<Duration>,
    raw_batches: Vec<Duration>,
    raw_all: Vec<Duration>,
    raw_whole: Vec<Duration>,
    /// The most memory of an environment, in megabytes.
    peak: f64,
    /// The largest share of one core that the provider took while it served ours.
    provider: f64,
}

/// Runs every side in turn, again and again.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let counts = Counts {
        fast: size.pick(2_000, 10_000, 10_000),
        alone: size.pick(1_000, 3_000, 10_000),
        slow: size.pick(200, 1_000, 2_000),
    };
    let rounds = size.pick(1, 5, 9);
    let provider = Provider::start(LATENCY, None)?;
    let corpus = Corpus::write(counts.fast, &provider)?;
    let (ours, peers) = (Ours::prepare(&corpus).await?, Peers::prepare()?);
    let mut times = Times::default();
    for _ in 0..rounds {
        round(&corpus, counts, &ours, &peers, &mut times).await?;
    }
    Ok(report::report(rounds, counts, &corpus, &times))
}

async fn round(
    corpus: &Corpus,
    counts: Counts,
    ours: &Ours,
    peers: &Peers,
    times: &mut Times,
) -> Outcome<()> {
    let busy = Provider::processor_time()?;
    let run = ours.run(corpus, ENVIRONMENTS, counts.fast / BATCH).await?;
    times.ours.push(each(counts.fast, run.time));
    times.peak = times.peak.max(run.peak);
    let busy = Provider::processor_time()?.saturating_sub(busy);
    let share = busy.as_secs_f64() / run.time.as_secs_f64();
    times.provider = times.provider.max(share);
    let time = peers.reference(corpus, counts.slow).await?;
    times.reference.push(each(counts.slow, time));
    let time = peers.copy(corpus, PROCESSES, false).await?;
    times.copy.push(each(counts.fast, time));
    let time = peers.copy(corpus, PROCESSES, true).await?;
    times.copy_whole.push(each(counts.fast, time));
    let run = ours.run(corpus, 1, counts.alone / BATCH).await?;
    times.alone.push(each(counts.alone, run.time));
    times.peak = times.peak.max(run.peak);
    let time = peers.copy(corpus, 1, false).await?;
    times.copy_alone.push(each(counts.fast, time));
    let time = peers.langchain(corpus, counts.slow).await?;
    times.langchain.push(each(counts.slow, time));
    let (time, rows) = copy::store_alone(&corpus.payloads).await?;
    times.store.push(each(counts.fast, time));
    let time = rows.copy_batches(true).await?;
    times.raw_all.push(each(counts.fast, time));
    let time = rows.copy_batches(false).await?;
    times.raw_batches.push(each(counts.fast, time));
    let time = rows.copy_whole().await?;
    times.raw_whole.push(each(counts.fast, time));
    Ok(())
}

/// What one of so many took.
fn each(count: usize, time: Duration) -> Duration {
    time / u32::try_from(count.max(1)).unwrap_or(u32::MAX)
}

impl Corpus {
    fn write(count: usize, provider: &Provider) -> Outcome<Self> {
        let payloads: Vec<String> = (0..count).map(corpus::payload).collect();
        let file = stage::folder()?.join("conversations.jsonl");
        fs::write(&file, payloads.join("\n"))?;
        Ok(Self {
            payloads,
            file,
            provider: provider.url.clone(),
        })
    }
}
