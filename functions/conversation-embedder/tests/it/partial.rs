//! A partial batch: what fails is reported and nothing else; whoever returns early reports everything.

use std::time::Duration;

use aws_double::Fault;
use shared::fail_point::{self, Fate};
use shared::testing::proof_size;

use crate::drive::deliver;
use crate::messages::{completed, message, payload};
use crate::world::World;

const TIME: Duration = Duration::from_secs(20);

/// Ten messages of which those in the pattern panic: even ones before, odd ones after their text is known.
fn batch(pattern: u32) -> Vec<String> {
    let conversation = |position: u32| match pattern >> position & 1 {
        1 => format!("panics-{position}"),
        _ => format!("fine-{pattern}-{position}"),
    };
    (0..10)
        .map(|position| completed(&conversation(position), "All the same."))
        .collect()
}

#[tokio::test]
async fn every_pattern_of_ten_is_exact() {
    let Some(world) = World::start("every_pattern_of_ten_is_exact", &[]).await else {
        return;
    };
    for position in 0..10 {
        let place = ["", ".cut"][position % 2];
        fail_point::set(&format!("panics-{position}{place}"), Fate::Unwind);
    }
    let patterns = u32::try_from(proof_size(128, 1_024)).unwrap();
    let (mut settled, mut seen) = (0, (0, 1_023));
    for nth in 0..patterns {
        // By an odd stride all of them come once, and also among the first few every position is in some and not in others.
        let pattern = nth * 37 % 1_024;
        seen = (seen.0 | pattern, seen.1 & pattern);
        let failed = world.deliver(&batch(pattern)).await;
        let expected = (0..10).filter(|position| pattern >> position & 1 == 1);
        let expected: Vec<_> = expected.map(|position| position.to_string()).collect();
        assert_eq!(failed, expected, "pattern {pattern:#012b}");
        settled += 10 - i64::from(pattern.count_ones());
    }
    assert_eq!(seen, (1_023, 0), "a position that never varies");
    assert_eq!(world.count("conversation_events").await, settled);
    assert_eq!(
        world
            .count("conversation_events WHERE conversation_id LIKE 'panics%'")
            .await,
        0
    );
    println!("{patterns} patterns: each exact");
}

#[tokio::test]
async fn copies_in_one_batch_share_their_fate() {
    let Some(world) = World::start("copies_in_one_batch_share_their_fate", &[]).await else {
        return;
    };
    fail_point::set("copied-and-bad", Fate::Unwind);
    let (one, two) = (completed("one", "One."), completed("two", "Two."));
    let bad = completed("copied-and-bad", "Bad.");
    // The same event with its JSON spaced otherwise is the same event.
    let spaced = message(&payload("one", "conversation.completed", 30, "One."));
    let bodies = [one.clone(), bad.clone(), two.clone(), one, spaced, bad, two];
    assert_eq!(world.deliver(&bodies).await, ["1", "5"]);
    assert_eq!(world.texts().await.len(), 2);
    assert_eq!(world.count("conversation_events").await, 2);
}

#[tokio::test]
async fn whoever_returns_early_reports_everything() {
    let Some(world) = World::start("whoever_returns_early_reports_everything", &[]).await else {
        return;
    };
    let bodies: Vec<_> = (0..10)
        .map(|n| completed(&format!("c{n}"), "Hello."))
        .collect();
    let all: Vec<_> = (0..10).map(|n| n.to_string()).collect();
    let without_secret = world
        .again(&[("ERASURE_KEY_SECRET_ID", "no-such-secret")])
        .await;
    assert_eq!(
        deliver(&without_secret, &bodies, TIME).await,
        all,
        "no secret"
    );
    world.proxy.down();
    assert_eq!(world.deliver(&bodies).await, all, "no database");
    world.proxy.up();
    assert_eq!(
        deliver(&world.app, &bodies, Duration::ZERO).await,
        all,
        "no time"
    );
    assert_eq!(deliver(&world.app, &bodies, TIME).await, [""; 0]);
    assert_eq!(world.texts().await.len(), 10);
}

#[tokio::test]
async fn what_cannot_be_parked_comes_again() {
    let Some(world) = World::start("what_cannot_be_parked_comes_again", &[]).await else {
        return;
    };
    world
        .double
        .fail_rate("SendMessage", Fault::Status(503), 1.0, 1);
    let bodies = ["no message".to_owned(), completed("one", "Hello.")];
    assert_eq!(world.deliver(&bodies).await, ["0"]);
    world.double.clear_faults();
    assert!(world.deliver(&bodies[..1]).await.is_empty());
    assert_eq!(world.parked(), ["no message"]);
}
