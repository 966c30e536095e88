//! An erasure leaves nothing of a transcript, whichever of its two names is used.

use shared::db::conversations::erase;
use shared::db::erased_conversations::Removed;
use shared::db::transcripts::{Settled, State};
use shared::domain::{ConversationId, ReceiptId};
use shared::error::Error;

use crate::stage::{Stage, injected, over};
use shared::testing::stage::erasure_key;

async fn remove(stage: &Stage, name: &str) -> Removed {
    let conversation = ConversationId::parse(name).unwrap();
    let mac = erasure_key().mac(&conversation);
    let receipt = ReceiptId::generate();
    let tombstone = erase(&stage.database, &conversation, &mac, receipt).await;
    tombstone.unwrap().removed
}

/// Rows of any table that hold one of these words.
async fn remnants(stage: &Stage, words: &[&str]) -> Vec<String> {
    let tables = "SELECT quote_ident(table_name) FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1";
    let mut found = Vec::new();
    for table in stage.lines(tables).await {
        // Payloads are shown in hexadecimal otherwise.
        let rows = format!("SET bytea_output = 'escape'; SELECT 1; SELECT t::text FROM {table} t");
        let messages = stage.bystander.simple_query(&rows).await.unwrap();
        for message in messages {
            if let tokio_postgres::SimpleQueryMessage::Row(row) = message
                && words.iter().any(|word| row.get(0).unwrap().contains(word))
            {
                found.push(format!("{table}: {}", row.get(0).unwrap()));
            }
        }
    }
    found
}

#[tokio::test]
async fn nothing_is_left_in_any_table() {
    for name in ["canary-i", "canary-c"] {
        let Some(stage) = Stage::set("nothing_is_left").await else {
            return;
        };
        stage.take("canary-i", 2).await;
        stage.take("stays", 1).await;
        for one in stage.claim(10).await {
            let outcome = match one.interaction.as_str() {
                "stays" => injected("stays"),
                _ => injected("canary-c"),
            };
            stage.settle(&one, &outcome).await;
        }
        // An interaction has the conversations of all of its parts.
        let two = stage.claim_one().await;
        stage.settle(&two, &injected("canary-c")).await;
        stage.run("ANALYZE").await;
        let statistics =
            "SELECT tablename::text, attname::text FROM pg_stats WHERE schemaname = 'public'
            AND pg_stats::text LIKE '%canary%'";
        assert_eq!(stage.lines(statistics).await, [""; 0]);
        assert_eq!(remnants(&stage, &["canary"]).await.len(), 2 + 2 + 2);
        let removed = remove(&stage, name).await;
        assert_eq!(removed.transcripts, 2, "{name}");
        assert_eq!(remnants(&stage, &["canary"]).await, [""; 0], "{name}");
        assert_eq!(stage.number("SELECT count(*) FROM transcripts").await, 1);
        assert_eq!(
            stage
                .number("SELECT count(*) FROM transcript_archive")
                .await,
            1
        );
        assert_eq!(stage.number("SELECT count(*) FROM callbacks").await, 1);
        let keys = "SELECT count(*) FROM audit_keys WHERE key IS NOT NULL";
        assert_eq!(
            stage.number(keys).await,
            1,
            "nobody knows whom the entries are about"
        );
        assert!(stage.audit().await.is_sound());
    }
}

#[tokio::test]
async fn a_post_that_is_under_way_writes_nothing_and_nothing_comes_back() {
    let Some(stage) = Stage::set("a_post_that_is_under_way").await else {
        return;
    };
    stage.take("canary-i", 2).await;
    let one = stage.claim_one().await;
    assert_eq!(remove(&stage, "canary-i").await.transcripts, 2);
    for outcome in [injected("canary-c"), over(State::Dead)] {
        assert_eq!(stage.settle(&one, &outcome).await, Settled::Lost);
    }
    let late = stage.try_to_take("canary-i", 1, None, 1).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    assert_eq!(remnants(&stage, &["canary"]).await, [""; 0]);
    stage.take("canary-j", 1).await;
}
