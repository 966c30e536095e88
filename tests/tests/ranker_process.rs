//! The snippet ranker as a process: it dies between CXone's confirmation and its own, and a repeat finds the way on.

use std::time::Duration;

use end_to_end::canary::{REFUSALS, Talkative, echo, leaks, told};
use end_to_end::{AMPLE, World};
use serde_json::{Value, json};
use shared::auth::Scope;
use shared::testing;

/// Where it dies.
const PLACE: &str = "finish_order.before_commit";
const NAME: &str = "snippet-ranker";
/// Too little to try again and again.
const BRIEF: Duration = Duration::from_secs(5);
const SESSION: &str = "/assist/sessions/s-1/ranking";
const SIGNING: &str = r#"{"keys":["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]}"#;

/// What a ranker speaks to, and a key with which it may be asked.
async fn start(test: &str) -> Option<(World, String)> {
    let mut world = World::start(test).await?;
    for (setting, text) in [
        ("ERASURE_KEY_SECRET_ID", "erasure-key-0123456789abcdef0123"),
        ("CALLBACK_KEYS_SECRET_ID", SIGNING),
        ("AUDIT_ANCHOR_SECRET_ID", "{}"),
    ] {
        world.set_secret(setting, text).await;
    }
    let key = world.set_api_key(&Scope::ALL).await;
    Some((world, key))
}

fn order(key: &str) -> Value {
    let headers = [("x-api-key", key), ("idempotency-key", "k-1")];
    let body = json!({ "snippets": [{ "snippet_id": "kb-1", "relevance_score": 0.5 }] });
    testing::request("POST", SESSION, &headers, &body.to_string())
}

#[tokio::test]
async fn an_order_whose_poster_dies_before_it_is_written_down_is_posted_by_a_repeat() {
    let Some((world, key)) = start("an_order_whose_poster_dies").await else {
        return;
    };
    let event = order(&key);
    world.die(NAME, PLACE, &event).await;
    assert_eq!(world.simulator.ranking().orders("s-1").len(), 1);
    assert_eq!(world.count("audit_entries").await, 0);
    assert_eq!(world.count("ranking_sessions WHERE unsure").await, 1);

    // The dead one's lease would hold the repeat for some seconds.
    let later = "UPDATE ranking_sessions SET poster_until = now() - interval '1 second'";
    world.rows.execute(later, &[]).await.unwrap();
    let answer = world.ask(NAME, &event).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(world.simulator.ranking().orders("s-1").len(), 2);
    for (table, rows) in [
        ("ranking_orders WHERE state = 'posted'", 1),
        ("assist_impressions", 1),
        ("audit_entries", 1),
    ] {
        assert_eq!(world.count(table).await, rows, "{table}");
    }
}

/// Bodies of which something is wrong, and one of which nothing is.
fn bodies() -> Vec<String> {
    let snippet = |title: &str| {
        let metadata = json!({ "title": title, "note": "canary.mail@example.org" });
        json!({ "snippet_id": "kb-1", "relevance_score": 0.5, "metadata": metadata })
    };
    let callback = "https://hooks.example.com/canary-path?token=canary-token";
    let inside = "http://127.0.0.1/canary?token=canary";
    vec![
        json!({ "snippets": [snippet("canary-title")], "callback_url": callback }).to_string(),
        json!({ "snippets": [snippet("canary-title")], "callback_url": inside }).to_string(),
        json!({ "snippets": [snippet("canary-row")] }).to_string(),
        json!({ "snippets": ["canary", { "snippet_id": 1, "canary field": 1 }], "canary field": "canary" }).to_string(),
        "{\"snippets\": [\"canary".to_owned(),
        "canary".to_owned(),
    ]
}

#[tokio::test]
async fn what_clients_and_cxone_say_is_in_no_log_and_no_reason() {
    let Some((world, key)) = start("ranker_what_clients_and_cxone_say").await else {
        return;
    };
    // Postgres quotes the row that breaks such a rule.
    let rule = "ALTER TABLE ranking_orders ADD CHECK (ranking::text NOT LIKE '%canary-row%')";
    world.rows.batch_execute(rule).await.unwrap();
    let mut ranker = Talkative::spawn(world.command(NAME)).await.unwrap();
    let (_, secret) = key.split_once('.').unwrap();
    let event = |key: &str, body: &str| {
        let headers = [("x-api-key".to_owned(), key.to_owned())];
        testing::http_event(SESSION, &headers, body).to_string()
    };
    for body in bodies() {
        let asked = event(&key, &body);
        ranker.function.invoke_within(asked, AMPLE).await.unwrap();
    }
    for status in REFUSALS {
        echo(&world.simulator, "ranking", status).unwrap();
        let answer = ranker
            .function
            .invoke_within(event(&key, &bodies()[0]), BRIEF)
            .await;
        let answer = answer.map_or_else(String::new, |it| {
            String::from_utf8_lossy(&it.body).into_owned()
        });
        assert!(!answer.contains("canary-echo"), "{answer}");
    }
    world.simulator.clear_faults();
    for key in ["canary.canary-key", "canary"] {
        let asked = event(key, &bodies()[0]);
        ranker.function.invoke_within(asked, AMPLE).await.unwrap();
    }
    for task in ["tick", "other"] {
        let event = json!({ "task": task }).to_string();
        ranker.function.invoke_within(event, AMPLE).await.unwrap();
    }
    let log = ranker.end().await.unwrap();
    assert!(log.contains("admitted"), "it logs at all: {log}");
    assert_eq!(
        leaks(&log, &[secret, "local-secret", "hooks.example"]),
        [""; 0]
    );
    assert_eq!(told(&world.rows).await.unwrap(), [""; 0]);
}
