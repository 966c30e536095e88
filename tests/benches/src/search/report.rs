//! What the bench found, as a table.

use super::quality::Quality;
use super::recall::Recall;
use super::stage::Stage;
use super::timing::Timing;
use super::{Counts, Times};
use crate::figure::Figure;
use crate::report::{Goal, Report, Row};

/// A side beside ours: its name, its times, how well it ranks.
struct Side<'a> {
    name: &'static str,
    timing: &'a Timing,
    /// None if another row says it.
    ndcg: Option<f64>,
}

pub(super) fn report(
    counts: Counts,
    stage: &Stage,
    times: &Times,
    quality: &Quality,
    recall: &Recall,
) -> Report {
    let side = |name, timing, ndcg| Side {
        name,
        timing,
        ndcg: Some(ndcg),
    };
    let sides = [
        side("the reference's way", &times.reference, quality.reference),
        side("SQL, any word", &times.any_word, quality.any_word),
        side("SQL, all words", &times.all_words, quality.all_words),
        side("langchain-postgres", &times.langchain, quality.langchain),
        Side {
            name: "langchain-postgres with 200 candidates",
            timing: &times.careful_langchain,
            ndcg: None,
        },
    ];
    let (p50, p95) = (times.ours.percentile(50), times.ours.percentile(95));
    let alone = Row::new("p95", p95, None, times.graph.percentile(95));
    let mut rows = vec![
        Row::new("p50", p50, None, times.graph.percentile(50)),
        alone.aiming_at(Goal::AtMost(25.0)),
    ];
    for Side { name, timing, .. } in &sides {
        let row = Row::new(
            format!("p50 beside {name}"),
            p50,
            timing.percentile(50),
            None,
        );
        rows.push(row.aiming_at(Goal::TimesPeer(1.0)));
        rows.push(Row::new(
            format!("p95 beside {name}"),
            p95,
            timing.percentile(95),
            None,
        ));
    }
    let ours = Some(Figure::share(quality.ours));
    for Side { name, ndcg, .. } in &sides {
        let Some(ndcg) = *ndcg else { continue };
        let row = Row::new(
            format!("nDCG@10 beside {name}"),
            ours,
            Some(Figure::share(ndcg)),
            None,
        );
        rows.push(row.aiming_at(Goal::TimesPeer(1.0)));
    }
    let [ours, usual, careful] =
        [recall.ours, recall.theirs[0], recall.theirs[1]].map(|share| Some(Figure::share(share)));
    rows.push(Row::new("recall@20 of the graph", ours, usual, None));
    rows.push(Row::new("… with 200 candidates", ours, careful, None));
    let [own, peer] = stage.sizes.map(|size| Some(Figure::megabytes(size)));
    rows.push(Row::new(
        "passages, vectors, words and their indexes",
        own,
        peer,
        None,
    ));
    Report {
        about: about(counts),
        rows,
        notes: notes(quality),
    }
}

fn about(counts: Counts) -> String {
    let Counts {
        passages,
        questions,
        rounds,
    } = counts;
    format!(
        "{questions} questions, one after the other, find ten articles among {passages} invented passages of 90 words with 384 dimensions, by \
         both legs: from the question and its vector, which is given, to the texts of the answer. Percentiles of the questions of a round; \
         medians of {rounds} interleaved rounds after one that is not counted. All sides search one database with the same passages and \
         vectors; theirs stand in the table of langchain-postgres with its two indexes (HNSW, GIN over a tsvector). The peers: the \
         reference's way, which is 20 candidates by vector, then `rank_bm25` over these in Python (`tests/benches/peers/search_reference.py`, \
         psycopg with vectors in binary); one statement of SQL with `ts_rank_cd` and vectors, fused by places, of passages with any or with \
         all words of the question (from Rust, prepared); the hybrid search of langchain-postgres (`search_langchain.py`). The limit is the \
         nearest 20 passages by the peers' graph alone, with their texts.",
    )
}

fn notes(quality: &Quality) -> Vec<String> {
    vec![
        format!(
            "nDCG@10 is that of the {} questions of the gate half of `tests/evaluation`, which nothing is tuned by, over its 240 articles, with \
             the vectors of MiniLM. Key phrases of the reference's way are the words of the question.",
            quality.questions
        ),
        "Ours scores every passage that has a word of the question; the reference's way scores 20. SQL with all words, and so \
         langchain-postgres, finds nothing by words unless a passage has every one of them, which is why it is quick."
            .to_owned(),
        "The peers' graphs are searched with 40 candidates, as pgvector does unless it is told otherwise, ours with 200. Recall is that of \
         the nearest 20 of the timed questions, against all passages."
            .to_owned(),
        "The peers in Python are timed by their own clock, inside of the process.".to_owned(),
    ]
}
