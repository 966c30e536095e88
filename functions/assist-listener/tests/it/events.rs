//! One listener: what it forwards, what it leaves behind, and when it is not needed.

use std::time::Duration;

use shared::db::conversations::erase;
use shared::domain::{ConversationId, ErasureKey, ReceiptId, Speaker};

use crate::world::{ERASURE_KEY, QUICK, World};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn what_is_said_is_forwarded_sentence_by_sentence() {
    let Some(world) = World::start("what_is_said", QUICK).await else {
        return;
    };
    let listening = world.listen(LONG).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "Good morning. Where is");
    stream.say("i-1", 0, "my order?");
    stream.say("i-2", 1, "I would like");
    world
        .is_told_once(["i-1".to_owned(), "i-2".to_owned()])
        .await;
    stream.say("i-2", 1, "to pay.");
    stream.end("i-2");
    world.is_told_once(["i-2".to_owned()]).await;
    let told: Vec<_> = world
        .forwarded()
        .into_iter()
        .map(|one| (one.text, one.sequence, one.is_complete))
        .collect();
    let complete = |text: &str, sequence| (text.to_owned(), sequence, true);
    assert!(
        told.contains(&complete("Good morning.", 1))
            && told.contains(&complete("Where is my order?", 2)),
        "{told:?}"
    );
    assert!(
        told.contains(&("I would like".to_owned(), 1, false))
            && told.contains(&complete("to pay.", 2)),
        "{told:?}"
    );
    assert!(
        world
            .forwarded()
            .iter()
            .all(|one| one.speaker == Speaker::Unknown && one.language.is_none())
    );
    listening.abort();
}

#[tokio::test]
async fn no_words_stay_behind_and_an_erasure_takes_the_rest() {
    let Some(world) = World::start("no_words_stay", QUICK).await else {
        return;
    };
    let listening = world.listen(LONG).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "My secret is Rosebud. And it");
    stream.say("i-2", 0, "Also Rosebud.");
    stream.end("i-2");
    world
        .is_told_once(["i-1".to_owned(), "i-2".to_owned()])
        .await;
    for _ in 0..500 {
        if world
            .count("stream_offsets WHERE has_words OR unsent IS NOT NULL")
            .await
            == 0
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        world
            .count("stream_offsets o WHERE o::text ~* 'rosebud|secret'")
            .await,
        0
    );
    assert_eq!(world.count("stream_offsets").await, 2);
    listening.abort();
    let database = world.database();
    let id = ConversationId::parse("i-1").unwrap();
    let key = ErasureKey::parse(&ERASURE_KEY.into()).unwrap();
    erase(&database, &key, &id, ReceiptId::generate())
        .await
        .unwrap();
    assert_eq!(
        world
            .count("stream_offsets WHERE interaction_id = 'i-1'")
            .await,
        0
    );
    assert_eq!(world.count("stream_offsets").await, 1);
}

#[tokio::test]
async fn what_is_said_after_an_erasure_is_neither_kept_nor_forwarded() {
    let Some(world) = World::start("said_after_an_erasure", QUICK).await else {
        return;
    };
    let listening = world.listen(LONG).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "My secret is Rosebud.");
    world.is_told_once(["i-1".to_owned()]).await;
    let key = ErasureKey::parse(&ERASURE_KEY.into()).unwrap();
    let id = ConversationId::parse("i-1").unwrap();
    let receipt = ReceiptId::generate();
    let erased = erase(&world.database(), &key, &id, receipt).await;
    erased.unwrap();
    stream.say("i-1", 0, "Did you hear Rosebud?");
    stream.say("i-2", 0, "Somebody else.");
    world.is_told_once(["i-2".to_owned()]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.told("i-1"), ["My secret is Rosebud."]);
    let left = "stream_offsets WHERE interaction_id = 'i-1'";
    assert_eq!(world.count(left).await, 0);
    listening.abort();
}

#[tokio::test]
async fn whoever_is_not_needed_leaves_at_once() {
    let mut rhythm = QUICK;
    rhythm.early = Duration::from_millis(1_500);
    let Some(world) = World::start("whoever_is_not_needed", rhythm).await else {
        return;
    };
    let first = world.listen(Duration::from_secs(7)).await;
    let taken = async || world.count("stream_lease WHERE lease_until > now()").await;
    while taken().await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let early = world.tick(LONG).await.await.unwrap().unwrap();
    assert!(!early.is_needed && early.counts.frames == 0);
    // From 1.5 s before it means to leave, which is 0.6 s before its deadline.
    tokio::time::sleep(Duration::from_millis(5_100)).await;
    let second = world.listen(LONG).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let third = world.tick(LONG).await.await.unwrap().unwrap();
    assert!(!third.is_needed, "somebody stands by");
    let report = first.await.unwrap().unwrap();
    assert!(report.is_needed);
    world.simulator.stream().say("i-1", 0, "Hello.");
    world.is_told_once(["i-1".to_owned()]).await;
    second.abort();
}

#[tokio::test]
async fn a_correction_is_forwarded_and_what_stands_is_not() {
    let Some(world) = World::start("a_correction", QUICK).await else {
        return;
    };
    let listening = world.listen(LONG).await;
    let stream = world.simulator.stream();
    stream.say("i-1", 0, "I bought an oven. It came broken. What now?");
    world.is_told_once(["i-1".to_owned()]).await;
    stream.correct("i-1", 0, "It came broken.", "It never came.");
    stream.say("i-1", 0, "Hello?");
    let expected = [
        "I bought an oven.",
        "It came broken.",
        "What now?",
        "It never came.",
        "Hello?",
    ];
    for _ in 0..500 {
        if world.told("i-1").len() >= expected.len() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(world.told("i-1"), expected);
    listening.abort();
}
