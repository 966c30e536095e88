//! The keeper of segments as a process: it dies at every named place, and the next one goes on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(
    dead_code,
    reason = "the builders of the other suite, of which this one needs few"
)]
#[path = "../../shared/tests/conversations/stage.rs"]
mod calls;

use std::time::Duration;

use end_to_end::canary::{Talkative, leaks, told};
use end_to_end::{AMPLE, Function, binary};
use serde_json::json;
use shared::db::conversations::store;
use shared::db::vector_segments::{prepare_next, roll_over};
use tokio::process::Command;
use tokio::task::JoinSet;

use crate::calls::{Numbers, Stage, event};

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
/// Where it can die when two segments become one, sealed or closed.
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
/// Where it can die when vectors are large, whose signs stand in tables of their own.
const SIGN_PLACES: [&str; 3] = ["signs.before_made", "seal.built", "seal.before_commit"];
const KEEP: &str = r#"{"task": "keep"}"#;
/// Too little to try again and again.
const BRIEF: Duration = Duration::from_secs(6);
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
            deaths.spawn(die_building_at(place));
        }
        deaths.join_all().await;
    }
    for places in MERGE_PLACES.chunks(2) {
        let mut deaths = JoinSet::new();
        for place in places {
            deaths.spawn(die_merging_at(place, "sealed"));
            deaths.spawn(die_merging_at(place, "closed"));
        }
        deaths.join_all().await;
    }
}

#[tokio::test]
async fn a_keeper_that_dies_over_signs_is_followed_by_one_that_finishes() {
    let mut deaths = JoinSet::new();
    for place in SIGN_PLACES {
        deaths.spawn(async move {
            let name = format!("large {place}");
            let Some(stage) = Stage::set_for(&name, Numbers(1_024)).await else {
                return;
            };
            fill(&stage).await;
            die_at(place, &stage).await;
            let signs = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname LIKE 'conversation_signs_%' ORDER BY 1";
            let expected = [1, 2].map(|number| format!("conversation_signs_{number}"));
            assert_eq!(stage.lines(signs).await, expected, "{place}");
        });
    }
    deaths.join_all().await;
}

