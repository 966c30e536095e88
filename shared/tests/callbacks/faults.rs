//! Servers that refuse, ask to wait, fall silent or talk without end.

use std::time::{Duration, Instant};

use crate::receiver::{Answer, Receiver, Told, status};
use crate::stage::{Stage, caller_of};

#[tokio::test]
async fn what_a_server_answers_decides_whether_it_is_asked_again() {
    let Some(stage) = Stage::set("what_a_server_answers").await else {
        return;
    };
    let rule = |_, told: &Told| {
        let code = told
            .line
            .trim_matches(|letter: char| !letter.is_ascii_digit());
        status(code[..3].parse().unwrap(), "")
    };
    let receiver = Receiver::at("127.0.0.1", 0, rule).await;
    let statuses = [
        200, 202, 299, 301, 302, 307, 308, 400, 401, 404, 408, 409, 410, 422, 425, 429, 500, 503,
    ];
    for code in statuses {
        stage.enqueue(&receiver.url(&code.to_string()), "one").await;
    }
    let drained = stage.drain(&caller_of(receiver.port)).await;
    assert_eq!((drained.delivered, drained.again, drained.dead), (3, 5, 10));
    assert_eq!(receiver.told().len(), statuses.len(), "each was asked once");
    let left = stage.left().await;
    let again = left.iter().filter(|one| one.2.is_none());
    assert!(
        again
            .clone()
            .all(|(tries, pause, _)| *tries == 1 && *pause <= 5.0)
    );
    assert_eq!(again.count(), 5);
    // Nobody is due: what is to be tried again waits, and what is dead stays so.
    for _ in 0..2 {
        let told = receiver.told().len();
        let dead = "UPDATE callbacks SET next_try_at = clock_timestamp() + interval '1 hour' WHERE dead IS NULL";
        stage.bystander.batch_execute(dead).await.unwrap();
        stage.drain(&caller_of(receiver.port)).await;
        assert_eq!(receiver.told().len(), told);
    }
}

#[tokio::test]
async fn a_server_that_asks_to_wait_is_left_alone_for_so_long() {
    let Some(stage) = Stage::set("a_server_that_asks").await else {
        return;
    };
    let rule = |number, _: &Told| match number {
        0 => status(429, "retry-after: 7200\r\n"),
        1 => status(503, "retry-after: 99999999\r\n"),
        _ => status(200, ""),
    };
    let receiver = Receiver::at("127.0.0.1", 0, rule).await;
    stage.enqueue(&receiver.url(""), "one").await;
    let caller = caller_of(receiver.port);
    assert_eq!(stage.drain(&caller).await.again, 1);
    let pause = stage.left().await[0].1;
    assert!((7_190.0..=7_200.0).contains(&pause), "{pause}");
    stage.hurry().await;
    assert_eq!(
        stage.drain(&caller).await.dead,
        1,
        "that is more than a day"
    );
    let dead = stage.left().await[0].2.clone().unwrap();
    assert!(dead.starts_with("answered 503; the next try"), "{dead}");
}

#[tokio::test]
async fn twelve_tries_are_made_and_then_no_more() {
    let Some(stage) = Stage::set("twelve_tries").await else {
        return;
    };
    let receiver = Receiver::at("127.0.0.1", 0, |_, _| status(500, "")).await;
    stage.enqueue(&receiver.url(""), "one").await;
    let caller = caller_of(receiver.port);
    for _ in 0..15 {
        stage.drain(&caller).await;
        stage.hurry().await;
    }
    assert_eq!(receiver.told().len(), 12);
    let (tries, _, dead) = stage.left().await.remove(0);
    assert_eq!(tries, 12);
    assert_eq!(dead.unwrap(), "answered 500; that was try 12, the last");
}

/// Eight silent servers cost as much time as one.
#[tokio::test]
async fn a_silent_server_is_not_waited_for_and_keeps_nobody_up() {
    let Some(stage) = Stage::set("a_silent_server").await else {
        return;
    };
    let rule = |_, told: &Told| {
        if told.line.contains("silent") {
            Answer::Silence
        } else {
            status(200, "")
        }
    };
    let receiver = Receiver::at("127.0.0.1", 0, rule).await;
    for _ in 0..7 {
        stage.enqueue(&receiver.url("silent"), "one").await;
    }
    stage.enqueue(&receiver.url(""), "one").await;
    let begun = Instant::now();
    let drained = stage.drain(&caller_of(receiver.port)).await;
    let took = begun.elapsed();
    assert!((4..20).contains(&took.as_secs()), "{took:?}");
    assert_eq!((drained.delivered, drained.again), (1, 7));
}

#[tokio::test]
async fn a_bomb_is_not_opened_and_a_flood_not_swallowed() {
    let Some(stage) = Stage::set("a_bomb").await else {
        return;
    };
    let rule = |_, told: &Told| {
        // The other head never ends.
        let head = if told.line.contains("bomb") {
            "content-encoding: gzip\r\n\r\n"
        } else {
            "x-head: "
        };
        Answer::Flood(format!("HTTP/1.1 200 OK\r\n{head}"))
    };
    let receiver = Receiver::at("127.0.0.1", 0, rule).await;
    let begun = Instant::now();
    stage.enqueue(&receiver.url("bomb"), "one").await;
    let caller = caller_of(receiver.port);
    assert_eq!(stage.drain(&caller).await.delivered, 1);
    stage.enqueue(&receiver.url("head"), "one").await;
    assert_eq!(stage.drain(&caller).await.again, 1);
    assert!(begun.elapsed() < Duration::from_secs(8));
    // What the kernel takes in is not what we read.
    let flooded = receiver.flooded();
    assert!(flooded < 16 * 1_024 * 1_024, "{flooded}");
}

#[tokio::test]
async fn nobody_there_is_tried_again() {
    let Some(stage) = Stage::set("nobody_there").await else {
        return;
    };
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    stage
        .enqueue(&format!("http://127.0.0.1:{port}/"), "one")
        .await;
    stage
        .enqueue(&format!("http://nowhere.example:{port}/"), "one")
        .await;
    assert_eq!(stage.drain(&caller_of(port)).await.again, 2);
}
