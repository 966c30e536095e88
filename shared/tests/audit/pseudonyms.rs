//! Who an entry is about stands there under a key, and erasure takes the key away.

use serde_json::json;
use shared::audit::Position;
use shared::db::{audit, conversations};
use shared::domain::{ConversationId, ReceiptId};

use crate::stage::{Stage, append, entry, key};

const SUBJECT: &str = "conv-secret";

async fn subject(stage: &Stage, at: Position) -> String {
    let (shard, number) = (at.shard, at.number);
    let subject = format!(
        "SELECT encode(subject, 'hex') FROM audit_entries WHERE shard = {shard} AND position = {number}"
    );
    stage.text(&subject).await.unwrap()
}

async fn erase(stage: &Stage) {
    let id = ConversationId::parse(SUBJECT).unwrap();
    let receipt = ReceiptId::generate();
    conversations::erase(&stage.database, &key(), &id, receipt)
        .await
        .unwrap();
}

#[tokio::test]
async fn one_subject_has_one_pseudonym_and_no_other_has_it() {
    let Some(stage) = Stage::set("one_subject").await else {
        return;
    };
    let first = append(&stage.database, SUBJECT, 1).await;
    let second = append(&stage.database, SUBJECT, 2).await;
    let other = append(&stage.database, "conv-other", 3).await;
    assert_eq!(first.shard, second.shard);
    assert_eq!(subject(&stage, first).await, subject(&stage, second).await);
    assert_ne!(subject(&stage, first).await, subject(&stage, other).await);
    let named = "SELECT count(*)::text FROM audit_entries e, audit_keys k
        WHERE e::text LIKE '%conv-%' OR k::text LIKE '%conv-%' OR e.subject = k.subject_mac OR e.subject = k.key";
    assert_eq!(stage.text(named).await.unwrap(), "0");
}

#[tokio::test]
async fn erasure_takes_the_key_and_leaves_the_chain_whole() {
    let Some(stage) = Stage::set("erasure_takes_the_key").await else {
        return;
    };
    let before = append(&stage.database, SUBJECT, 1).await;
    append(&stage.database, "conv-other", 2).await;
    let key =
        "SELECT encode(key, 'hex') FROM audit_keys WHERE key IS NOT NULL ORDER BY made_at LIMIT 1";
    let taken = stage.text(key).await.unwrap();
    // The planner samples what there is.
    stage.bystander.batch_execute("ANALYZE").await.unwrap();
    erase(&stage).await;
    erase(&stage).await;
    assert_eq!(stage.faults(None).await, []);
    assert_ne!(stage.text(key).await.unwrap(), taken);
    let samples =
        format!("SELECT count(*)::text FROM pg_stats WHERE pg_stats::text LIKE '%{taken}%'");
    assert_eq!(
        stage.text(&samples).await.unwrap(),
        "0",
        "nor do statistics keep it"
    );

    let after = append(&stage.database, SUBJECT, 3).await;
    let later = append(&stage.database, SUBJECT, 4).await;
    let subjects = [
        subject(&stage, before).await,
        subject(&stage, after).await,
        subject(&stage, later).await,
    ];
    assert!(subjects[0] != subjects[1] && subjects[1] != subjects[2]);
    let keys = "SELECT count(key)::text FROM audit_keys";
    assert_eq!(
        stage.text(keys).await.unwrap(),
        "1",
        "the other conversation's"
    );
    assert_eq!(stage.faults(None).await, []);
}

/// An entry is on its way while its conversation is erased: no key comes back.
#[tokio::test]
async fn nobody_makes_a_key_again_while_it_is_taken() {
    let Some(stage) = Stage::set("nobody_makes_a_key_again").await else {
        return;
    };
    append(&stage.database, "known", 0).await;
    for subject in ["known", "new"] {
        let eraser = stage.test.database().unwrap();
        let mut connection = eraser.connection().await.unwrap();
        let transaction = connection.transaction().await.unwrap();
        let mac = key().mac_of(subject);
        audit::forget(&transaction, &mac).await.unwrap();
        let database = stage.database.clone();
        let appending = tokio::spawn(async move { append(&database, subject, 1).await });
        let waiting = "SELECT count(*)::text FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while stage.text(waiting).await.unwrap() == "0" {
            tokio::task::yield_now().await;
        }
        transaction.commit().await.unwrap();
        appending.await.unwrap();
        let keys = "SELECT count(key)::text FROM audit_keys";
        assert_eq!(stage.text(keys).await.unwrap(), "0", "{subject}");
    }
    assert_eq!(stage.faults(None).await, []);
}

#[tokio::test]
async fn what_is_rolled_back_was_never_there() {
    let Some(stage) = Stage::set("what_is_rolled_back").await else {
        return;
    };
    append(&stage.database, SUBJECT, 1).await;
    {
        let mut connection = stage.database.connection().await.unwrap();
        let transaction = connection.transaction().await.unwrap();
        let entry = entry(SUBJECT, json!({}));
        audit::append(&transaction, &key(), entry).await.unwrap();
    }
    let next = append(&stage.database, SUBJECT, 2).await;
    assert_eq!(next.number, 2);
    assert_eq!(stage.faults(None).await, []);
}
