//! The fixtures, and settings that are none.

use assist_cards::Config;
use serde_json::{Value, json};
use shared::config::Env;

use crate::world::{World, hear_texts, invoke};

#[tokio::test]
async fn the_fixtures_are_understood() {
    let Some(world) = World::start("cards_fixtures").await else {
        return;
    };
    let batch: Value =
        serde_json::from_str(include_str!("../../../../events/assist-cards.json")).unwrap();
    assert_eq!(
        invoke(&world.app, batch).await,
        json!({ "batchItemFailures": [] })
    );
    let tidy: Value =
        serde_json::from_str(include_str!("../../../../events/assist-cards.tidy.json")).unwrap();
    assert_eq!(
        invoke(&world.app, tidy).await,
        json!({ "removed": 0, "doubtful": 0 })
    );
    // Nobody sent it, so nobody can send it better.
    assert!(hear_texts(&world.app, &["{".to_owned()]).await.is_empty());
}

#[tokio::test]
async fn all_that_is_silent_for_a_day_is_forgotten_at_once() {
    let Some(world) = World::start("cards_tidy_all").await else {
        return;
    };
    let old = "INSERT INTO assist_interactions (interaction_id, sequence, state, updated_at)
        SELECT 'i-' || n, 1, '{}', now() - interval '2 days' FROM generate_series(1, 25000) n";
    world.rows.batch_execute(old).await.unwrap();
    let tidied = invoke(&world.app, json!({ "task": "tidy" })).await;
    assert_eq!(tidied["removed"], 25_000);
}

#[test]
fn wrong_settings_are_told_by_name_all_at_once() {
    let env = Env::from_pairs([
        ("ASSIST_RULES", r#"{"trigger": "dog"}"#),
        ("ASSIST_FRESH_SECONDS", "soon"),
        ("ASSIST_PHRASES", "-1"),
        ("ASSIST_FILTER", r#"{"territories": 7, "colour": "red"}"#),
    ]);
    let problems = Config::from_env(&env).err().unwrap().problems.join("; ");
    for name in [
        "DATABASE_URL",
        "CXONE_SECRET_ID",
        "ERASURE_KEY_SECRET_ID",
        "ASSIST_RULES",
        "ASSIST_FRESH_SECONDS",
        "ASSIST_PHRASES",
        "ASSIST_FILTER",
        "/territories",
        "/colour",
    ] {
        assert!(problems.contains(name), "{name}: {problems}");
    }
}
