//! A large backlog is claimed from, and counted, without reading it from end to end.

use shared::db::transcripts::{fetch_metrics, fold_tallies};

use crate::stage::Stage;

/// So many of other interactions that were injected long ago; so many at the front that wait for a later try; so many that are due.
async fn fill(stage: &Stage) {
    let fill = "
        INSERT INTO transcripts (id, part, parts, interaction_id, subject_mac, request_hash, payload, messages, state, next_try_at, ended_at,
            conversation_id, latency_ms)
        SELECT gen_random_uuid(), 1, 1, 'i-' || n % 25000, sha256('x'), sha256('y'), CASE WHEN n > 40000 THEN 'z'::bytea END, 1,
            CASE WHEN n > 40000 THEN 'pending' ELSE 'injected' END,
            CASE WHEN n <= 41000 THEN now() + interval '1 hour' ELSE now() END,
            CASE WHEN n <= 40000 THEN now() END, CASE WHEN n <= 40000 THEN 'c-' || n END, CASE WHEN n <= 40000 THEN n END
        FROM generate_series(1, 50000) n ORDER BY n";
    stage.run(fill).await;
}

/// Rows that were read one after the other, and rows to which an index led, by everybody who has gone.
async fn read(stage: &Stage) -> (i64, i64) {
    stage.until_alone().await;
    stage.run("SELECT pg_stat_force_next_flush()").await;
    let count = |column: &str| {
        format!(
            "SELECT coalesce(sum({column}), 0)::int8 FROM pg_stat_user_tables WHERE relname IN ('transcripts', 'transcript_archive')"
        )
    };
    let (scanned, found) = (count("seq_tup_read"), count("idx_tup_fetch"));
    (stage.number(&scanned).await, stage.number(&found).await)
}

#[tokio::test]
async fn a_claim_reads_what_waits_before_it_and_no_more() {
    for prelude in ["SELECT 1", "ANALYZE"] {
        let Some(stage) = Stage::set("a_claim_reads").await else {
            return;
        };
        fill(&stage).await;
        stage.run(prelude).await;
        let before = read(&stage).await;
        let fresh = stage.test.database().unwrap();
        for _ in 0..10 {
            let claims =
                shared::db::transcripts::claim(&fresh, crate::stage::FAST, 8, crate::stage::LEASE);
            assert_eq!(claims.await.unwrap().claimed.len(), 8, "{prelude}");
        }
        drop(fresh);
        let after = read(&stage).await;
        assert_eq!(after.0, before.0, "{prelude}: rows read from end to end");
        // Each claim passes the thousand at the front, those that were claimed before, and its own, of each of which it finds who is first.
        let found = after.1 - before.1;
        assert!(
            found <= 10 * (1_000 + 80 + 8 * 4),
            "{prelude}: {found} rows"
        );
    }
}

#[tokio::test]
async fn counting_reads_the_slowest_only() {
    let Some(stage) = Stage::set("counting_reads").await else {
        return;
    };
    fill(&stage).await;
    stage.run("ANALYZE").await;
    let folder = stage.test.database().unwrap();
    fold_tallies(&folder, 100).await.unwrap();
    drop(folder);
    let before = read(&stage).await;
    let fresh = stage.test.database().unwrap();
    let counted = fetch_metrics(&fresh).await.unwrap();
    assert_eq!((counted.success_count, counted.backlog), (40_000, 10_000));
    drop(fresh);
    let after = read(&stage).await;
    assert_eq!(after.0, before.0, "rows read from end to end");
    let found = after.1 - before.1;
    assert!(
        found <= 2_010,
        "one in twenty is slower than the p95: {found}"
    );
}
