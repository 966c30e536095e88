//! What is old goes: the oldest first, with everything that hangs on it.

use jiff::Timestamp;
use shared::db::conversations::expire;
use shared::db::erased_conversations::Removed;

use crate::stage::{Stage, alone, event};

fn second(number: i64) -> Timestamp {
    Timestamp::from_second(1_768_473_000 + number).unwrap()
}

fn removed(events: u64, chunks: u64) -> Removed {
    Removed {
        conversation_events: events,
        conversation_embeddings: chunks,
        transcripts: 0,
        ..Removed::default()
    }
}

#[tokio::test]
async fn only_what_is_older_goes_and_the_oldest_first() {
    let Some(stage) = Stage::set("only_what_is_older").await else {
        return;
    };
    for number in [4, 0, 3, 1, 2] {
        let mut one = alone(event(stage.model, "conv-1", &format!("text {number}"), 9));
        one.event.received_at = second(number);
        stage.store(&[one]).await;
    }
    let left = async || stage.texts().await.join(" ").replace("text ", "");
    assert_eq!(
        expire(&stage.database, second(0), 9).await.unwrap(),
        removed(0, 0)
    );
    assert_eq!(
        expire(&stage.database, second(3), 2).await.unwrap(),
        removed(2, 2)
    );
    assert_eq!(left().await, "2 3 4");
    assert_eq!(
        expire(&stage.database, second(3), 2).await.unwrap(),
        removed(1, 1)
    );
    assert_eq!(
        expire(&stage.database, second(3), 2).await.unwrap(),
        removed(0, 0)
    );
    assert_eq!(left().await, "3 4");
    for table in ["conversation_events", "embedded"] {
        assert_eq!(
            stage.number(&format!("SELECT count(*) FROM {table}")).await,
            2,
            "{table}"
        );
    }
    assert_eq!(
        stage
            .number("SELECT count(*) FROM erased_conversations")
            .await,
        0,
        "retention is no erasure"
    );
}

#[tokio::test]
async fn what_another_holds_is_left_for_the_next_time() {
    let Some(stage) = Stage::set("what_another_holds").await else {
        return;
    };
    let batch: Vec<_> = (0..3)
        .map(|number| {
            alone(event(
                stage.model,
                "conv-1",
                &format!("text {number}"),
                number,
            ))
        })
        .collect();
    stage.store(&batch).await;
    stage
        .bystander
        .batch_execute("BEGIN; SELECT FROM conversation_events WHERE id = 1 FOR UPDATE")
        .await
        .unwrap();
    assert_eq!(
        expire(&stage.database, second(9), 9).await.unwrap(),
        removed(2, 2)
    );
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    assert_eq!(
        expire(&stage.database, second(9), 9).await.unwrap(),
        removed(1, 1)
    );
}
