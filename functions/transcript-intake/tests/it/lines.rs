//! Many transcripts at once.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{World, transcript};

const EVENT: &str = include_str!("../../../../events/transcript-intake.lines.json");
const TIME: Duration = Duration::from_secs(29);

#[tokio::test]
async fn each_line_is_settled_by_itself_and_may_come_again() {
    let Some(world) = World::start("intake_each_line_is_settled").await else {
        return;
    };
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let first = world.lines(event.clone(), TIME).await;
    assert_eq!(first["accepted"], 2);
    let lines = first["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 3);
    assert!(
        lines[0]["id"].is_string() && lines[2]["id"].is_string(),
        "{first}"
    );
    let wrong = json!({
        "line": 2, "error": "invalid",
        "errors": [{ "pointer": "/messages/1/timestamp", "detail": "lies before that of the message before" }],
    });
    assert_eq!(lines[1], wrong);
    assert_eq!(world.lines(event, TIME).await, first, "it is the same");
    let count: i64 = world.value("SELECT count(*) FROM transcripts").await;
    assert_eq!(count, 2);
}

#[tokio::test]
async fn blank_lines_count_and_spelling_does_not() {
    let Some(world) = World::start("intake_blank_lines").await else {
        return;
    };
    let line = transcript().to_string();
    let spaced = serde_json::to_string_pretty(&transcript())
        .unwrap()
        .replace('\n', " ");
    let event = json!({ "lines": format!("\n{line}\r\n \n{spaced}\n{{\n") });
    let settled = world.lines(event, TIME).await;
    let lines = settled["lines"].as_array().unwrap();
    let numbers: Vec<_> = lines
        .iter()
        .map(|line| line["line"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [2, 4, 5]);
    assert_eq!(lines[0]["id"], lines[1]["id"]);
    assert_eq!(lines[2]["error"], "invalid");
}

#[tokio::test]
async fn what_there_is_no_time_for_is_to_be_sent_again() {
    let Some(world) = World::start("intake_no_time").await else {
        return;
    };
    let event = json!({ "lines": format!("{}\n", transcript()) });
    let settled = world.lines(event, Duration::from_secs(1)).await;
    assert_eq!(
        settled,
        json!({ "accepted": 0, "lines": [{ "line": 1, "error": "transient" }] })
    );
    let count: i64 = world.value("SELECT count(*) FROM transcripts").await;
    assert_eq!(count, 0);
}

#[tokio::test]
async fn once_the_database_fails_no_further_line_is_tried() {
    let Some(world) = World::start("intake_the_database_fails").await else {
        return;
    };
    let drop = "ALTER TABLE transcripts RENAME TO transcripts_gone";
    world.rows.execute(drop, &[]).await.unwrap();
    let mut other = transcript();
    other["interaction_id"] = json!("another");
    let event = json!({ "lines": format!("{}\n{other}\n", transcript()) });
    let settled = world.lines(event, TIME).await;
    assert_eq!(settled["accepted"], 0);
    assert_ne!(settled["lines"][0]["error"], "invalid");
    assert_eq!(
        settled["lines"][1],
        json!({ "line": 2, "error": "transient" })
    );
}
