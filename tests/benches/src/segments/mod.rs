//! How fast vectors become searchable when each full segment gets its graph after loading, beside COPY into one graph that stands; and how
//! fast and how well both are searched afterwards.

mod ours;
mod single;
mod vectors;

use std::time::Duration;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::report::{Goal, Report, Row};
use crate::scratch::Ready;

/// So many of the nearest are looked for.
const NEAREST: usize = 20;

/// How much is measured.
#[derive(Clone, Copy)]
struct Counts {
    /// Rows that stand in the end, on both sides.
    rows: usize,
    /// Rows of a segment.
    segment: usize,
    /// The last of them, which are copied into the graph of the others.
    last: usize,
    questions: usize,
}

/// What one side came to.
struct Side {
    per_second: f64,
    /// What each question took.
    times: Vec<Duration>,
    /// The share of the nearest that was found, of all questions.
    recall: f64,
}

/// Fills both, and asks both.
pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let counts = Counts {
        rows: size.pick(6_000, 50_000, 200_000),
        segment: size.pick(1_000, 10_000, 10_000),
        last: size.pick(500, 2_000, 5_000),
        questions: size.pick(50, 200, 500),
    };
    let questions = vectors::questions(counts.questions);
    let ready = Ready::of("segments", vectors::DIMENSIONS).await?;
    let filled = ours::fill(&ready, counts).await?;
    let found = ours::ask(&ready, &questions).await?;
    let ours = Side {
        per_second: rate(counts.rows, filled.time),
        recall: recall(&found, &ours::exact(&ready, &questions).await?),
        times: found.into_iter().map(|(time, _)| time).collect(),
    };
    ready.scratch.remove().await?;

    let graph = single::Graph::create().await?;
    let time = graph.fill(counts).await?;
    let found = graph.ask(&questions).await?;
    let single = Side {
        per_second: rate(counts.last, time),
        recall: recall(&found, &graph.exact(&questions).await?),
        times: found.into_iter().map(|(time, _)| time).collect(),
    };
    graph.remove().await?;
    Ok(report(counts, &filled, &ours, &single))
}

fn rate(rows: usize, time: Duration) -> f64 {
    f64::from(u32::try_from(rows).unwrap_or(u32::MAX)) / time.as_secs_f64()
}

/// The share of what lies nearest that was found.
fn recall(found: &[(Duration, Vec<i64>)], exact: &[Vec<i64>]) -> f64 {
    let hits = found.iter().zip(exact).map(|((_, found), exact)| {
        let hits = exact.iter().filter(|one| found.contains(one));
        hits.count()
    });
    let all: usize = exact.iter().map(Vec::len).sum();
    let share = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    share(hits.sum()) / share(all.max(1))
}

fn report(counts: Counts, filled: &ours::Filled, ours: &Side, single: &Side) -> Report {
    let Counts {
        rows,
        segment,
        last,
        questions,
    } = counts;
    let rate = |side: &Side| Some(Figure::per_second(side.per_second));
    let median = |side: &Side| Figure::median(&side.times);
    let share = |side: &Side| Some(Figure::share(side.recall));
    Report {
        about: format!(
            "{rows} vectors of 384 numbers, clustered and invented. Ours: the store of the function with texts, words and events, {} writers \
            in batches of {}, segments of {segment} rows, the keeper beside them; the time ends when every full segment has its graph. Peer: \
            COPY of the bare vectors in the same batches into one HNSW graph of the same quality, for the last {last} of the rows. Then \
            {questions} questions for the {NEAREST} nearest, at rest.",
            ours::WRITERS,
            ours::BATCH
        ),
        rows: vec![
            Row::new("rows a second, graphs included", rate(ours), rate(single), None)
                .aiming_at(Goal::TimesPeer(10.0)),
            Row::new("question, p50", median(ours), median(single), None),
            Row::new("recall@20", share(ours), share(single), None),
        ],
        notes: vec![
            format!("{} segments were sealed; the longest batch took {:?}.", filled.sealed, filled.slowest),
            "Our question begins a snapshot and asks each segment; the peer's is one statement with the same ef_search.".to_owned(),
        ],
    }
}
