//! The keys of the audit: what stands with them, and what is written under them.

use std::time::Duration;

use serde_json::json;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::{audit, conversations};
use shared::domain::{ConversationId, ReceiptId};
use shared::testing::TestDatabase;
use tokio::time::Instant;

use crate::stage::{Stage, append, entry, key};

/// The step that made times go with their keys, and how far a database is before it.
const BEFORE: usize = 19;

/// As releases before that step do it.
fn forget_as_before(subject: &str) -> String {
    let mac = key().mac_of(subject);
    format!(
        "INSERT INTO audit_keys (subject_mac, key) VALUES (decode('{mac}', 'hex'), NULL)
            ON CONFLICT (subject_mac) DO UPDATE SET key = NULL"
    )
}

/// Keys that went, and of how many a time says when their subjects' first entries were appended.
const GONE: &str = "SELECT count(*) || ' ' || count(*) FILTER (WHERE made_at <> 'epoch') FROM audit_keys WHERE key IS NULL";

#[tokio::test]
async fn with_a_key_goes_when_it_was_made() {
    let Some(stage) = Stage::set("with_a_key_goes_when").await else {
        return;
    };
    for subject in ["one", "two", "three"] {
        append(&stage.database, subject, 1).await;
    }
    let mut connection = stage.database.connection().await.unwrap();
    let transaction = connection.transaction().await.unwrap();
    for subject in ["one", "nobody"] {
        let mac = key().mac_of(subject);
        audit::forget(&transaction, &mac).await.unwrap();
    }
    transaction.commit().await.unwrap();
    for subject in ["two", "somebody"] {
        let forget = forget_as_before(subject);
        stage.bystander.batch_execute(&forget).await.unwrap();
    }
    assert_eq!(stage.text(GONE).await.unwrap(), "4 0");
    let kept = "SELECT count(*)::text FROM audit_keys k JOIN audit_entries e ON e.at BETWEEN k.made_at AND k.made_at + interval '1 minute'
        WHERE k.key IS NOT NULL";
    assert_ne!(stage.text(kept).await.unwrap(), "0", "one has its key");
}

#[tokio::test]
async fn keys_that_went_before_lose_their_times_as_well() {
    let Some(test) = TestDatabase::create("keys_that_went_before").await else {
        return;
    };
    let database = test.database().unwrap();
    let soon = Instant::now() + Duration::from_mins(1);
    let before = MIGRATIONS.split_at(BEFORE).0;
    migrate(&database, before, soon).await.unwrap();
    let rows = test.bystander().await.unwrap();
    for subject in ["one", "two"] {
        rows.batch_execute(&forget_as_before(subject))
            .await
            .unwrap();
    }
    let gone = async || {
        let row = rows.query_one(GONE, &[]).await.unwrap();
        row.get::<_, String>(0)
    };
    assert_eq!(gone().await, "2 2");
    migrate(&database, MIGRATIONS, soon).await.unwrap();
    assert_eq!(gone().await, "2 0");
}

/// Else whoever has what was digested finds the entries about it, also after the erasure.
#[tokio::test]
async fn digests_are_written_under_the_subjects_key() {
    let Some(stage) = Stage::set("digests_are_written").await else {
        return;
    };
    let digest = "0f".repeat(32);
    for subject in ["one", "one", "other"] {
        let mut connection = stage.database.connection().await.unwrap();
        let transaction = connection.transaction().await.unwrap();
        let content = json!({ "parts": [{ "sha256": digest, "bytes": 3 }] });
        let entry = entry(subject, content);
        audit::append(&transaction, &key(), entry).await.unwrap();
        transaction.commit().await.unwrap();
    }
    let plain = format!("SELECT count(*)::text FROM audit_entries WHERE content LIKE '%{digest}%'");
    assert_eq!(stage.text(&plain).await.unwrap(), "0");
    let said =
        "SELECT string_agg(n::text, ' ' ORDER BY n) FROM (SELECT count(*) AS n FROM audit_entries
        WHERE content LIKE '%sha256_hmac%' GROUP BY content) c";
    assert_eq!(
        stage.text(said).await.unwrap(),
        "1 2",
        "the same of one subject, and of no other"
    );
    assert_eq!(stage.faults(None).await, []);
}

#[tokio::test]
async fn slips_with_keys_are_refused() {
    let Some(stage) = Stage::set("slips_with_keys").await else {
        return;
    };
    append(&stage.database, "one", 1).await;
    append(&stage.database, "two", 1).await;
    for slip in [
        "UPDATE audit_keys SET key = sha256(key)",
        "UPDATE audit_keys SET made_at = now()",
        "UPDATE audit_keys SET key = NULL, subject_mac = sha256(subject_mac)",
        "DELETE FROM audit_keys",
        "DELETE FROM audit_keys WHERE false",
        "TRUNCATE audit_keys",
    ] {
        let error = stage.bystander.batch_execute(slip).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "42501", "{slip}");
    }
    let forget = forget_as_before("one");
    for _ in 0..2 {
        stage.bystander.batch_execute(&forget).await.unwrap();
    }
    let again = "UPDATE audit_keys SET key = sha256('other') WHERE key IS NULL";
    let error = stage.bystander.batch_execute(again).await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "42501");
}

#[tokio::test]
async fn a_key_that_went_without_an_erasure_is_told() {
    let Some(stage) = Stage::set("a_key_that_went_without").await else {
        return;
    };
    for subject in ["one", "two", "three"] {
        append(&stage.database, subject, 1).await;
    }
    for name in ["one", "nobody"] {
        let id = ConversationId::parse(name).unwrap();
        let receipt = ReceiptId::generate();
        let erased = conversations::erase(&stage.database, &key(), &id, receipt).await;
        erased.unwrap();
    }
    let report = stage.verify(None).await;
    assert!(report.is_clean(), "{report:?}");
    let forget = forget_as_before("two");
    stage.bystander.batch_execute(&forget).await.unwrap();
    let report = stage.verify(None).await;
    assert_eq!((report.lost_keys, report.is_clean()), (1, false));
    assert!(report.is_sound(), "the chains are whole");
}
