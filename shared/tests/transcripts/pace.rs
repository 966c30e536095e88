//! The bucket: what is claimed is paid for, by whoever claims.

use std::time::{Duration, Instant};

use jiff::{Timestamp, Unit};
use shared::db::transcripts::{claim, fetch_metrics, pause, resume};
use shared::injection::Pace;

use crate::stage::{FAST, LEASE, Stage, injected};

/// After five posts at once, another one every ten seconds: a slow machine is done by then.
const SLOW: Pace = Pace {
    burst: 5.5, // A little less at once: what the tenant gives in two seconds.
    per_minute: 6.0,
    per_hour: 1_000.0,
};

async fn fill(stage: &Stage, count: usize) {
    for number in 0..count {
        stage.take(&format!("i-{number}"), 1).await;
    }
}

#[tokio::test]
async fn a_burst_and_then_the_pace() {
    let Some(stage) = Stage::set("a_burst_and_then").await else {
        return;
    };
    fill(&stage, 12).await;
    assert_eq!(stage.claim_at(SLOW, 3).await.len(), 3);
    assert_eq!(stage.claim_at(SLOW, 3).await.len(), 2);
    assert_eq!(stage.claim_at(SLOW, 3).await.len(), 0);
    let later = "UPDATE injection_pace SET filled_at = filled_at - interval '20 seconds'";
    stage.run(later).await;
    assert_eq!(stage.claim_at(SLOW, 10).await.len(), 2);
    let much_later = "UPDATE injection_pace SET filled_at = filled_at - interval '1 hour'";
    stage.run(much_later).await;
    let all = stage.claim_at(SLOW, 10).await.len();
    assert_eq!(all, 5, "no more than fits");
}

#[tokio::test]
async fn no_hour_has_more_than_its_posts() {
    let Some(stage) = Stage::set("no_hour_has_more").await else {
        return;
    };
    fill(&stage, 60).await;
    let hourly = Pace {
        per_hour: 40.0,
        ..FAST
    };
    let mut claims = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let database = stage.test.database().unwrap();
        claims.spawn(async move {
            let mut count = 0;
            loop {
                let claims = claim(&database, hourly, 3, LEASE).await.unwrap();
                assert_eq!(claims.wait, None, "nobody stays for an hour");
                if claims.claimed.is_empty() {
                    return count;
                }
                count += claims.claimed.len();
            }
        });
    }
    assert_eq!(claims.join_all().await.into_iter().sum::<usize>(), 40);
    let later = |seconds: i32| {
        format!("UPDATE injection_posts SET slot = slot - interval '{seconds} seconds'")
    };
    stage.run(&later(3_590)).await;
    assert_eq!(stage.claim_at(hourly, 10).await.len(), 0);
    stage.run(&later(30)).await;
    assert_eq!(stage.claim_at(hourly, 50).await.len(), 20, "all the others");
    let slots = "SELECT sum(posts)::int8 FROM injection_posts";
    assert_eq!(stage.number(slots).await, 20, "what is old is forgotten");
}

