//! What the bench found, as a table.

use std::time::Duration;

use super::{BATCH, Corpus, Counts, ENVIRONMENTS, LATENCY, Times};
use crate::figure::Figure;
use crate::provider::DIMENSIONS;
use crate::report::{Goal, Report, Row};

pub(super) fn report(rounds: usize, counts: Counts, corpus: &Corpus, times: &Times) -> Report {
    let rate = |times: &[Duration]| Figure::median_rate(times);
    let (ours, store) = (rate(&times.ours), rate(&times.store));
    Report {
        about: about(rounds, counts, corpus),
        rows: vec![
            Row::new(
                "beside the reference's way",
                ours,
                rate(&times.reference),
                None,
            )
            .aiming_at(Goal::TimesPeer(25.0)),
            Row::new(
                "beside langchain-postgres",
                ours,
                rate(&times.langchain),
                None,
            )
            .aiming_at(Goal::TimesPeer(25.0)),
            Row::new(
                "beside psycopg3 COPY of the searchable rows alone",
                ours,
                rate(&times.copy),
                None,
            )
            .aiming_at(Goal::TimesPeer(1.0)),
            Row::new(
                "beside psycopg3 COPY with events, keys and marks, as ours",
                ours,
                rate(&times.copy_whole),
                None,
            )
            .aiming_at(Goal::TimesPeer(1.0)),
            Row::new(
                "one environment, beside psycopg3 COPY in one process",
                rate(&times.alone),
                rate(&times.copy_alone),
                None,
            ),
            Row::new(
                "the store alone, beside COPY of all its rows",
                store,
                None,
                rate(&times.raw_all),
            )
            .aiming_at(Goal::ShareOfLimit(0.8)),
            Row::new(
                "… of the searchable rows",
                store,
                None,
                rate(&times.raw_batches),
            ),
            Row::new(
                "… of the searchable rows, all in one COPY",
                store,
                None,
                rate(&times.raw_whole),
            ),
            Row::new(
                "peak memory of an environment",
                Some(Figure::megabytes(times.peak)),
                None,
                None,
            )
            .aiming_at(Goal::AtMost(128.0)),
        ],
        notes: notes(counts, times),
    }
}

fn about(rounds: usize, counts: Counts, corpus: &Corpus) -> String {
    let bytes: usize = corpus.payloads.iter().map(String::len).sum();
    format!(
        "Conversations a second, from the payload to the commit: {} invented conversations of {} bytes of JSON on average become rows \
         with {DIMENSIONS} dimensions in Postgres (fsync on), through a stub provider that answers every request after {} ms. Ours is \
         the released function: {ENVIRONMENTS} environments at once (the template lets Lambda run 4, 24 or 100, by \
         `DatabaseConnections`), each given batches of {BATCH} messages. Medians of {rounds} interleaved rounds; every run has a new database; starts, imports and first connections are \
         not timed on any side. The peers are `tests/benches/peers/{{reference,langchain,copy}}_way.py`. The limit is COPY BINARY, on \
         one connection, of the very rows that the store wrote, as bytes that were ready, {BATCH} conversations to a transaction.",
        counts.fast,
        bytes / corpus.payloads.len().max(1),
        LATENCY.as_millis(),
    )
}

fn notes(counts: Counts, times: &Times) -> Vec<String> {
    vec![
        format!(
            "The reference's way and langchain-postgres got the first {} of the conversations, ours in one environment the first {}: \
             the graph of the reference's table gets slower as it grows, so the smaller share favours it.",
            counts.slow, counts.alone
        ),
        "Langchain's table has no index, ours no graph in its fresh segment. Ours also stores the raw event, its mark and its claim, finds \
         personal data, language and intent; the peers store one row with the reference's tags."
            .to_owned(),
        format!("The provider's stub used at most {:.0} % of one core while it served ours. It runs on the same machine, like everything else.", times.provider * 100.0),
        "After every run the rows with vectors were counted.".to_owned(),
    ]
}
