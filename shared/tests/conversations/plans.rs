//! On twenty thousand rows the statements that every message costs go by an index.

use shared::db::conversation_embeddings::fetch_known;
use shared::db::conversations;
use shared::db::embedded::{Chosen, let_wait};
use shared::db::embedding_claims::{Holder, claim, release};
use shared::domain::{ReceiptId, TextHash};

use crate::stage::{DIMENSIONS, Stage, erasure_key, event, id, key, mac};

const FILL: &str = "
    INSERT INTO conversation_events (event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw_event, raw_masked,
        supersedes, state)
    SELECT sha256(n::text::bytea), 'conv-' || n, 'said', now(), now() - n * interval '1 minute', gen_random_uuid(), '{}', false, true,
        'searchable' FROM generate_series(1, 20000) n;
    INSERT INTO embedded SELECT id, 1, 'map', 1, 0 FROM conversation_events;
    INSERT INTO conversation_embeddings
    SELECT 1, 1, id, 0, 'nice_cxone', conversation_id, occurred_at, 'text ' || id, sha256(id::text::bytea), '[1,2,3,4]', '{}'
    FROM conversation_events;
    INSERT INTO embedding_claims SELECT event_key, gen_random_uuid(), now() FROM conversation_events;
    INSERT INTO erased_conversations SELECT sha256(('gone' || n)::bytea), gen_random_uuid(), now(), '{}'
    FROM generate_series(1, 20000) n;
    ANALYZE conversation_events, conversation_embeddings, embedded, embedding_claims, erased_conversations";

const READ: &str = "SELECT relname::text, seq_tup_read FROM pg_stat_user_tables WHERE relname IN
    ('conversation_events', 'conversation_embeddings_1', 'embedded', 'embedding_claims', 'erased_conversations')";

#[tokio::test]
async fn nothing_reads_a_large_table_from_end_to_end() {
    let Some(stage) = Stage::set("nothing_reads_a_large_table").await else {
        return;
    };
    stage.bystander.batch_execute(FILL).await.unwrap();
    let (fresh, before) = (stage.others(1).remove(0), counts(&stage).await);
    let wanted: Vec<_> = (0..10)
        .map(|number| (key(&format!("event {number}")), mac("conv-1")))
        .collect();
    let holder = Holder::generate();
    claim(&fresh, &wanted, holder, std::time::Duration::from_secs(9))
        .await
        .unwrap();
    let keys: Vec<_> = wanted.into_iter().map(|(key, _)| key).collect();
    release(&fresh, &keys, holder).await.unwrap();
    let texts: Vec<_> = (0..50)
        .map(|number| TextHash::of(&number.to_string()))
        .collect();
    let known = fetch_known(&fresh, stage.model, &texts, DIMENSIONS)
        .await
        .unwrap();
    assert_eq!(known.iter().flatten().count(), 49);
    // A whole batch of the queue: what is cheap for one conversation may be half the table for a hundred.
    let batch: Vec<_> = (1..=100)
        .map(|number| event(stage.model, &format!("conv-{number}"), "later", 1 << 30))
        .collect();
    conversations::store(&fresh, &batch).await.unwrap();
    let removed =
        conversations::erase(&fresh, &erasure_key(), &id("conv-7"), ReceiptId::generate())
            .await
            .unwrap()
            .removed;
    assert_eq!(
        (removed.conversation_events, removed.conversation_embeddings),
        (2, 1)
    );
    let old = conversations::expire(&fresh, jiff::Timestamp::now(), 20)
        .await
        .unwrap();
    assert_eq!(old.conversation_events, 20);
    drop(fresh);
    stage.until_alone().await;
    assert_eq!(
        counts(&stage).await,
        before,
        "rows read by sequential scans"
    );
}

/// Rows of both tables that were read, by whatever way.
const TOUCHED: &str =
    "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int8 FROM pg_stat_user_tables
    WHERE relname IN ('conversation_events', 'embedded')";

/// Postgres believes in a share of the whole table for each conversation, and knows no index for a time. One step of one event is as the steps
/// of thousands are where there are many millions.
#[tokio::test]
async fn a_step_of_a_replay_reads_no_more_than_its_step() {
    let Some(stage) = Stage::set("a_step_of_a_replay").await else {
        return;
    };
    stage.bystander.batch_execute(FILL).await.unwrap();
    let flush = "SELECT pg_stat_force_next_flush()";
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let of_one = Chosen {
        conversation: Some(id("conv-19999")),
        ..Chosen::default()
    };
    let of_tomorrow = Chosen {
        from: Some(later),
        ..Chosen::default()
    };
    for (chosen, most, events) in [(of_one, 1, 1), (of_tomorrow, 50, 0)] {
        stage.bystander.batch_execute(flush).await.unwrap();
        let before = stage.number(TOUCHED).await;
        let fresh = stage.others(1).remove(0);
        let step = let_wait(&fresh, &chosen, None, most).await.unwrap();
        assert_eq!(step.events, events, "{chosen:?}");
        drop(fresh);
        stage.until_alone().await;
        stage.bystander.batch_execute(flush).await.unwrap();
        // Behind a pooler nobody goes, and the server hands in what it counted within ten seconds.
        let late = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
        let mut read = stage.number(TOUCHED).await - before;
        while read == 0 && tokio::time::Instant::now() < late {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            read = stage.number(TOUCHED).await - before;
        }
        assert!((1..=200).contains(&read), "{read} rows for {chosen:?}");
    }
}

/// What sequential scans read, of everybody who has gone.
async fn counts(stage: &Stage) -> Vec<(String, i64)> {
    stage
        .bystander
        .batch_execute("SELECT pg_stat_force_next_flush()")
        .await
        .unwrap();
    let rows = stage.bystander.query_typed(READ, &[]).await.unwrap();
    let mut counts: Vec<_> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    counts.sort();
    counts
}
