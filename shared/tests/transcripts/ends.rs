//! What became of them, counted; and what is old goes.

use jiff::Timestamp;
use shared::db::transcripts::{State, Which, expire, fetch_metrics, requeue};

use crate::stage::{Stage, again, injected, over};

#[tokio::test]
async fn ends_are_counted() {
    let Some(stage) = Stage::set("ends_are_counted").await else {
        return;
    };
    let none = fetch_metrics(&stage.database).await.unwrap();
    assert_eq!((none.total_injections, none.success_rate_percent), (0, 0.0));
    assert_eq!(
        (none.average_latency_seconds, none.oldest_age_seconds),
        (None, None)
    );
    for number in 0..8 {
        stage.take(&format!("i-{number}"), 1).await;
    }
    for (place, one) in stage.claim(10).await.iter().enumerate() {
        let outcome = match place {
            0..4 => injected(&format!("c-{place}")),
            4 => over(State::Refused),
            5 => over(State::OutcomeUnknown),
            6 => over(State::Dead),
            _ => again(60),
        };
        stage.settle(one, &outcome).await;
    }
    stage
        .run("UPDATE callbacks SET dead = 'answered 410', died_at = now() WHERE body LIKE '%c-0%';
            UPDATE transcripts SET latency_ms = 1000 WHERE conversation_id = 'c-3';
            UPDATE transcripts SET created_at = now() - interval '1 hour' WHERE state IN ('pending', 'dead')")
        .await;
    let counted = fetch_metrics(&stage.database).await.unwrap();
    assert_eq!((counted.total_injections, counted.success_count), (7, 4));
    assert_eq!((counted.failure_count, counted.unknown_count), (2, 1));
    let close = |one: Option<f64>, other: f64| one.is_some_and(|one| (one - other).abs() < 0.01);
    assert!(close(Some(counted.success_rate_percent), 57.14));
    assert!(close(counted.average_latency_seconds, 0.34), "{counted:?}");
    assert!(close(counted.p95_latency_seconds, 0.868), "{counted:?}");
    assert!(close(counted.archive_success_rate_percent, 75.0));
    assert_eq!(counted.backlog, 1);
    let age = counted.oldest_age_seconds.unwrap();
    assert!((3_600.0..3_700.0).contains(&age), "{age}");
}

#[tokio::test]
async fn what_ended_long_ago_goes() {
    let Some(stage) = Stage::set("what_ended_long_ago").await else {
        return;
    };
    for number in 0..4 {
        stage.take(&format!("i-{number}"), 1).await;
    }
    let claimed = stage.claim(3).await;
    stage.settle(&claimed[0], &injected("c-1")).await;
    stage.settle(&claimed[1], &over(State::Dead)).await;
    stage.settle(&claimed[2], &over(State::Refused)).await;
    stage
        .run("UPDATE transcripts SET created_at = now() - interval '9 days' WHERE state <> 'pending';
            UPDATE transcripts SET ended_at = now() - interval '8 days' WHERE state IN ('injected', 'dead')")
        .await;
    let before = Timestamp::now() - jiff::SignedDuration::from_hours(7 * 24);
    assert_eq!(expire(&stage.database, before, 1).await.unwrap(), 1);
    assert_eq!(expire(&stage.database, before, 10).await.unwrap(), 1);
    assert_eq!(expire(&stage.database, before, 10).await.unwrap(), 0);
    let left = "SELECT state FROM transcripts ORDER BY state";
    assert_eq!(stage.lines(left).await, ["pending", "refused"]);
    assert_eq!(
        stage
            .number("SELECT count(*) FROM transcript_archive")
            .await,
        0
    );
}

#[tokio::test]
async fn a_transcript_goes_whole() {
    let Some(stage) = Stage::set("a_transcript_goes_whole").await else {
        return;
    };
    let before = Timestamp::now() - jiff::SignedDuration::from_hours(7 * 24);
    let ended =
        "UPDATE transcripts SET ended_at = now() - interval '8 days' WHERE ended_at IS NOT NULL";
    stage.take("i-1", 2).await;
    let one = stage.claim_one().await;
    stage.settle(&one, &injected("c-1")).await;
    stage.run(ended).await;
    let removed = expire(&stage.database, before, 10).await.unwrap();
    assert_eq!(removed, 0, "its rest waits");
    let two = stage.claim_one().await;
    assert_eq!(expire(&stage.database, before, 10).await.unwrap(), 0);
    stage.settle(&two, &over(State::Dead)).await;
    stage.run(ended).await;
    assert_eq!(expire(&stage.database, before, 10).await.unwrap(), 2);
    stage.take("i-1", 3).await;
    let one = stage.claim_one().await;
    stage.settle(&one, &over(State::Dead)).await;
    stage.run(ended).await;
    stage.take("i-1", 1).await;
    assert_eq!(expire(&stage.database, before, 10).await.unwrap(), 3);
    assert_eq!(stage.claim(10).await.len(), 1, "the other transcript");
}

/// However long CXone takes nothing: words are not kept for longer.
#[tokio::test]
async fn what_waits_for_longer_than_is_kept_goes_whole() {
    let Some(stage) = Stage::set("what_waits_for_longer").await else {
        return;
    };
    let old = "UPDATE transcripts SET created_at = now() - interval '8 days'";
    let before = Timestamp::now() - jiff::SignedDuration::from_hours(7 * 24);
    let left = || stage.lines("SELECT interaction_id, state FROM transcripts ORDER BY number");
    stage.take("waits", 2).await;
    stage.take("in half", 2).await;
    let half = stage.claim(10).await.remove(1);
    stage.settle(&half, &injected("c-1")).await;
    stage
        .run("UPDATE transcripts SET state = 'pending', lease_until = NULL WHERE state = 'sending'")
        .await;
    assert_eq!(expire(&stage.database, before, 10).await.unwrap(), 0);
    stage.run(old).await;
    stage.take("young", 1).await;
    assert_eq!(expire(&stage.database, before, 1).await.unwrap(), 2);
    assert_eq!(expire(&stage.database, before, 10).await.unwrap(), 2);
    assert_eq!(left().await, ["young pending"]);
    let one = stage.claim_one().await;
    stage.run(old).await;
    assert_eq!(
        expire(&stage.database, before, 10).await.unwrap(),
        0,
        "it is being posted"
    );
    stage.settle(&one, &over(State::Dead)).await;
    let which = Which::Reason("HTTP 400");
    assert_eq!(requeue(&stage.database, which).await.unwrap(), 1);
    let back = expire(&stage.database, before, 10).await.unwrap();
    assert_eq!(back, 0, "whoever brings it back wants it posted");
    stage.claim_one().await;
    stage.run("UPDATE transcripts SET lease_until = now() - interval '1 minute', waits_since = created_at").await;
    assert_eq!(
        expire(&stage.database, before, 10).await.unwrap(),
        1,
        "who posted it is gone"
    );
}
