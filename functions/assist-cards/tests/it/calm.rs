//! When cards come, and when they don't.

use serde_json::{Value, json};

use crate::world::{REFUND, ROUTER, World, hear, said, said_by};

#[tokio::test]
async fn a_question_brings_its_article_and_small_talk_none() {
    let Some(world) = World::start("cards_question").await else {
        return;
    };
    let batches = [
        said_by("agent", "i-1", 1, ROUTER, 0),
        said("i-1", 2, "Oh, what weather we have."),
        said("i-1", 3, REFUND),
        said("i-1", 4, "Thank you very much."),
    ];
    for one in batches {
        assert!(world.hear(&[one]).await.is_empty());
    }
    assert_eq!(world.screen("i-1"), ["refund"]);
    assert_eq!(
        world.kept("i-1").await,
        [("refund".to_owned(), "shown".to_owned())]
    );
}

#[tokio::test]
async fn a_token_is_there_before_the_first_card_and_asked_for_once() {
    let Some(world) = World::start("cards_token").await else {
        return;
    };
    let tokens = || world.simulator.requests("/oauth/token").len();
    world.hear(&[said("i-1", 1, "Good morning.")]).await;
    assert_eq!(tokens(), 0, "nothing is looked up");
    let weather = "Oh, what lovely weather we have here today, is it not?";
    world.hear(&[said("i-1", 2, weather)]).await;
    assert!(world.screen("i-1").is_empty());
    assert_eq!(tokens(), 1);
    world.hear(&[said("i-1", 3, REFUND)]).await;
    assert_eq!(world.screen("i-1"), ["refund"]);
    assert_eq!(tokens(), 1);
}

#[tokio::test]
async fn the_newest_of_a_batch_is_answered_if_it_is_fresh() {
    let Some(world) = World::start("cards_newest").await else {
        return;
    };
    let old = said_by("customer", "i-2", 1, REFUND, 60);
    let batch = [
        said("i-1", 1, REFUND),
        said_by("agent", "i-1", 2, "One moment.", 0),
        said("i-1", 3, ROUTER),
        old,
    ];
    assert!(world.hear(&batch).await.is_empty());
    assert_eq!(world.screen("i-1"), ["router"]);
    assert!(world.screen("i-2").is_empty());
}

#[tokio::test]
async fn what_was_said_before_anybody_listened_asks_for_nothing() {
    let Some(world) = World::start("cards_late").await else {
        return;
    };
    let late = |mut one: Value| {
        one["late"] = json!(true);
        one
    };
    let batch = [late(said("i-1", 1, "Hello.")), late(said("i-1", 2, REFUND))];
    assert!(world.hear(&batch).await.is_empty());
    assert!(world.screen("i-1").is_empty());
    // Nor does it keep what follows from being answered.
    let batch = [
        said_by("agent", "i-1", 3, "One moment.", 0),
        said("i-1", 4, ROUTER),
    ];
    assert!(world.hear(&batch).await.is_empty());
    assert_eq!(world.screen("i-1"), ["router"]);
}

#[tokio::test]
async fn where_nobody_is_named_the_other_channel_begins_a_turn_of_its_own() {
    let Some(world) = World::start("cards_nameless").await else {
        return;
    };
    let spoken = |interaction, sequence, channel: Option<u8>, text| {
        let mut one = said_by("unknown", interaction, sequence, text, 0);
        one["channel"] = json!(channel);
        one
    };
    // Seven words are too few for a turn, and one turn of all of it has enough.
    for (interaction, channels, shown) in [
        ("i-1", [Some(1), Some(0)], &[][..]),
        ("i-2", [None, None], &["router"]),
    ] {
        let greeting = "Good morning.";
        let question = "Router blinks red, which plug to pull?";
        for (sequence, (channel, text)) in (1..).zip(channels.into_iter().zip([greeting, question]))
        {
            let one = spoken(interaction, sequence, channel, text);
            assert!(world.hear(&[one]).await.is_empty());
        }
        assert_eq!(world.screen(interaction), shown);
    }
}

#[tokio::test]
async fn a_question_is_answered_although_the_agent_speaks_last_in_the_batch() {
    let Some(world) = World::start("cards_agent_last").await else {
        return;
    };
    let batch = [
        said("i-1", 1, REFUND),
        said_by("agent", "i-1", 2, "One moment.", 0),
        said_by("agent", "i-1", 3, "I look.", 0),
    ];
    assert!(world.hear(&batch).await.is_empty());
    assert_eq!(world.screen("i-1"), ["refund"]);
    // What followed the question is remembered, and all of it is done.
    let kept = "SELECT sequence, state::text FROM assist_interactions";
    let kept = world.rows.query_one(kept, &[]).await.unwrap();
    assert_eq!(kept.get::<_, i64>(0), 3);
    let state: String = kept.get(1);
    assert!(state.contains("One moment. I look."), "{state}");
}

