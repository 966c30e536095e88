//! What was found, in words.

use super::asking::Asked;
use super::ours::{BATCH, MEMORY_MB, WRITERS};
use super::{Measured, NEAREST, Side};
use crate::figure::Figure;
use crate::report::{Goal, Report, Row};

pub(super) fn report(all: &[Measured]) -> Report {
    let seconds = all.first().map_or([0, 0], |one| {
        [one.setting.window, one.setting.peer_window].map(|window| window.as_secs())
    });
    let [ours, python] = seconds;
    Report {
        about: format!(
            "Short texts by MiniLM; vectors of 1,536 numbers are four of them, and where there are more rows than texts a vector lies between those of two \
            texts. Windows of {ours} s. Ours: the store of the function with texts, words and events, {WRITERS} writers in batches of \
            {BATCH}, the keeper beside them as it is deployed; the time ends when every full segment has its graph and all merges are done. \
            Peer: COPY BINARY of the bare vectors in the same batches by as many writers into one HNSW graph over halfvec of the same quality, which \
            stands over the rows before; of 1,536 numbers, which ours finds by their signs, also into one list of signs (IVFFlat, read whole). Graphs are built with {MEMORY_MB} MB on every side. The reference's way and langchain-postgres \
            write for {python} s, from Python. Questions for the {NEAREST} nearest: five a second beside the writers, and one after the \
            other at rest, where the one graph was built anew over as many rows as ours has by then, and of 1,536 numbers is also walked with the \
            1,000 steps that pgvector takes at most, because with 200 it finds few of the nearest; recall against all rows of the same state."
        ),
        rows: all.iter().flat_map(rows).collect(),
        notes: all.iter().flat_map(notes).collect(),
    }
}

fn rows(one: &Measured) -> Vec<Row> {
    let place = format!(
        "{}-d, {} before",
        one.setting.dimensions, one.setting.prefilled
    );
    let rate = |value| Some(Figure::per_second(value));
    let rates = |what: &str, ours, theirs| {
        let name = format!("{place}: rows a second with every graph, {what}");
        Row::new(name, rate(ours), rate(theirs), None)
    };
    let (ours, graph) = (&one.ours, &one.graph);
    let time = |asked: &Asked, percent| Some(Figure::time(asked.percentile(percent)));
    let share = |asked: &Asked| Some(Figure::share(asked.recall()));
    let mut rows = vec![
        rates(
            "beside COPY into one graph",
            ours.per_second,
            graph.per_second,
        )
        .aiming_at(Goal::TimesPeer(10.0)),
        rates(
            "bare vectors in segments, beside COPY into one graph",
            one.bare,
            graph.per_second,
        ),
        rates(
            "beside the reference's way",
            ours.per_second,
            one.reference.per_second,
        ),
        rates(
            "beside langchain-postgres, which has no graph",
            ours.per_second,
            one.langchain.per_second,
        ),
    ];
    for (when, ours, graph) in [
        ("beside writers", &ours.beside, &graph.beside),
        ("at rest", &ours.rest, &graph.rest),
    ] {
        let question = |percent| {
            let name = format!("{place}: question {when}, p{percent}, beside one graph");
            Row::new(name, time(ours, percent), time(graph, percent), None)
        };
        rows.push(question(50));
        rows.push(question(95).aiming_at(Goal::TimesPeer(0.5)));
        let name = format!("{place}: recall@{NEAREST} {when}, beside one graph");
        rows.push(Row::new(name, share(ours), share(graph), None));
    }
    let rest = |beside: &str, theirs: &Asked| {
        let row = |what: &str, ours, theirs| {
            let name = format!("{place}: {what} at rest, beside {beside}");
            Row::new(name, ours, theirs, None)
        };
        let recall = format!("recall@{NEAREST}");
        [
            row("question, p50,", time(&ours.rest, 50), time(theirs, 50)),
            row("question, p95,", time(&ours.rest, 95), time(theirs, 95)),
            row(&recall, share(&ours.rest), share(theirs)),
        ]
    };
    if let Some(far) = &one.graph.far {
        rows.extend(rest("one graph walked as far as pgvector goes", far));
    }
    if let Some(signs) = &one.signs {
        let beside = "beside COPY into one list of signs";
        rows.push(rates(beside, ours.per_second, signs.per_second));
        rows.extend(rest("one list of signs", &signs.rest));
    }
    rows
}

fn notes(one: &Measured) -> Vec<String> {
    let place = format!(
        "{}-d, {} before",
        one.setting.dimensions, one.setting.prefilled
    );
    let window = &one.window;
    let side = |name: &str, side: &Side| {
        let figures = |asked: &Asked| {
            format!(
                "p50 {:.1?}, p95 {:.1?}, recall {:.3}",
                asked.percentile(50),
                asked.percentile(95),
                asked.recall()
            )
        };
        format!(
            "{place}, {name}: questions beside writers {}; at rest {}.",
            figures(&side.beside),
            figures(&side.rest)
        )
    };
    vec![
        format!(
            "{place}, ours: {} rows were written in {:.1?}, and all graphs stood after {:.1?}; at most {} segments waited for theirs at \
            once; the longest batch took {:.1?}.",
            window.rows, window.written, window.time, window.waiting, window.slowest
        ),
        side("the reference's way", &one.reference),
        side("langchain-postgres", &one.langchain),
    ]
}