#[tokio::test]
async fn whoever_waits_is_told_of_the_hour_too() {
    let Some(stage) = Stage::set("whoever_waits_is_told").await else {
        return;
    };
    let id = stage.take("i-1", 3).await;
    // What was posted half an hour ago fills the hour but for two.
    let posted = "INSERT INTO injection_posts VALUES (now() - interval '30 minutes', 8)";
    stage.run(posted).await;
    let minutes = async |per_hour| {
        let parts = stage.fetch_at(per_hour, id).await.parts.into_iter();
        let wait = |at: Timestamp| (at - Timestamp::now()).total(Unit::Minute).unwrap().round();
        parts
            .map(|part| wait(part.estimated_at.unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(minutes(11.0).await, [0.0, 0.0, 0.0]);
    assert_eq!(minutes(10.0).await, [0.0, 0.0, 30.0]);
    assert_eq!(minutes(2.0).await, [30.0, 30.0, 90.0]);
    // The bucket is asked as well.
    let slow = "UPDATE injection_pace SET tokens = 1, filled_at = now(), per_second = 1.0 / 1200";
    stage.run(slow).await;
    assert_eq!(minutes(11.0).await, [0.0, 20.0, 40.0]);
    assert_eq!(minutes(10.0).await, [0.0, 20.0, 40.0]);
    assert_eq!(minutes(2.0).await, [30.0, 30.0, 90.0]);
}

#[tokio::test]
async fn an_empty_bucket_says_when_it_has_something() {
    let Some(stage) = Stage::set("an_empty_bucket_says").await else {
        return;
    };
    fill(&stage, 6).await;
    assert_eq!(stage.claim_at(SLOW, 10).await.len(), 5);
    let wait = stage.claims(SLOW, 10).await.wait.unwrap();
    assert!(wait <= Duration::from_secs(10), "{wait:?}");
    tokio::time::sleep(wait).await;
    assert_eq!(stage.claim_at(SLOW, 10).await.len(), 1);
}

#[tokio::test]
async fn nothing_due_costs_nothing_and_a_clock_set_back_gives_nothing() {
    let Some(stage) = Stage::set("nothing_due_costs_nothing").await else {
        return;
    };
    for _ in 0..10 {
        assert!(stage.claim_at(SLOW, 10).await.is_empty());
    }
    fill(&stage, 8).await;
    assert_eq!(stage.claim_at(SLOW, 10).await.len(), 5);
    let ahead = "UPDATE injection_pace SET filled_at = now() + interval '1 hour'";
    stage.run(ahead).await;
    assert!(stage.claim_at(SLOW, 10).await.is_empty());
    let kept =
        "SELECT count(*) FROM injection_pace WHERE filled_at > now() + interval '50 minutes'";
    assert_eq!(stage.number(kept).await, 1, "nothing is filled twice");
}

#[tokio::test]
async fn all_who_claim_share_the_bucket() {
    let Some(stage) = Stage::set("all_who_claim_share").await else {
        return;
    };
    fill(&stage, 150).await;
    let pace = Pace {
        burst: 60.0,
        per_minute: 1_200.0,
        per_hour: 72_000.0,
    };
    let since = Instant::now();
    let mut claims = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let database = stage.test.database().unwrap();
        claims.spawn(async move {
            let mut count = 0;
            while since.elapsed() < Duration::from_secs(3) {
                count += claim(&database, pace, 4, LEASE)
                    .await
                    .unwrap()
                    .claimed
                    .len();
            }
            count
        });
    }
    let claimed: usize = claims.join_all().await.into_iter().sum();
    let allowed = 20.0 + since.elapsed().as_secs_f64() * 20.0;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let claimed = claimed as f64;
    assert!(claimed <= allowed, "{claimed} of {allowed}");
    // How much of it is claimed in time is the machine's affair; if each had a bucket of its own, it would be six times as much.
    assert!(claimed >= allowed * 0.5, "{claimed} of {allowed}");
}

#[tokio::test]
async fn a_pause_holds_everybody_and_trouble_lets_one_try() {
    let Some(stage) = Stage::set("a_pause_holds_everybody").await else {
        return;
    };
    fill(&stage, 9).await;
    let over = "UPDATE injection_pace SET paused_until = now()";
    pause(&stage.database, Duration::from_mins(1), None)
        .await
        .unwrap();
    assert!(stage.claim(3).await.is_empty());
    stage.run(over).await;
    assert_eq!(stage.claim(3).await.len(), 3);
    pause(&stage.database, Duration::from_mins(1), Some("HTTP 403"))
        .await
        .unwrap();
    pause(&stage.database, Duration::from_secs(1), None)
        .await
        .unwrap();
    assert!(stage.claim(3).await.is_empty());
    let metrics = fetch_metrics(&stage.database).await.unwrap();
    assert_eq!(metrics.trouble.as_deref(), Some("HTTP 403"));
    stage.run(over).await;
    let one = stage.claim(3).await;
    assert_eq!(one.len(), 1);
    stage.settle(&one[0], &injected("c-1")).await;
    assert!(resume(&stage.database).await.unwrap());
    assert!(!resume(&stage.database).await.unwrap());
    assert_eq!(stage.claim(3).await.len(), 3);
}
