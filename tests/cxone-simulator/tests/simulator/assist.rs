//! Cards, and interactions that are over.

use super::*;

const PATH: &str = "/api/v2/interactions/i-1/assist";

fn cards(titles: &[&str]) -> Value {
    let card = |title: &&str| json!({"type": "card", "content": {"title": title, "body": "**A**\nb", "score": 0.5}});
    json!({"messages": titles.iter().map(card).collect::<Vec<_>>()})
}

async fn post(simulator: &Simulator, token: &str, body: &Value) -> u16 {
    let request = Client::new().post(format!("{}{PATH}", simulator.url()));
    let answer = request.bearer_auth(token).json(body).send().await;
    answer.map_or(0, |answer| answer.status().as_u16())
}

fn titles(simulator: &Simulator) -> Vec<String> {
    let cards = simulator.assist().cards("i-1");
    cards.into_iter().map(|card| card.title).collect()
}

#[tokio::test]
async fn cards_are_kept_until_the_interaction_is_over() {
    let simulator = start();
    let token = token(&simulator, "assist:write").await;
    assert_eq!(post(&simulator, &token, &cards(&["a", "b"])).await, 200);
    always(&simulator, "assist", Fault::ExecutedThenLost);
    assert_eq!(post(&simulator, &token, &cards(&["c"])).await, 0);
    simulator.clear_faults();
    assert_eq!(titles(&simulator), ["a", "b", "c"]);
    let told = json_of(control(&simulator, "GET", "assist/i-1", "").await, 200).await;
    assert_eq!(told["cards"][2]["body"], "**A**\nb");
    control(&simulator, "POST", "assist/i-1/end", "").await;
    assert_eq!(post(&simulator, &token, &cards(&["d"])).await, 404);
    assert_eq!(titles(&simulator).len(), 3);
}

#[tokio::test]
async fn what_is_no_card_is_refused_and_the_scope_is_wanted() {
    let simulator = start();
    let token = token(&simulator, "assist:write").await;
    let mut other = cards(&["a"]);
    other["messages"][0]["type"] = json!("text");
    let mut scored = cards(&["a"]);
    scored["messages"][0]["content"]["score"] = json!(1.5);
    for body in [json!({}), cards(&[]), other, scored] {
        assert_eq!(post(&simulator, &token, &body).await, 400, "{body}");
    }
    let reader = super::token(&simulator, "knowledge:read").await;
    assert_eq!(post(&simulator, &reader, &cards(&["a"])).await, 403);
    assert!(titles(&simulator).is_empty());
}
