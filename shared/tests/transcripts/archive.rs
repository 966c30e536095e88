//! The archive follows the injection, and undoes none.

use serde_json::{Value, json};
use shared::db::transcripts::{Archive, State, archive_waiting};

use crate::stage::{Stage, injected};
use shared::testing::stage::erasure_key;

#[tokio::test]
async fn what_was_injected_is_archived_and_told() {
    let Some(stage) = Stage::set("what_was_injected_is_archived").await else {
        return;
    };
    let id = stage.take("i-1", 1).await;
    let one = stage.claim_one().await;
    stage.settle(&one, &injected("c-1")).await;
    let part = stage.fetch(id).await.parts.remove(0);
    assert_eq!(part.archive, Some(Archive::Telling));
    let told = stage.lines("SELECT body FROM callbacks").await;
    let told: Value = serde_json::from_str(&told[0]).unwrap();
    let expected = json!({
        "conversation_id": "c-1", "interaction_id": "i-1", "transcript_id": id, "part": 1, "parts": 1,
    });
    assert_eq!(told, expected);
    let row = "SELECT interaction_id || ' ' || conversation_id FROM transcript_archive";
    assert_eq!(stage.lines(row).await, ["i-1 c-1"]);
    let said = r#"{"archive_success":true,"attempts":1,"http_status":201,"latency_ms":120,"message_count":3,"part":1,"parts":1,"status":"injected"}"#;
    assert_eq!(stage.said().await[1], said);
    assert_eq!(
        stage
            .number("SELECT count(*) FROM transcripts WHERE payload IS NULL")
            .await,
        1,
        "the words are not kept"
    );
    stage
        .run("UPDATE callbacks SET dead = 'answered 410', died_at = now()")
        .await;
    let part = stage.fetch(id).await.parts.remove(0);
    assert_eq!(part.archive, Some(Archive::Untold));
    stage.run("DELETE FROM callbacks").await;
    let part = stage.fetch(id).await.parts.remove(0);
    assert_eq!(part.archive, Some(Archive::Archived));
}

#[tokio::test]
async fn an_archive_that_fails_undoes_nothing_and_is_tried_again() {
    let Some(stage) = Stage::set("an_archive_that_fails").await else {
        return;
    };
    let id = stage.take("i-1", 1).await;
    stage
        .run("ALTER TABLE transcript_archive ADD CONSTRAINT broken CHECK (part > 1)")
        .await;
    let one = stage.claim_one().await;
    stage.settle(&one, &injected("c-1")).await;
    let known = stage.fetch(id).await;
    assert_eq!(known.state, State::Injected);
    assert_eq!(known.parts[0].archive, Some(Archive::Waiting));
    assert_eq!(stage.number("SELECT count(*) FROM callbacks").await, 0);
    assert!(stage.said().await[1].contains(r#""archive_success":false"#));
    assert!(
        archive_waiting(&stage.database, &erasure_key(), 10)
            .await
            .is_err()
    );
    stage
        .run("ALTER TABLE transcript_archive DROP CONSTRAINT broken")
        .await;
    assert_eq!(
        archive_waiting(&stage.database, &erasure_key(), 10)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        archive_waiting(&stage.database, &erasure_key(), 10)
            .await
            .unwrap(),
        0
    );
    let known = stage.fetch(id).await;
    assert_eq!(known.parts[0].archive, Some(Archive::Telling));
    assert!(stage.audit().await.is_sound());
}
