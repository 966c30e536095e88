//! What is answered while a part is down.

use std::time::Instant;

use aws_double::Fault as AwsFault;
use cxone_simulator::{Fault, FaultPlan, FaultRule};
use serde_json::json;

use crate::world::{CONVERSATIONS, KNOWLEDGE, World, event, json_of, send};

#[tokio::test]
async fn without_the_provider_words_are_searched() {
    let Some(world) = World::start("without_the_provider").await else {
        return;
    };
    world
        .articles(&[
            ("router", "Reset the router."),
            ("lamp", "The lamp is red."),
        ])
        .await;
    world.conversation("c-1", "The router is dead.", 0).await;
    let plan = FaultPlan {
        seed: 0,
        rules: vec![FaultRule::rate("/v1/embeddings", 1.0, Fault::status(503))],
    };
    world.simulator.set_faults(plan).unwrap();
    let began = Instant::now();
    for (path, expected) in [(KNOWLEDGE, "router"), (CONVERSATIONS, "c-1")] {
        let body = json!({ "query": "router", "min_score": 0.3, "explain": true });
        let response = world.post(path, &body).await;
        assert_eq!(response.status_code, 200, "{}", response.body);
        let answer = json_of(&response);
        assert_eq!(answer["vector_unavailable"], true);
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results.len(), 1, "{answer:#}");
        let id = if path == KNOWLEDGE {
            "article_id"
        } else {
            "conversation_id"
        };
        assert_eq!(results[0][id], expected);
        assert_eq!(results[0]["explain"]["found_by"], json!(["lexical"]));
    }
    assert!(
        began.elapsed().as_secs() < 30,
        "nobody waits for long: {:?}",
        began.elapsed()
    );
    world.simulator.clear_faults();
}

#[tokio::test]
async fn a_cursor_does_not_outlive_the_question_s_vector() {
    let Some(world) = World::start("a_cursor_and_the_vector").await else {
        return;
    };
    let names: Vec<_> = (0..3).map(|number| format!("router-{number}")).collect();
    let texts: Vec<_> = names
        .iter()
        .map(|name| format!("Reset the router called {name}."))
        .collect();
    for (name, text) in names.iter().zip(&texts) {
        world.articles(&[(name, text)]).await;
        world.conversation(name, text, 0).await;
    }
    for path in [KNOWLEDGE, CONVERSATIONS] {
        let mut body = json!({ "query": "router", "limit": 1, "collapse": false });
        let first = json_of(&world.post(path, &body).await);
        assert_eq!(first["vector_unavailable"], false);
        body["cursor"] = first["next_cursor"].clone();
        let plan = FaultPlan {
            seed: 0,
            rules: vec![FaultRule::rate("/v1/embeddings", 1.0, Fault::status(401))],
        };
        world.simulator.set_faults(plan).unwrap();
        let response = world.post(path, &body).await;
        assert_eq!(response.status_code, 409, "{}", response.body);
        world.simulator.clear_faults();
        let response = world.post(path, &body).await;
        assert_eq!(response.status_code, 200, "{}", response.body);
    }
}

#[tokio::test]
async fn without_the_database_or_the_keys_the_caller_comes_back() {
    let Some(world) = World::start("without_the_database").await else {
        return;
    };
    let app = world
        .app_with("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
        .await;
    let headers = [("x-api-key", world.key.as_str())];
    let mut question = event("POST", KNOWLEDGE, &headers);
    question["body"] = json!(r#"{"query": "router"}"#);
    for one in [question, event("GET", "/conversations/c-1", &headers)] {
        let response = send(&app, one).await;
        assert_eq!(response.status_code, 503, "{}", response.body);
        assert!(response.headers.contains_key("retry-after"));
    }
    let fault = AwsFault::Status(500);
    world.double.fail_rate("GetSecretValue", fault, 1.0, 1);
    let response = world.post(KNOWLEDGE, &json!({ "query": "router" })).await;
    assert_eq!(response.status_code, 503, "{}", response.body);
}
