//! The simulator as its clients meet it: over HTTP, and over bare TCP where the bytes matter.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "simulator/assist.rs"]
mod assist;
#[path = "simulator/binary.rs"]
mod binary;
#[path = "simulator/embeddings.rs"]
mod embeddings;
#[path = "simulator/faults.rs"]
mod faults;
#[path = "simulator/knowledge.rs"]
mod knowledge;
#[path = "simulator/knowledge_conditional.rs"]
mod knowledge_conditional;
#[path = "simulator/knowledge_edits.rs"]
mod knowledge_edits;
#[path = "simulator/ranking.rs"]
mod ranking;
#[path = "simulator/records.rs"]
mod records;
#[path = "simulator/tokens.rs"]
mod tokens;
#[path = "simulator/transcripts.rs"]
mod transcripts;
#[path = "simulator/wire.rs"]
mod wire;

use cxone_simulator::{Fault, FaultPlan, FaultRule, Settings, Simulator};
use reqwest::{Client, Response};
use serde_json::{Value, json};

const SMALL: &str = "text-embedding-3-small";
const V2: [(&str, &str); 3] = [
    ("grant_type", "client_credentials"),
    ("client_id", "local-client"),
    ("client_secret", "local-secret"),
];

fn start() -> Simulator {
    Simulator::start(Settings::default()).unwrap()
}

/// Every one of the next requests to the path meets the fault.
fn always(simulator: &Simulator, path: &str, fault: Fault) {
    let rules = vec![FaultRule::rate(path, 1.0, fault)];
    simulator.set_faults(FaultPlan { seed: 0, rules }).unwrap();
}

async fn post_form(simulator: &Simulator, path: &str, form: &[(&str, &str)]) -> Response {
    let request = Client::new()
        .post(format!("{}{path}", simulator.url()))
        .form(form);
    request
        .header("accept", "application/json")
        .send()
        .await
        .unwrap()
}

/// A token with these scopes.
async fn token(simulator: &Simulator, scope: &str) -> String {
    let form = [&V2[..], &[("scope", scope)]].concat();
    let answer: Value = json_of(post_form(simulator, "/oauth/token", &form).await, 200).await;
    answer["access_token"].as_str().unwrap().to_owned()
}

async fn try_embed(simulator: &Simulator, body: &Value) -> reqwest::Result<Response> {
    let request = Client::new()
        .post(format!("{}/v1/embeddings", simulator.url()))
        .json(body);
    request.bearer_auth("sk-local").send().await
}

async fn embed(simulator: &Simulator, body: &Value) -> Response {
    try_embed(simulator, body).await.unwrap()
}

/// A small question that any model answers.
fn question() -> Value {
    json!({"model": SMALL, "input": ["one text", "another text"]})
}

async fn json_of(response: Response, status: u16) -> Value {
    assert_eq!(response.status(), status);
    response.json().await.unwrap()
}

async fn control(simulator: &Simulator, method: &str, path: &str, body: &str) -> Response {
    let method = method.parse().unwrap();
    let request = Client::new().request(method, format!("{}/_control/{path}", simulator.url()));
    request.body(body.to_owned()).send().await.unwrap()
}
