//! Every answer is of the knowledge base as it is at that moment.

use crate::world::{REFUND, ROUTER, World, hear, said};

#[tokio::test]
async fn what_changed_between_two_utterances_is_on_the_next_card() {
    let Some(world) = World::start("cards_changes").await else {
        return;
    };
    world.hear(&[said("i-1", 1, ROUTER)]).await;
    let changed = "A refund reaches the credit card tomorrow, after the return was checked.";
    world.articles(&[("refund", changed)]).await;
    world.hear(&[said("i-1", 2, REFUND)]).await;
    assert_eq!(world.screen("i-1"), ["router", "refund"]);
    let cards = world.simulator.assist().cards("i-1");
    assert!(cards[1].body.ends_with(changed), "{}", cards[1].body);
}

#[tokio::test]
async fn only_what_passes_the_filter_is_shown() {
    let Some(world) = World::start("cards_filter").await else {
        return;
    };
    let filter = r#"{"territories": ["CA"]}"#;
    let app = world.app_with("ASSIST_FILTER", filter).await;
    hear(&app, &[said("i-1", 1, REFUND)]).await;
    assert!(world.screen("i-1").is_empty());
}
