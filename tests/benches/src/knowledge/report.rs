//! What the bench found, as a table.

use super::{Counts, Found, LATENCY, PACE};
use crate::figure::{Figure, digits};
use crate::report::{Goal, Report, Row};

pub(super) fn report(rounds: usize, counts: Counts, found: &Found) -> Report {
    let ours = Figure::median(&found.ours);
    let peak = Figure::megabytes(found.peak);
    let rows = vec![
        Row::new(
            "processor time for an article, beside the reference's way",
            ours,
            Figure::median(&found.reference),
            None,
        )
        .aiming_at(Goal::TimesPeer(10.0)),
        Row::new(
            "… with its clients kept open",
            ours,
            Figure::median(&found.kept_open),
            None,
        ),
        Row::new(
            format!(
                "articles a second, the provider taking {} ms",
                LATENCY.as_millis()
            ),
            Figure::median_rate(&found.ours_slow),
            Figure::median_rate(&found.reference_slow),
            None,
        )
        .aiming_at(Goal::TimesPeer(20.0)),
        Row::new(
            "articles a second, the provider answering at once",
            Figure::median_rate(&found.ours_fast),
            Figure::median_rate(&found.reference_fast),
            None,
        ),
        Row::new(
            "requests that a provider with a limit lets through",
            Figure::median_rate(&found.paced),
            None,
            Figure::median_rate(&found.pace),
        )
        .aiming_at(Goal::ShareOfLimit(0.95)),
        Row::new(
            "an incremental run that finds nothing changed",
            Figure::median(&found.idle),
            None,
            None,
        )
        .aiming_at(Goal::AtMost(50.0)),
        Row::new(
            format!(
                "peak memory at {} articles; the limit is that at {}",
                counts.all, counts.few
            ),
            Some(peak),
            None,
            Some(Figure::megabytes(found.peak_of_few)),
        )
        .aiming_at(Goal::ShareOfLimit(0.8)),
    ];
    Report {
        about: about(rounds, counts, found),
        rows,
        notes: notes(counts, found),
    }
}

fn about(rounds: usize, counts: Counts, found: &Found) -> String {
    format!(
        "The first sync of {} invented English articles, all of them published, from CXone's listing (simulated, on loopback) to \
         the commit in Postgres (fsync on), through a stub provider whose vectors have 1,536 dimensions. Ours is the released function, \
         told to sync as the schedule tells it, with the settings of the template; its time holds the first connections. The peer is \
         the document's way, `tests/benches/peers/knowledge_way.py`: a page after the other, an article after the other, one embedding \
         of its first 8,191 characters, one row. Medians of {rounds} interleaved rounds; every run has a new database. Links are \
         checked on no side. Ours cuts an article into {} pieces on average and embeds each.",
        counts.all,
        digits(found.pieces),
    )
}

fn notes(counts: Counts, found: &Found) -> Vec<String> {
    let (refused, admitted) = found.refused;
    vec![
        format!(
            "The peer got the first {} of the articles; its time for an article hardly depends on how many there are. Interpreter, imports \
             and its connection to Postgres are not timed.",
            counts.slow
        ),
        "The document makes a new OpenAI client for every embedding; the peer makes a new httpx client, which costs less. It keeps no raw \
         texts apart, no versions and no links, and its table has no index for vectors."
            .to_owned(),
        format!(
            "The provider with a limit lets {} requests a second through, and {} at once after a rest; it tells the others to wait, in whole \
             seconds. {} articles were synced through it, and none failed. It told {refused} requests to wait, and let {admitted} through.",
            digits(PACE.per_second),
            digits(PACE.burst),
            counts.paced,
        ),
        "An idle run asks CXone exactly once and the provider nothing: that is checked. Its time is from the invocation to the answer."
            .to_owned(),
        "After every run the articles were counted, and the pieces without a vector: there were none.".to_owned(),
    ]
}
