//! Several empty the outbox at once; what one of them does too late does not count.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use shared::callback::{Outcome, drain};
use shared::db::callbacks::{self, NewCallback};
use shared::db::conversations;
use shared::domain::{ConversationId, ReceiptId};

use crate::receiver::{Receiver, status};
use crate::stage::{Stage, caller_of, erasure_key, mac, soon};

const NOWHERE: &str = "https://nowhere.example/";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_at_once_tell_everything_once() {
    let Some(stage) = Stage::set("ten_at_once").await else {
        return;
    };
    let receiver = Receiver::at("127.0.0.1", 0, |_, _| status(200, "")).await;
    for number in 0..200 {
        stage
            .enqueue(&receiver.url(&number.to_string()), "one")
            .await;
    }
    let drains = (0..10).map(|_| {
        let (database, caller) = (stage.test.database().unwrap(), caller_of(receiver.port));
        tokio::spawn(async move { drain(&database, &caller, soon()).await.unwrap().delivered })
    });
    let mut delivered = 0;
    for drain in drains.collect::<Vec<_>>() {
        delivered += drain.await.unwrap();
    }
    assert_eq!(delivered, 200);
    let mut counts = HashMap::new();
    for told in receiver.told() {
        *counts.entry(told.line).or_insert(0) += 1;
    }
    assert!(counts.len() == 200 && counts.values().all(|count| *count == 1));
    assert_eq!(stage.left().await, []);
}

#[tokio::test]
async fn who_comes_too_late_settles_nothing() {
    let Some(stage) = Stage::set("who_comes_too_late").await else {
        return;
    };
    stage.enqueue(NOWHERE, "one").await;
    let claim = async |lease| callbacks::claim(&stage.database, 9, lease).await.unwrap();
    let settle = async |callback, outcome| {
        callbacks::settle(&stage.database, &[(callback, outcome)])
            .await
            .unwrap();
    };
    let slow = claim(Duration::from_secs(2)).await.remove(0);
    assert!(
        claim(Duration::from_mins(1)).await.is_empty(),
        "it is taken"
    );
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let quick = claim(Duration::from_mins(1)).await.remove(0);
    assert_eq!((slow.tries, quick.tries, slow.id), (1, 2, quick.id));
    for outcome in [
        Outcome::Delivered,
        Outcome::Dead("late".to_owned()),
        Outcome::Again(Duration::ZERO),
    ] {
        settle(slow.clone(), outcome).await;
        let (tries, _, dead) = stage.left().await.remove(0);
        assert_eq!((tries, dead), (2, None));
        assert!(claim(Duration::from_mins(1)).await.is_empty());
    }
    settle(quick, Outcome::Delivered).await;
    assert_eq!(stage.left().await, []);
}

/// Whoever dies over each of its tries must not be woken for ever.
#[tokio::test]
async fn what_kills_its_worker_is_given_up() {
    let Some(stage) = Stage::set("what_kills_its_worker").await else {
        return;
    };
    let receiver = Receiver::at("127.0.0.1", 0, |_, _| status(200, "")).await;
    stage.enqueue(&receiver.url(""), "one").await;
    for _ in 0..12 {
        let claimed = callbacks::claim(&stage.database, 9, Duration::ZERO).await;
        assert_eq!(claimed.unwrap().len(), 1);
    }
    assert_eq!(stage.drain(&caller_of(receiver.port)).await.dead, 1);
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn too_little_time_claims_nothing() {
    let Some(stage) = Stage::set("too_little_time").await else {
        return;
    };
    stage.enqueue(NOWHERE, "one").await;
    let until = tokio::time::Instant::now() + Duration::from_secs(6);
    let drained = drain(&stage.database, &caller_of(1), until).await.unwrap();
    assert_eq!(drained, shared::callback::Drained::default());
    assert_eq!(stage.left().await[0].0, 0);
}

#[tokio::test]
async fn what_is_rolled_back_is_told_to_nobody() {
    let Some(stage) = Stage::set("what_is_rolled_back").await else {
        return;
    };
    {
        let mut connection = stage.database.connection().await.unwrap();
        let transaction = connection.transaction().await.unwrap();
        let callback = NewCallback {
            url: NOWHERE,
            subject: &mac("one"),
            body: "{}",
        };
        callbacks::enqueue(&transaction, callback).await.unwrap();
    }
    assert_eq!(stage.left().await, []);
}

#[tokio::test]
async fn erasure_takes_what_is_still_to_be_told_and_age_what_is_dead() {
    let Some(stage) = Stage::set("erasure_takes").await else {
        return;
    };
    for subject in ["gone", "gone", "stays", "stays"] {
        stage.enqueue(NOWHERE, subject).await;
    }
    let id = ConversationId::parse("gone").unwrap();
    let receipt = ReceiptId::generate();
    conversations::erase(&stage.database, &erasure_key(), &id, receipt)
        .await
        .unwrap();
    let mut claimed = callbacks::claim(&stage.database, 9, Duration::from_mins(1))
        .await
        .unwrap();
    assert!(claimed.len() == 2 && claimed.iter().all(|one| one.body.contains("stays")));
    let outcome = Outcome::Dead("a reason".to_owned());
    callbacks::settle(&stage.database, &[(claimed.remove(0), outcome)])
        .await
        .unwrap();
    let backlog = callbacks::fetch_backlog(&stage.database).await.unwrap();
    assert_eq!((backlog.waiting, backlog.dead), (1, 1));
    let expire = async |before, most| {
        let expired = callbacks::expire(&stage.database, before, most).await;
        expired.unwrap()
    };
    let now = Timestamp::now();
    let hour = jiff::SignedDuration::from_hours(1);
    assert_eq!(expire(now - hour, 9).await, 0);
    assert_eq!(expire(now + hour, 0).await, 0);
    assert_eq!(expire(now + hour, 9).await, 1);
    assert_eq!(stage.left().await.len(), 1, "what is being told stays");
    let outcome = Outcome::Again(Duration::from_mins(1));
    callbacks::settle(&stage.database, &[(claimed.remove(0), outcome)])
        .await
        .unwrap();
    assert_eq!(expire(now - hour, 9).await, 0);
    assert_eq!(expire(now + hour, 9).await, 1, "what nobody could be told");
}
