//! An erased conversation leaves nothing but a tombstone, and nothing brings it back.

use std::time::Duration;

use shared::db::console::{draw_map, fetch_sample};
use shared::db::conversations::{self, Stored};
use shared::db::embedding_claims::{Claim, Holder, claim};
use shared::db::erased_conversations::Removed;
use shared::db::vector_segments;
use shared::domain::{ReceiptId, lay_out};

use crate::stage::{Stage, alone, erasure_key, event, id, rendition, silent, space};

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
    conversations::erase(&stage.database, &erasure_key(), &id(conversation), receipt)
        .await
        .unwrap()
        .removed
}

/// Puts what is stored on the map; says how many conversations are on it.
async fn draw(stage: &Stage) -> u64 {
    let old = "UPDATE conversation_map SET drawn_at = now() - interval '11 minutes'";
    stage.bystander.batch_execute(old).await.unwrap();
    let sample = fetch_sample(&stage.database).await.unwrap().unwrap();
    let places = lay_out(&sample.vectors);
    let drawn = draw_map(&stage.database, &sample, &places);
    drawn.await.unwrap()
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
    let about = r#"UPDATE conversation_embeddings SET semantic_metadata = '{"intent_category": "canary"}' WHERE conversation_id = 'conv-secret'"#;
    stage.bystander.batch_execute(about).await.unwrap();
    assert_eq!(draw(&stage).await, 2);
    let keys: Vec<_> = batch[..4]
        .iter()
        .map(|one| one.event.key.as_str())
        .collect();
    let mut words = vec!["conv-secret", "canary"];
    words.extend(&keys);
    // A chunk is seen in its segment and again in the whole.
    let seen = 4 + 4 + 4 + 4 + 1;
    assert_eq!(
        remnants(&stage, &words).await.len(),
        seen,
        "events, chunks, claims, the map"
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
            ..Removed::default()
        }
    );
    assert_eq!(remnants(&stage, &words).await, [""; 0]);
    assert_eq!(stage.lines(statistics).await, [""; 0]);
    assert_eq!(
        stage.number("SELECT count(*) FROM embedded").await,
        1,
        "the other conversation's"
    );
    assert_eq!(
        stage.number("SELECT count(*) FROM conversation_map").await,
        1
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

/// Whoever gives the name of an interaction means what CXone made of it as well.
#[tokio::test]
async fn what_was_made_of_an_interaction_goes_with_it_words_and_all() {
    let Some(stage) = Stage::set("what_was_made_of").await else {
        return;
    };
    let batch = ["conv-secret-1", "conv-secret-2", "conv-other"];
    let batch = batch.map(|name| event(stage.model, name, &format!("canary {name}"), 0));
    stage.store(&batch).await;
    let parts = "INSERT INTO transcripts (id, part, parts, interaction_id, subject_mac, request_hash, messages, state, conversation_id, ended_at)
        SELECT '00000000-0000-0000-0000-000000000001', n, 2, 'ext-secret', sha256('s'), sha256('h'), 1, 'injected', 'conv-secret-' || n, now()
        FROM generate_series(1, 2) n";
    stage.bystander.batch_execute(parts).await.unwrap();
    let removed = erase(&stage, "ext-secret").await;
    assert_eq!(
        removed,
        Removed {
            conversation_events: 2,
            conversation_embeddings: 2,
            transcripts: 2,
            ..Removed::default()
        }
    );
    assert_eq!(remnants(&stage, &["secret"]).await, [""; 0]);
    assert_eq!(stage.number("SELECT count(*) FROM embedded").await, 1);
    assert_eq!(stage.store(&batch[..2]).await, [Stored::Erased; 2]);
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

#[tokio::test]
async fn what_is_erased_while_the_map_is_worked_out_is_not_drawn() {
    let Some(stage) = Stage::set("what_is_erased_while_the_map").await else {
        return;
    };
    let batch = ["gone", "stays"].map(|name| event(stage.model, name, "words", 0));
    stage.store(&batch).await;
    let sample = fetch_sample(&stage.database).await.unwrap().unwrap();
    assert_eq!(sample.conversations.len(), 2);
    erase(&stage, "gone").await;
    let places = lay_out(&sample.vectors);
    let drawn = draw_map(&stage.database, &sample, &places);
    assert_eq!(drawn.await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn maps_and_erasures_at_once_wait_in_no_circle() {
    let Some(stage) = Stage::set("maps_and_erasures_at_once").await else {
        return;
    };
    let names: Vec<_> = (0..60).map(|number| format!("conv-{number}")).collect();
    for name in &names {
        let two = [0, 9].map(|second| alone(event(stage.model, name, "words", second)));
        stage.store(&two).await;
    }
    let sample = fetch_sample(&stage.database).await.unwrap().unwrap();
    let mut others = Vec::new();
    for database in stage.others(2) {
        let sample = sample.clone();
        others.push(tokio::spawn(async move {
            let places = lay_out(&sample.vectors);
            for _ in 0..60 {
                let drawn = draw_map(&database, &sample, &places);
                drawn.await.unwrap();
            }
        }));
    }
    for name in &names[..50] {
        erase(&stage, name).await;
    }
    for other in others {
        other.await.unwrap();
    }
    assert_eq!(draw(&stage).await, 10);
}
