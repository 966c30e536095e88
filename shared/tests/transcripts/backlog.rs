//! A large backlog is claimed from as quickly as a small one.

use std::time::{Duration, Instant};

use crate::stage::Stage;

/// So many of other interactions that were injected long ago; so many at the front that wait for a later try; so many that are due.
async fn fill(stage: &Stage) {
    let fill = "
        INSERT INTO transcripts (id, part, parts, interaction_id, subject_mac, request_hash, payload, messages, state, next_try_at, ended_at,
            conversation_id)
        SELECT gen_random_uuid(), 1, 1, 'i-' || n % 25000, sha256('x'), sha256('y'), CASE WHEN n > 30000 THEN 'z'::bytea END, 1,
            CASE WHEN n > 30000 THEN 'pending' ELSE 'injected' END,
            CASE WHEN n <= 40000 THEN now() + interval '1 hour' ELSE now() END,
            CASE WHEN n <= 30000 THEN now() END, CASE WHEN n <= 30000 THEN 'c-' || n END
        FROM generate_series(1, 50000) n ORDER BY n";
    stage.run(fill).await;
}

#[tokio::test]
async fn a_large_backlog_is_claimed_from_quickly() {
    let Some(stage) = Stage::set("a_large_backlog").await else {
        return;
    };
    fill(&stage).await;
    for prelude in ["SELECT 1", "ANALYZE"] {
        stage.run(prelude).await;
        let mut worst = Duration::ZERO;
        for _ in 0..10 {
            let since = Instant::now();
            assert_eq!(stage.claim(8).await.len(), 8, "{prelude}");
            worst = worst.max(since.elapsed());
        }
        println!("{prelude}: {worst:?} at worst");
        assert!(worst < Duration::from_millis(500), "{prelude}: {worst:?}");
    }
}
