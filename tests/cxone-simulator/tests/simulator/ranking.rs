//! Sessions, their locks, and what the engine takes for an order.

use std::time::Duration;

use cxone_simulator::RankingUpdate;
use cxone_simulator::SettingsUpdate;

use super::*;

const SCOPES: &str = "agentassist:session:write agentassist:snippet:write";

fn order(scores: &[f64]) -> Value {
    let snippet = |(place, score): (usize, &f64)| json!({"snippet_id": format!("kb-{place}"), "relevance_score": score});
    let snippets: Vec<_> = scores.iter().enumerate().map(snippet).collect();
    json!({"session_id": "s-1", "max_result_window": 10, "snippets": snippets})
}

async fn post(simulator: &Simulator, token: &str, body: &Value) -> u16 {
    let path = "/api/v2/agentassist/sessions/s-1/snippets/ranking";
    let request = Client::new().post(format!("{}{path}", simulator.url()));
    let request = request.bearer_auth(token).json(body);
    let request = request.header("X-CXone-Client-Version", "1.0.0");
    request
        .send()
        .await
        .map_or(0, |answer| answer.status().as_u16())
}

async fn state(simulator: &Simulator, token: &str) -> Value {
    let path = "/api/v2/agentassist/sessions/s-1";
    let request = Client::new().get(format!("{}{path}", simulator.url()));
    let answer = request.bearer_auth(token).send().await.unwrap();
    json_of(answer, 200).await["state"].clone()
}

#[tokio::test]
async fn an_order_replaces_the_one_before_unless_the_session_is_locked() {
    let simulator = start();
    let token = token(&simulator, SCOPES).await;
    let hand = simulator.ranking();
    assert_eq!(post(&simulator, &token, &order(&[0.9, 0.5])).await, 200);
    hand.lock("s-1");
    assert_eq!(state(&simulator, &token).await, "locked");
    assert_eq!(post(&simulator, &token, &order(&[0.7])).await, 409);
    hand.unlock("s-1");
    assert_eq!(state(&simulator, &token).await, "open");
    assert_eq!(post(&simulator, &token, &order(&[0.8])).await, 200);
    assert_eq!(hand.shown("s-1"), Some(order(&[0.8])));
    assert_eq!(hand.orders("s-1").len(), 2);
    // Long enough for the slowest machine to ask meanwhile.
    hand.lock_for("s-1", Duration::from_secs(2));
    assert_eq!(post(&simulator, &token, &order(&[0.7])).await, 409);
    while hand.is_locked("s-1") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(post(&simulator, &token, &order(&[0.7])).await, 200);
}

#[tokio::test]
async fn the_engine_has_rules() {
    let simulator = start();
    let token = token(&simulator, SCOPES).await;
    let mut doubled = order(&[0.9, 0.9]);
    doubled["snippets"][1]["snippet_id"] = json!("kb-0");
    let mut boosted = order(&[0.9]);
    boosted["snippets"][0]["boost_factor"] = json!(1.2);
    let mut other = order(&[0.9]);
    other["session_id"] = json!("s-2");
    let mut unknown = order(&[0.9]);
    unknown["colour"] = json!("red");
    for (body, status) in [
        (order(&[]), 200),
        (order(&[1.0, 0.0]), 200),
        (order(&[0.5, 0.9]), 400),
        (order(&[1.1]), 400),
        (order(&[0.5; 11]), 400),
        (doubled, 400),
        (boosted, 400),
        (other, 400),
        (unknown, 400),
        (order(&[1.0, 0.0005]), 500),
    ] {
        assert_eq!(post(&simulator, &token, &body).await, status, "{body}");
    }
    let ranking = RankingUpdate {
        most_disparity: Some(0.0),
        ..RankingUpdate::default()
    };
    simulator.update(SettingsUpdate {
        ranking,
        ..SettingsUpdate::default()
    });
    let far = order(&[1.0, 0.0005]);
    assert_eq!(post(&simulator, &token, &far).await, 200);
}

#[tokio::test]
async fn each_route_wants_its_scope_and_faults_strike_both() {
    let simulator = start();
    let [session, snippets] = ["session", "snippet"].map(|it| format!("agentassist:{it}:write"));
    let session = token(&simulator, &session).await;
    let snippets = token(&simulator, &snippets).await;
    assert_eq!(post(&simulator, &session, &order(&[0.9])).await, 403);
    assert_eq!(post(&simulator, &snippets, &order(&[0.9])).await, 200);
    assert_eq!(state(&simulator, &session).await, "open");
    always(&simulator, "ranking", Fault::ExecutedThenLost);
    assert_eq!(post(&simulator, &snippets, &order(&[0.8])).await, 0);
    assert_eq!(simulator.ranking().shown("s-1"), Some(order(&[0.8])));
}

#[tokio::test]
async fn the_control_routes_lock_and_tell() {
    let simulator = start();
    let locked = control(&simulator, "PUT", "ranking/s-1/lock", r#"{"ms": 60000}"#).await;
    assert_eq!(locked.status(), 204);
    let told = control(&simulator, "GET", "ranking/s-1", "").await;
    let told = json_of(told, 200).await;
    assert_eq!(told, json!({"is_locked": true, "orders": []}));
    control(&simulator, "DELETE", "ranking/s-1/lock", "").await;
    assert!(!simulator.ranking().is_locked("s-1"));
}
