//! What is counted as it changes is what is there, whatever happened to it.

use shared::db::transcripts::{
    Metrics, Outcome, State, Which, archive_waiting, expire, fetch_metrics, fold_tallies, requeue,
};
use shared::domain::{ConversationId, ReceiptId};

use crate::stage::{Stage, again, injected, over};
use shared::testing::stage::erasure_key;

/// The plain count over every row: that which this replaced.
const PLAIN: &str = "
    SELECT success, failure, unknown, coalesce(round((success * 100.0 / nullif(success + failure + unknown, 0)), 2), 0)::float8,
        average, p95, round((archived * 100.0 / nullif(success, 0)), 2)::float8, backlog, oldest
    FROM (
        SELECT count(*) FILTER (WHERE t.state = 'injected') AS success,
            count(*) FILTER (WHERE t.state IN ('refused', 'dead')) AS failure,
            count(*) FILTER (WHERE t.state = 'outcome_unknown') AS unknown,
            avg(t.latency_ms) FILTER (WHERE t.state = 'injected') / 1000 AS average,
            percentile_cont(0.95) WITHIN GROUP (ORDER BY t.latency_ms) FILTER (WHERE t.state = 'injected') / 1000 AS p95,
            count(*) FILTER (WHERE t.archived AND c.dead IS NULL) AS archived,
            count(*) FILTER (WHERE t.state IN ('pending', 'sending')) AS backlog,
            extract(epoch FROM clock_timestamp() - min(t.created_at) FILTER (WHERE t.state IN ('pending', 'sending')))::float8 AS oldest
        FROM transcripts t
            LEFT JOIN transcript_archive a ON a.id = t.id AND a.part = t.part
            LEFT JOIN callbacks c ON c.id = a.callback_id) counted";

fn is_close(one: Option<f64>, other: Option<f64>, by: f64) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= by,
        (one, other) => one == other,
    }
}

async fn check(stage: &Stage, after: &str) -> Metrics {
    let found = fetch_metrics(&stage.database).await.unwrap();
    let row = stage.bystander.query_one(PLAIN, &[]).await.unwrap();
    let counts = (
        found.success_count,
        found.failure_count,
        found.unknown_count,
    );
    assert_eq!(counts, (row.get(0), row.get(1), row.get(2)), "{after}");
    assert_eq!(
        found.total_injections,
        counts.0 + counts.1 + counts.2,
        "{after}"
    );
    assert_eq!(found.backlog, row.get::<_, i64>(7), "{after}");
    for (one, at, by) in [
        (Some(found.success_rate_percent), 3, 0.0),
        (found.average_latency_seconds, 4, 1e-6),
        (found.p95_latency_seconds, 5, 1e-9),
        (found.archive_success_rate_percent, 6, 0.0),
        (found.oldest_age_seconds, 8, 5.0),
    ] {
        let other: Option<f64> = row.get(at);
        assert!(is_close(one, other, by), "{after}: {at}: {one:?} {other:?}");
    }
    found
}

/// What becomes of a claim, at random.
fn any_outcome(number: usize) -> Outcome {
    match fastrand::u8(..10) {
        0 => again(0),
        1 => over(State::Refused),
        2 => over(State::Dead),
        3 => over(State::OutcomeUnknown),
        4 => Outcome::Injected {
            conversation: ConversationId::parse(format!("c-{number}")).unwrap(),
            status: None,
            latency: None,
        },
        _ => match injected(&format!("c-{number}")) {
            Outcome::Injected {
                conversation,
                status,
                ..
            } => Outcome::Injected {
                conversation,
                status,
                latency: Some(std::time::Duration::from_micros(fastrand::u64(
                    900..3_000_000,
                ))),
            },
            other => other,
        },
    }
}

/// One thing that happens to transcripts.
async fn happen(stage: &Stage, number: usize) -> &'static str {
    let name = format!("i-{}", fastrand::u8(..20));
    match fastrand::u8(..16) {
        0..5 => {
            // An interaction that was erased takes none.
            let _ = stage
                .try_to_take(&name, fastrand::usize(1..4), None, 1)
                .await;
            "take"
        }
        5..11 => {
            for (place, one) in stage.claim(4).await.iter().enumerate() {
                stage.settle(one, &any_outcome(number * 10 + place)).await;
            }
            "settle"
        }
        11 => {
            requeue(&stage.database, Which::Reason("HTTP 400"))
                .await
                .unwrap();
            "requeue"
        }
        12 => {
            let conversation = ConversationId::parse(&name).unwrap();
            let (key, receipt) = (erasure_key(), ReceiptId::generate());
            let erased =
                shared::db::conversations::erase(&stage.database, &key, &conversation, receipt);
            erased.await.unwrap();
            "erase"
        }
        13 => {
            stage
                .run("UPDATE callbacks SET dead = 'answered 410', died_at = now() WHERE id IN (SELECT id FROM callbacks LIMIT 2);
                    UPDATE transcripts SET archived = false WHERE id IN (SELECT id FROM transcripts WHERE state = 'injected' LIMIT 1)
                        AND state = 'injected';
                    DELETE FROM transcript_archive a USING transcripts t WHERE t.id = a.id AND t.part = a.part AND NOT t.archived")
                .await;
            archive_waiting(&stage.database, &erasure_key(), 1)
                .await
                .unwrap();
            "archive"
        }
        14 => {
            expire(&stage.database, jiff::Timestamp::now(), 2)
                .await
                .unwrap();
            "expire"
        }
        _ => {
            fold_tallies(&stage.database, fastrand::i64(1..40))
                .await
                .unwrap();
            "fold"
        }
    }
}

#[tokio::test]
async fn whatever_happens_the_tallies_are_the_plain_count() {
    let Some(stage) = Stage::set("whatever_happens").await else {
        return;
    };
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    fastrand::seed(seed);
    check(&stage, "nothing").await;
    for number in 0..150 {
        let what = happen(&stage, number).await;
        check(&stage, what).await;
    }
    fold_tallies(&stage.database, 100_000).await.unwrap();
    check(&stage, "everything").await;
    let rows = stage
        .number("SELECT count(*) FROM transcript_tallies")
        .await;
    assert!(rows <= 8, "{rows} rows are left of them");
}

#[tokio::test]
async fn several_fold_at_once_and_nothing_is_lost() {
    let Some(stage) = Stage::set("several_fold_at_once").await else {
        return;
    };
    let mut folds = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let database = stage.test.database().unwrap();
        folds.spawn(async move {
            for _ in 0..40 {
                fold_tallies(&database, 5).await.unwrap();
            }
        });
    }
    for number in 0..40 {
        stage.take(&format!("i-{number}"), 1).await;
        let found = fetch_metrics(&stage.database).await.unwrap();
        assert_eq!(found.backlog, number + 1);
    }
    folds.join_all().await;
    check(&stage, "all").await;
}
