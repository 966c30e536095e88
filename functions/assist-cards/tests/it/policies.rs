//! What is told, and remembered, of personal data in what is said live.

use serde_json::{Value, json};

use crate::world::{REFUND, World, hear, said};

const CANARY: &str = "jane.doe@example.com";

async fn details(world: &World) -> Vec<Value> {
    let detail = "SELECT detail::text FROM assist_impressions ORDER BY session_id";
    let rows = world.rows.query(detail, &[]).await.unwrap();
    let detail = |text: String| serde_json::from_str(&text).unwrap();
    rows.iter().map(|row| detail(row.get(0))).collect()
}

#[tokio::test]
async fn what_is_said_live_leaves_the_account_as_the_policy_says() {
    for (policy, is_told, has_vector, is_kept) in [
        ("tag", true, true, true),
        ("mask", false, true, false),
        ("block", false, false, true),
    ] {
        let Some(world) = World::start(&format!("cards_policy_{policy}")).await else {
            return;
        };
        let app = world.app_with("PII_POLICY", policy).await;
        let before = world.simulator.requests("/v1/embeddings").len();
        let words = format!("I am {CANARY}. {REFUND}");
        assert!(hear(&app, &[said("i-1", 1, &words)]).await.is_empty());
        assert_eq!(world.screen("i-1"), ["refund"], "{policy}");
        let asked = world.simulator.requests("/v1/embeddings").split_off(before);
        let sent: String = asked.into_iter().map(|one| one.body).collect();
        assert_eq!(sent.contains(CANARY), is_told, "{policy}: {sent}");
        assert_eq!(sent.contains("refund"), has_vector, "{policy}: {sent}");
        assert_eq!(details(&world).await[0]["has_vector"], json!(has_vector));
        let state = "SELECT string_agg(state::text, ' ') FROM assist_interactions";
        let state: String = world.rows.query_one(state, &[]).await.unwrap().get(0);
        assert_eq!(state.contains("jane.doe"), is_kept, "{policy}: {state}");
    }
}

/// It stands in what is looked up with the turn before, and the turns that follow are not looked up otherwise.
#[tokio::test]
async fn what_is_blocked_keeps_back_what_is_said_around_it() {
    let Some(world) = World::start("cards_policy_around").await else {
        return;
    };
    let app = world.app_with("PII_POLICY", "block").await;
    let before = world.simulator.requests("/v1/embeddings").len();
    let mut agent = said("i-1", 1, &format!("You are {CANARY}, are you?"));
    agent["speaker"] = json!("agent");
    let turns = [agent, said("i-1", 2, REFUND)];
    assert!(hear(&app, &turns).await.is_empty());
    assert_eq!(world.screen("i-1"), ["refund"]);
    let after = world.simulator.requests("/v1/embeddings").len();
    assert_eq!(after, before, "by words alone");
}
