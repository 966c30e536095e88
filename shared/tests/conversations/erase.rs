//! An erased conversation leaves nothing but a tombstone, and nothing brings it back.

use std::time::Duration;

use shared::db::conversations::{self, Stored};
use shared::db::embedding_claims::{Claim, Holder, claim};
use shared::db::erased_conversations::Removed;
use shared::db::vector_segments;
use shared::domain::ReceiptId;

use crate::stage::{Stage, alone, event, id, mac, rendition, silent, space};

/// Every table of ours, every row as text: those that hold one of these words.
pub(crate) async fn remnants(stage: &Stage, words: &[&str]) -> Vec<String> {
    let tables = "SELECT quote_ident(table_name) FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1";
    let mut found = Vec::new();
    for table in stage.lines(tables).await {
        for row in stage.lines(&format!("SELECT t::text FROM {table} t")).await {
            if words.iter().any(|word| row.contains(word)) {
                found.push(format!("{table}: {row}"));
            }
        }
    }
    found
}

async fn erase(stage: &Stage, conversation: &str) -> Removed {
    let receipt = ReceiptId::generate();
    conversations::erase(
        &stage.database,
        &id(conversation),
        &mac(conversation),
        receipt,
    )
    .await
    .unwrap()
    .removed
}

#[tokio::test]
async fn nothing_is_left_in_any_table() {
    let Some(stage) = Stage::set("nothing_is_left").await else {
        return;
    };
    let other = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    let mut canary = event(stage.model, "conv-secret", "canary words", 5);
    canary.renditions = vec![
        rendition(stage.model, &["canary words", "canary more"]),
        rendition(other, &["canary words"]),
    ];
    let early = event(stage.model, "conv-secret", "canary early", 1);
    let note = alone(event(stage.model, "conv-secret", "canary note", 9));
    let mute = silent(event(stage.model, "conv-secret", "canary silence", 9));
    let bystander = event(stage.model, "conv-other", "stays", 0);
    let batch = [early, canary, note, mute, bystander];
    let wanted: Vec<_> = batch
        .iter()
        .map(|one| (one.event.key.clone(), one.mac))
        .collect();
    claim(
        &stage.database,
        &wanted,
        Holder::generate(),
        Duration::from_mins(1),
    )
    .await
    .unwrap();
    stage.store(&batch).await;
    let keys: Vec<_> = batch[..4]
        .iter()
        .map(|one| one.event.key.as_str())
        .collect();
    let mut words = vec!["conv-secret", "canary"];
    words.extend(&keys);
    // A chunk is seen in its segment and again in the whole.
    let seen = 4 + 4 + 4 + 4;
    assert_eq!(
        remnants(&stage, &words).await.len(),
        seen,
        "events, chunks, claims"
    );
    stage.bystander.batch_execute("ANALYZE").await.unwrap();
    let statistics =
        "SELECT tablename::text, attname::text FROM pg_stats WHERE schemaname = 'public'
        AND (pg_stats::text LIKE '%canary more%' OR pg_stats::text LIKE '%conv-secret%')";
    assert_eq!(
        stage.lines(statistics).await,
        [""; 0],
        "the planner keeps no samples of texts and names"
    );

    let removed = erase(&stage, "conv-secret").await;
    assert_eq!(
        removed,
        Removed {
            conversation_events: 4,
            conversation_embeddings: 4,
            transcripts: 0,
        }
    );
    assert_eq!(remnants(&stage, &words).await, [""; 0]);
    assert_eq!(stage.lines(statistics).await, [""; 0]);
    assert_eq!(
        stage.number("SELECT count(*) FROM embedded").await,
        1,
        "the other conversation's"
    );
    assert_eq!(stage.texts().await, ["stays"]);
    let tomb = "SELECT removed::text FROM erased_conversations";
    assert_eq!(
        stage.lines(tomb).await,
        [r#"{"conversation_events":4,"conversation_embeddings":4,"transcripts":0}"#]
    );

    let again = [
        batch[1].clone(),
        event(stage.model, "conv-other", "goes on", 20),
    ];
    assert_eq!(stage.store(&again).await, [Stored::Erased, Stored::New]);
    let claimed = claim(&stage.database, &wanted, Holder::generate(), Duration::ZERO)
        .await
        .unwrap();
    assert_eq!(claimed[..4], [Claim::Erased; 4]);
    assert_eq!(remnants(&stage, &words).await, [""; 0]);
}

#[tokio::test]
async fn what_never_was_can_be_erased_and_twice() {
    let Some(stage) = Stage::set("what_never_was").await else {
        return;
    };
    assert_eq!(erase(&stage, "never").await, Removed::default());
    let first = stage
        .lines("SELECT receipt_id::text, erased_at::text FROM erased_conversations")
        .await;
    assert_eq!(
        stage.store(&[event(stage.model, "never", "late", 0)]).await,
        [Stored::Erased]
    );
    assert_eq!(erase(&stage, "never").await, Removed::default());
    let second = stage
        .lines("SELECT receipt_id::text, erased_at::text FROM erased_conversations")
        .await;
    assert_eq!(first, second, "the first receipt stands");
}
