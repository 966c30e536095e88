//! What becomes of requests when more come than can be answered: half, as much, and twice as much as the environments can do, and what is
//! left of it when the load falls again. Of the webhook, beside the same job in Python, and of search.

mod pool;
mod targets;

use std::sync::Arc;
use std::time::Duration;

use crate::bench::{Outcome, Size};
use crate::figure::Figure;
use crate::load::Arrivals;
use crate::report::{Report, Row};
use crate::stage::Side;
use pool::{Borne, Pool};

/// Environments of each function: as many as this machine has processors.
const ENVIRONMENTS: usize = 2;
/// Loads, as shares of what the environments can do. The last one is after the storm.
const LOADS: [(f64, &str); 4] = [
    (0.5, "half of it"),
    (1.0, "all of it"),
    (2.0, "twice of it"),
    (0.5, "half of it, at once afterwards"),
];

/// One side: what it can do, and what became of each load.
struct Course {
    capacity: f64,
    borne: Vec<Borne>,
}

pub(crate) async fn run(size: Size) -> Outcome<Report> {
    let block = Duration::from_secs(size.pick(1, 5, 20));
    let stage = crate::stage::Stage::set().await?;
    let ours = targets::webhook(&stage, Side::Ours).await?;
    let peer = targets::webhook(&stage, Side::Peer).await?;
    let ours = targets::all_kept(&stage, &ours, course(&ours, block).await?).await?;
    let peer = targets::all_kept(&stage, &peer, course(&peer, block).await?).await?;
    let (search, library) = targets::search(&stage).await?;
    let search = course(&search, block).await?;
    library.scratch.remove().await?;
    Ok(report(block, &ours, &peer, &search))
}

async fn course(pool: &Arc<Pool>, block: Duration) -> Outcome<Course> {
    // The first second warms up.
    pool.capacity(Duration::from_secs(1)).await?;
    let capacity = pool.capacity(block).await?;
    let mut borne = Vec::new();
    for (share, _) in LOADS {
        let per_second = capacity * share;
        borne.push(
            pool.bear(Arrivals {
                per_second,
                time: block,
            })
            .await?,
        );
    }
    Ok(Course { capacity, borne })
}

fn rows(what: &str, ours: &Course, peer: Option<&Course>) -> Vec<Row> {
    let mut rows = vec![Row::new(
        format!("{what}: what {ENVIRONMENTS} environments can do"),
        Some(Figure::per_second(ours.capacity)),
        peer.map(|peer| Figure::per_second(peer.capacity)),
        None,
    )];
    for (place, (_, load)) in LOADS.iter().enumerate() {
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let time = |course: &Course| {
                let latency = course.borne[place].latencies.value_at_quantile(share);
                Figure::time(Duration::from_nanos(latency))
            };
            let row = Row::new(
                format!("{what}: {load}, {name}"),
                Some(time(ours)),
                peer.map(time),
                None,
            );
            rows.push(row);
        }
        let answered = |course: &Course| Figure::share(1.0 - course.borne[place].turned_away);
        let row = Row::new(
            format!("{what}: {load}, answered"),
            Some(answered(ours)),
            peer.map(answered),
            None,
        );
        rows.push(row);
    }
    rows
}

fn report(block: Duration, ours: &Course, peer: &Course, search: &Course) -> Report {
    let mut all = rows("webhook", ours, Some(peer));
    all.extend(rows("search", search, None));
    Report {
        about: format!(
            "Requests arrive evenly, whatever became of those before, for {} s each: half of what {ENVIRONMENTS} environments can do, all of it, \
             twice of it, and half again at once afterwards. As at Lambda's concurrency limit, whoever comes while all environments are at work is \
             turned away at once (429) and waits in no queue. Latency from the moment when a request was due, of those that were answered. Webhooks \
             of {} bytes beside the same job in Python, each by what it can do itself; search with MiniLM in the function.",
            block.as_secs_f64(),
            targets::BODY_BYTES,
        ),
        rows: all,
        notes: vec![
            "Every webhook that was answered is on the queue, and nothing else is: counted after each side.".to_owned(),
            "Where arrivals are even and answers take differently long, some are turned away before all is used.".to_owned(),
        ],
    }
}