#[tokio::test]
async fn a_deployment_that_searches_by_places_shows_the_same_cards() {
    let Some(world) = World::start("cards_by_places").await else {
        return;
    };
    let app = world.app_with("SEARCH_FUSION", "rrf").await;
    for (sequence, text) in (1..).zip(["Oh, what weather we have.", REFUND]) {
        let said = said("i-1", sequence, text);
        assert!(hear(&app, &[said]).await.is_empty());
    }
    assert_eq!(world.screen("i-1"), ["refund"]);
    let filter = r#"{"fusion": "rrf"}"#;
    let app = world.app_with("ASSIST_FILTER", filter).await;
    hear(&app, &[said("i-2", 1, REFUND)]).await;
    assert_eq!(world.screen("i-2"), ["refund"]);
}

#[tokio::test]
async fn nothing_comes_twice_whatever_is_repeated() {
    let Some(world) = World::start("cards_repeats").await else {
        return;
    };
    let first = said("i-1", 1, REFUND);
    let other = world.app_with("ASSIST_PHRASES", "5").await;
    for _ in 0..3 {
        assert!(world.hear(&[first.clone(), first.clone()]).await.is_empty());
        assert!(hear(&other, std::slice::from_ref(&first)).await.is_empty());
    }
    // The same matter again, by other words.
    world
        .hear(&[said(
            "i-1",
            2,
            "The refund, the refund! On my credit card, after the return was checked.",
        )])
        .await;
    let asked = world.simulator.requests("/v1/embeddings").len();
    world.hear(&[said_by("agent", "i-1", 3, ROUTER, 0)]).await;
    assert_eq!(
        world.simulator.requests("/v1/embeddings").len(),
        asked,
        "silence costs no model"
    );
    assert_eq!(world.screen("i-1"), ["refund"]);
}

#[tokio::test]
async fn what_was_dismissed_elsewhere_does_not_come() {
    let Some(world) = World::start("cards_dismissed").await else {
        return;
    };
    let dismiss = "INSERT INTO assist_clicks (session_id, snippet_id, position, action, known) VALUES ('i-1', 'refund', 1, 'dismiss', false)";
    world.rows.batch_execute(dismiss).await.unwrap();
    world.hear(&[said("i-1", 1, REFUND)]).await;
    assert!(world.screen("i-1").is_empty());
    world.hear(&[said("i-2", 1, REFUND)]).await;
    assert_eq!(world.screen("i-2"), ["refund"]);
}

#[tokio::test]
async fn an_interaction_is_forgotten_a_day_later_or_with_its_conversation() {
    let Some(world) = World::start("cards_forgotten").await else {
        return;
    };
    for interaction in ["i-1", "i-2"] {
        world.hear(&[said(interaction, 1, REFUND)]).await;
    }
    let age = "
        UPDATE assist_interactions SET updated_at = now() - interval '25 hours' WHERE interaction_id = 'i-1';
        UPDATE assist_impressions SET state = 'pending', shown_at = now() - interval '2 minutes' WHERE session_id = 'i-2'";
    world.rows.batch_execute(age).await.unwrap();
    let tidied = crate::world::invoke(&world.app, json!({ "task": "tidy" })).await;
    assert_eq!(tidied, json!({ "removed": 1, "doubtful": 1 }));
    assert_eq!(world.kept("i-2").await[0].1, "unknown");
    let text = "SELECT string_agg(state::text, ' ') FROM assist_interactions";
    let left: Option<String> = world.rows.query_one(text, &[]).await.unwrap().get(0);
    assert!(left.unwrap().contains("refund"));
    let receipt = shared::domain::ReceiptId::generate();
    let key = shared::testing::stage::erasure_key();
    let id = shared::domain::ConversationId::parse("i-2").unwrap();
    shared::db::conversations::erase(&world.database, &key, &id, receipt)
        .await
        .unwrap();
    let left: Option<String> = world.rows.query_one(text, &[]).await.unwrap().get(0);
    assert_eq!(left, None);
    assert!(world.kept("i-2").await.is_empty());
}
