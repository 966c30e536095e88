//! From a message to rows.

use serde_json::{Value, json};

use crate::drive::invoke;
use crate::messages::{completed, message, payload};
use crate::world::World;

const FIXTURE: &str = include_str!("../../../../events/conversation-embedder.json");

#[tokio::test]
async fn the_fixture_becomes_rows_and_a_repeat_costs_nothing() {
    let Some(world) = World::start("the_fixture_becomes_rows", &[]).await else {
        return;
    };
    let event: Value = serde_json::from_str(FIXTURE).unwrap();
    let time = std::time::Duration::from_secs(30);
    let answer = invoke(&world.app, event.clone(), time).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let text = "Subject: Order refund request\nAgent: Hello, how can I assist you with your order?\n\
        Customer: I need a full refund because the item arrived damaged.";
    assert_eq!(
        world.texts().await,
        [("conv-8842-abc".to_owned(), text.to_owned())]
    );
    let tags = world.tags().await.remove(0);
    assert_eq!(tags["source"], "cxone_data_action");
    assert_eq!(tags["conversation_id"], "conv-8842-abc");
    assert_eq!(tags["content_length"], text.chars().count());
    assert_eq!(tags["contains_pii"], false);
    assert_eq!(tags["pii_types"], json!([]));
    assert_eq!(tags["language"], "en");
    assert!(
        tags["intent_category"].is_string() && tags.get("intent_score").is_some(),
        "{tags}"
    );
    assert_eq!(
        world
            .count("conversation_events WHERE state = 'searchable'")
            .await,
        1
    );
    assert_eq!(
        world
            .count("conversation_events WHERE state = 'no_text'")
            .await,
        1,
        "the golden message says nothing"
    );
    let asked = world.asked();
    let again = invoke(&world.app, event, time).await.unwrap();
    assert_eq!(again, json!({"batchItemFailures": []}));
    assert_eq!(
        (world.count("conversation_events").await, world.asked()),
        (2, asked)
    );
}

#[tokio::test]
async fn the_same_text_is_embedded_once() {
    let Some(world) = World::start("the_same_text_is_embedded_once", &[]).await else {
        return;
    };
    let failed = world
        .deliver(&[completed("one", "The same."), completed("two", "The same.")])
        .await;
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(world.texts().await.len(), 2);
    let asked = world.asked();
    assert!(
        world
            .deliver(&[completed("three", "The same.")])
            .await
            .is_empty()
    );
    assert_eq!(world.asked(), asked, "the vector is known");
    assert_eq!(
        world
            .count("conversation_embeddings WHERE embedding IS NOT NULL")
            .await,
        3
    );
}

#[tokio::test]
async fn a_later_event_takes_the_place_of_an_earlier_one() {
    let Some(world) = World::start("a_later_event_takes_the_place", &[]).await else {
        return;
    };
    let updated = message(&payload("one", "conversation.updated", 10, "It is late."));
    let done = message(&payload("one", "conversation.completed", 20, "It is here."));
    let stale = message(&payload(
        "one",
        "conversation.updated",
        5,
        "It is on its way.",
    ));
    for body in [updated, done, stale] {
        assert!(world.deliver(&[body]).await.is_empty());
    }
    let texts = world.texts().await;
    assert_eq!(texts.len(), 1);
    assert!(texts[0].1.ends_with("It is here."), "{texts:?}");
    assert_eq!(
        world
            .count("conversation_events WHERE state = 'superseded'")
            .await,
        2
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_parked_and_the_rest_is_stored() {
    let Some(world) = World::start("what_cannot_be_read_is_parked", &[]).await else {
        return;
    };
    let bodies = [
        "no message".to_owned(),
        completed("one", "Hello."),
        "{}".to_owned(),
    ];
    assert!(world.deliver(&bodies).await.is_empty());
    assert_eq!(world.parked(), ["no message", "{}"]);
    assert_eq!(world.texts().await.len(), 1);
}
