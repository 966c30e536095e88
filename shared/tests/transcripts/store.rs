//! A transcript is taken in once, whole, or not at all.

use shared::db::transcripts::{State, fetch};
use shared::domain::TranscriptId;
use shared::error::Error;

use crate::stage::Stage;

#[tokio::test]
async fn all_parts_and_an_entry_of_the_audit_are_one() {
    let Some(stage) = Stage::set("all_parts_and_an_entry").await else {
        return;
    };
    let id = stage.take("i-1", 3).await;
    let known = stage.fetch(id).await;
    assert_eq!(known.interaction_id.as_str(), "i-1");
    assert_eq!(known.state, State::Pending);
    let parts: Vec<_> = known
        .parts
        .iter()
        .map(|it| (it.part, it.attempts))
        .collect();
    assert_eq!(parts, [(1, 0), (2, 0), (3, 0)]);
    let known_part = &known.parts[2];
    assert!(known_part.next_attempt_at.is_some() && known_part.estimated_at.is_some());
    assert_eq!((known_part.archive, known_part.ended_at), (None, None));
    assert_eq!(stage.said().await, [r#"{"status":"accepted"}"#]);
    assert!(stage.audit().await.is_sound());
    let none = fetch(&stage.database, 1.0, TranscriptId::generate()).await;
    assert_eq!(none.unwrap(), None);

    // Without the audit, nothing is taken in.
    let broken = "ALTER TABLE audit_entries ADD CONSTRAINT broken CHECK (position < 2)";
    stage.run(broken).await;
    let refused = stage.try_to_take("i-1", 2, None, 1).await;
    assert!(matches!(refused, Err(Error::Bug { .. })), "{refused:?}");
    assert_eq!(stage.number("SELECT count(*) FROM transcripts").await, 3);
}

#[tokio::test]
async fn a_repeat_is_known_and_something_else_under_its_key_is_refused() {
    let Some(stage) = Stage::set("a_repeat_is_known").await else {
        return;
    };
    let first = stage.try_to_take("i-1", 2, Some("k-1"), 1).await.unwrap();
    let again = stage.try_to_take("i-1", 2, Some("k-1"), 1).await.unwrap();
    assert_eq!(
        (first.id, first.parts, first.is_repeat),
        (again.id, 2, false)
    );
    assert_eq!((again.parts, again.is_repeat), (2, true));
    for name in ["i-1", "i-2"] {
        let other = stage.try_to_take(name, 2, Some("k-1"), 2).await;
        assert!(matches!(other, Err(Error::Conflict(_))), "{other:?}");
    }
    stage.try_to_take("i-1", 1, Some("k-2"), 1).await.unwrap();
    stage.try_to_take("i-1", 1, None, 1).await.unwrap();
    stage.try_to_take("i-1", 1, None, 1).await.unwrap();
    assert_eq!(stage.number("SELECT count(*) FROM transcripts").await, 5);
    assert_eq!(stage.said().await.len(), 4);
}

#[tokio::test]
async fn twins_that_come_together_are_one() {
    let Some(stage) = Stage::set("twins_that_come_together").await else {
        return;
    };
    let databases: Vec<_> = (0..8).map(|_| stage.test.database().unwrap()).collect();
    let mut twins = tokio::task::JoinSet::new();
    for (number, database) in databases.into_iter().enumerate() {
        twins.spawn(async move {
            let part = shared::db::transcripts::NewPart {
                payload: b"{}",
                messages: 1,
            };
            // Half of them are of another interaction, and so wait for nobody before the key itself.
            let interaction = crate::stage::interaction(&format!("i-{}", number % 2));
            let new = shared::db::transcripts::NewTranscript {
                interaction: &interaction,
                idempotency_key: Some("twin"),
                request_hash: [u8::try_from(number % 2).unwrap(); 32],
                archive_callback_url: None,
                parts: &[part],
                audit: serde_json::json!({}),
            };
            shared::db::transcripts::store(&database, &shared::testing::stage::erasure_key(), &new)
                .await
        });
    }
    let taken = twins.join_all().await;
    let repeats = taken.iter().flatten().filter(|it| it.is_repeat).count();
    let others = taken
        .iter()
        .filter(|it| matches!(it, Err(Error::Conflict(_))));
    assert_eq!((repeats, others.count()), (3, 4), "{taken:?}");
    assert_eq!(stage.number("SELECT count(*) FROM transcripts").await, 1);
}
