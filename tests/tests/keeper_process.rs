//! The keeper of segments as a process: it dies at every named place, and the next one goes on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(
    dead_code,
    reason = "the builders of the other suite, of which this one needs few"
)]
#[path = "../../shared/tests/conversations/stage.rs"]
mod calls;

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use end_to_end::{Function, binary};
use rustix::process::Signal;
use shared::db::conversations::store;
use shared::db::vector_segments::{prepare_next, roll_over};
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::calls::{Stage, event};

/// Where a keeper can die.
const PLACES: [&str; 7] = [
    "keep.leased",
    "next.before_commit",
    "keep.drained",
    "graph.dropped",
    "seal.built",
    "seal.before_commit",
    "keep.sealed",
];
/// Where it can die when two segments become one.
const MERGE_PLACES: [&str; 9] = [
    "merge.before_begun",
    "merge.begun",
    "merge.drained",
    "merge.made",
    "merge.before_built",
    "merge.built",
    "merge.before_exchanged",
    "merge.exchanged",
    "merge.before_discarded",
];
/// Time enough for all that waits.
const AMPLE: Duration = Duration::from_mins(1);
const KEEP: &str = r#"{"task": "keep"}"#;
/// So many rows stand in each of two closed segments.
const ROWS: usize = 30;

/// The graph of the first segment as a build leaves it that was broken off.
const BREAK: &str = "CREATE INDEX conversation_embeddings_1_graph ON conversation_embeddings_1
        USING hnsw ((embedding::halfvec(4)) halfvec_cosine_ops);
    UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'conversation_embeddings_1_graph'::regclass";

#[tokio::test]
async fn a_keeper_that_dies_at_any_place_is_followed_by_one_that_finishes() {
    // A few at a time: unoptimised processes that get too little of the processor find no time for their connections.
    for places in PLACES.chunks(4) {
        let mut deaths = JoinSet::new();
        for place in places {
            deaths.spawn(die_at(place));
        }
        deaths.join_all().await;
    }
    for places in MERGE_PLACES.chunks(4) {
        let mut deaths = JoinSet::new();
        for place in places {
            deaths.spawn(die_merging_at(place));
        }
        deaths.join_all().await;
    }
}

async fn die_merging_at(place: &'static str) {
    let Some(stage) = Stage::set(place).await else {
        return;
    };
    fill(&stage).await;
    let before = stage.texts().await;
    let two = Some("2");
    let mut doomed = spawn(&stage, Some(place), two).await;
    let answer = doomed.invoke_within(KEEP, AMPLE).await;
    assert!(answer.is_none(), "{place}: it answers");
    let end = doomed.ended().await.unwrap();
    assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()), "{place}");
    assert_eq!(stage.texts().await, before, "{place}");
    let late = "UPDATE segment_keepers SET until = clock_timestamp()";
    stage.bystander.batch_execute(late).await.unwrap();
    let mut next = spawn(&stage, None, two).await;
    let answer = next.invoke_within(KEEP, AMPLE).await.unwrap();
    let told = String::from_utf8_lossy(&answer.body);
    assert!(answer.is_ok, "{place}: {told}");
    let states = "SELECT state, tier::text, row_count::text FROM vector_segments WHERE row_count IS NOT NULL";
    let expected = [format!("sealed 1 {}", 2 * ROWS)];
    assert_eq!(stage.lines(states).await, expected, "{place}: {told}");
    assert_eq!(stage.texts().await, before, "{place}");
}

async fn die_at(place: &'static str) {
    let Some(stage) = Stage::set(place).await else {
        return;
    };
    fill(&stage).await;
    stage.bystander.batch_execute(BREAK).await.unwrap();
    if place == "next.before_commit" {
        let none = "DELETE FROM vector_segments WHERE state = 'next'";
        stage.bystander.batch_execute(none).await.unwrap();
    }
    let before = stage.texts().await;
    let mut doomed = spawn(&stage, Some(place), None).await;
    let answer = doomed.invoke_within(KEEP, AMPLE).await;
    assert!(answer.is_none(), "{place}: it answers");
    let end = doomed.ended().await.unwrap();
    assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()), "{place}");

    // The dead one's lease would hold the next one for a minute and a half; and what it began, the server finishes.
    let late = "UPDATE segment_keepers SET until = clock_timestamp()";
    stage.bystander.batch_execute(late).await.unwrap();
    let mut next = spawn(&stage, None, None).await;
    let answer = next.invoke_within(KEEP, AMPLE).await.unwrap();
    let told = String::from_utf8_lossy(&answer.body);
    assert!(answer.is_ok, "{place}: {told}");
    let states = "SELECT state, count(*)::text, sum(row_count)::text FROM vector_segments GROUP BY 1 ORDER BY 1";
    let rows = 2 * ROWS;
    let expected = [
        "fresh 1 -".to_owned(),
        "next 1 -".to_owned(),
        format!("sealed 2 {rows}"),
    ];
    assert_eq!(stage.lines(states).await, expected, "{place}: {told}");
    let graphs = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE a.amname = 'hnsw' AND i.indisvalid ORDER BY 1";
    let expected = [1, 2].map(|number| format!("conversation_embeddings_{number}_graph"));
    assert_eq!(stage.lines(graphs).await, expected, "{place}: {told}");
    assert_eq!(stage.texts().await, before, "{place}");
}

/// Two segments are filled and closed.
async fn fill(stage: &Stage) {
    for segment in 0..2 {
        let batch = (0..ROWS).map(|number| {
            let name = format!("conv-{segment}-{number}");
            event(stage.model, &name, "said", 0)
        });
        let kept = store(&stage.database, &batch.collect::<Vec<_>>()).await;
        let fill = kept.unwrap().fills[0];
        assert!(roll_over(&stage.database, &fill).await.unwrap());
        assert!(prepare_next(&stage.database, stage.model).await.unwrap());
    }
}

async fn spawn(stage: &Stage, fail_point: Option<&str>, fan: Option<&str>) -> Function {
    let mut command = Command::new(binary("vector-keeper").unwrap());
    command.env_clear();
    command.env("DATABASE_URL", &stage.test.url);
    command.env("AWS_REGION", "us-east-1");
    command.envs(fan.map(|fan| ("MERGE_SEGMENTS", fan)));
    command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
    let log = tempfile::tempfile().unwrap();
    Function::spawn(command, &log).await.unwrap()
}
