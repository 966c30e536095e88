//! An erasure is written down, without saying whose it was.

use serde_json::{Value, json};
use shared::db::conversations;
use shared::db::erased_conversations::{Removed, Tombstone};
use shared::domain::{ConversationId, ReceiptId};
use shared::error::Error;

use crate::stage::{Stage, append, key};

const SUBJECT: &str = "conv-secret";

async fn erase(stage: &Stage) -> Result<Tombstone, Error> {
    let id = ConversationId::parse(SUBJECT).unwrap();
    let receipt = ReceiptId::generate();
    conversations::erase(&stage.database, &key(), &id, receipt).await
}

async fn entries(stage: &Stage) -> Vec<Value> {
    let entries = "SELECT content FROM audit_entries WHERE kind = 'erasure' ORDER BY at";
    let rows = stage.bystander.query(entries, &[]).await.unwrap();
    let content = rows.iter().map(|row| row.get::<_, String>(0));
    content
        .map(|content| serde_json::from_str(&content).unwrap())
        .collect()
}

#[tokio::test]
async fn an_erasure_is_written_down_with_its_receipt_and_what_went() {
    let Some(stage) = Stage::set("an_erasure_is_written_down").await else {
        return;
    };
    append(&stage.database, SUBJECT, 1).await;
    let mac = key().mac_of(SUBJECT);
    let rows = format!(
        "INSERT INTO assist_interactions (interaction_id, sequence, state) VALUES ('{SUBJECT}', 1, '{{}}');
        INSERT INTO stream_offsets (interaction_id, progress, has_words) VALUES ('{SUBJECT}', '{{}}', false);
        INSERT INTO callbacks (id, subject_mac, url, body) VALUES (gen_random_uuid(), decode('{mac}', 'hex'), 'https://a.example', '{{}}')"
    );
    stage.bystander.batch_execute(&rows).await.unwrap();
    let first = erase(&stage).await.unwrap();
    let went = Removed {
        assist_interactions: 1,
        stream_offsets: 1,
        callbacks: 1,
        ..Removed::default()
    };
    assert_eq!(first.removed, went);
    let again = erase(&stage).await.unwrap();
    assert_eq!(again, first);
    let receipt = first.receipt_id;
    assert_eq!(
        entries(&stage).await,
        [
            json!({ "receipt_id": receipt, "names": 1, "removed": went }),
            json!({ "receipt_id": receipt, "names": 1, "removed": Removed::default() }),
        ]
    );
    let named = format!(
        "SELECT count(*)::text FROM audit_entries e WHERE e::text LIKE '%{SUBJECT}%' OR e::text LIKE '%{mac}%'"
    );
    assert_eq!(stage.text(&named).await.unwrap(), "0");
    let keys = "SELECT count(key) || ' ' || count(*) FROM audit_keys";
    assert_eq!(stage.text(keys).await.unwrap(), "0 1", "nor under a key");
    let report = stage.verify(None).await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn what_was_not_erased_is_not_written_down() {
    let Some(stage) = Stage::set("what_was_not_erased").await else {
        return;
    };
    append(&stage.database, SUBJECT, 1).await;
    let forbid = "ALTER TABLE erased_conversations ADD CHECK (octet_length(conversation_mac) > 99)";
    stage.bystander.batch_execute(forbid).await.unwrap();
    assert!(erase(&stage).await.is_err());
    assert_eq!(entries(&stage).await, [] as [Value; 0]);
}