async fn die_merging_at(place: &'static str, kind: &'static str) {
    let Some(stage) = Stage::set(&format!("{kind} {place}")).await else {
        return;
    };
    fill(&stage).await;
    if kind == "sealed" {
        let mut sealing = spawn(&stage, None, None).await;
        assert!(sealing.invoke_within(KEEP, AMPLE).await.unwrap().is_ok);
    }
    let waiting = "SELECT state, count(*)::text FROM vector_segments WHERE state IN ('closed', 'sealed') GROUP BY 1";
    assert_eq!(stage.lines(waiting).await, [format!("{kind} 2")]);
    let before = stage.texts().await;
    let two = Some("2");
    let mut doomed = spawn(&stage, Some(place), two).await;
    doomed.die_over(place, KEEP).await;
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

async fn die_building_at(place: &'static str) {
    let Some(stage) = Stage::set(place).await else {
        return;
    };
    fill(&stage).await;
    stage.bystander.batch_execute(BREAK).await.unwrap();
    die_at(place, &stage).await;
    let graphs = "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE a.amname = 'hnsw' AND i.indisvalid ORDER BY 1";
    let expected = [1, 2].map(|number| format!("conversation_embeddings_{number}_graph"));
    assert_eq!(stage.lines(graphs).await, expected, "{place}");
}

async fn die_at(place: &'static str, stage: &Stage) {
    if place == "next.before_commit" {
        let none = "DELETE FROM vector_segments WHERE state = 'next'";
        stage.bystander.batch_execute(none).await.unwrap();
    }
    let before = stage.texts().await;
    let mut doomed = spawn(stage, Some(place), None).await;
    doomed.die_over(place, KEEP).await;

    // The dead one's lease would hold the next one for a minute and a half; and what it began, the server finishes.
    let late = "UPDATE segment_keepers SET until = clock_timestamp()";
    stage.bystander.batch_execute(late).await.unwrap();
    let mut next = spawn(stage, None, None).await;
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
    assert_eq!(stage.texts().await, before, "{place}");
}

/// Two segments are filled and closed.
async fn fill(stage: &Stage) {
    for segment in 0..2 {
        let batch = (0..ROWS).map(|number| {
            let name = format!("conv-{segment}-{number}");
            let one = event(stage.model, &name, &format!("canary said {number}"), 0);
            stage.numbers().place(one)
        });
        let kept = store(&stage.database, &batch.collect::<Vec<_>>()).await;
        let fill = kept.unwrap().fills[0];
        assert!(roll_over(&stage.database, &fill).await.unwrap());
        assert!(prepare_next(&stage.database, stage.model).await.unwrap());
    }
}

fn command(name: &str, stage: &Stage) -> Command {
    let mut command = Command::new(binary(name).unwrap());
    command.env_clear();
    command.env("DATABASE_URL", &stage.test.url);
    command.env("AWS_REGION", "us-east-1");
    command
}

async fn spawn(stage: &Stage, fail_point: Option<&str>, fan: Option<&str>) -> Function {
    let mut command = command("vector-keeper", stage);
    command.envs(fan.map(|fan| ("MERGE_SEGMENTS", fan)));
    command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
    let log = tempfile::tempfile().unwrap();
    Function::spawn(command, &log).await.unwrap()
}

#[tokio::test]
async fn what_is_kept_and_who_keeps_it_is_in_no_log() {
    let Some(stage) = Stage::set("what_is_kept_and_who_keeps_it").await else {
        return;
    };
    fill(&stage).await;
    // Postgres quotes the row that breaks such a rule. Rows that are there already are copied when segments are merged.
    let rule = "ALTER TABLE conversation_embeddings ADD CHECK (text_content NOT LIKE '%canary%') NOT VALID";
    stage.bystander.batch_execute(rule).await.unwrap();
    let mut merging = command("vector-keeper", &stage);
    merging.env("MERGE_SEGMENTS", "2");
    let mut keeper = Talkative::spawn(merging).await.unwrap();
    for event in [
        KEEP,
        r#"{"task": "other"}"#,
        r#"{"Records": [{"messageId": "m-1", "body": "canary"}]}"#,
    ] {
        keeper.function.invoke_within(event, AMPLE).await.unwrap();
    }
    let log = keeper.end().await.unwrap();
    assert!(
        log.contains("ERROR") || log.contains("WARN"),
        "something fails: {log}"
    );
    assert_eq!(leaks(&log, &[]), [""; 0]);
    assert_eq!(told(&stage.bystander).await.unwrap(), [""; 0]);
}

/// Where the answer goes is signed: who reads the address may answer.
#[tokio::test]
async fn neither_a_password_nor_a_signed_address_is_in_the_migrators_log() {
    let Some(stage) = Stage::set("neither_a_password_nor_a_signed_address").await else {
        return;
    };
    let mut locked_out = command("schema-migrator", &stage);
    locked_out.env(
        "DATABASE_URL",
        "postgres://nobody:canary-password@127.0.0.1:9/canary",
    );
    for command in [command("schema-migrator", &stage), locked_out] {
        let mut migrator = Talkative::spawn(command).await.unwrap();
        for address in [
            "http://127.0.0.1:9/canary?X-Amz-Signature=canary",
            "http://canary.invalid/?X-Amz-Signature=canary",
            "canary",
        ] {
            let event = json!({
                "RequestType": "Create", "ServiceToken": "arn", "ResponseURL": address, "StackId": "stack", "RequestId": "request",
                "LogicalResourceId": "DatabaseSchema", "ResourceType": "Custom::DatabaseSchema",
                "ResourceProperties": { "ServiceToken": "arn", "Word": "canary" },
            });
            migrator
                .function
                .invoke_within(event.to_string(), BRIEF)
                .await
                .unwrap();
        }
        for event in ["{}", "[]"] {
            migrator.function.invoke_within(event, BRIEF).await.unwrap();
        }
        let log = migrator.end().await.unwrap();
        assert!(log.contains("level"), "it logs at all: {log}");
        assert_eq!(leaks(&log, &[]), [""; 0]);
    }
}
