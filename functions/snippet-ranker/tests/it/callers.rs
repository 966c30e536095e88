//! Who may ask for what.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::auth::{ApiKeys, Scope};
use shared::aws;

use crate::world::{SESSION, TIME, World, event, request, send};

#[tokio::test]
async fn each_route_wants_its_scope_and_its_method() {
    let Some(world) = World::start("each_route_wants_its_scope", &[]).await else {
        return;
    };
    let mut keys = ApiKeys::default();
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let mut issue = |id: &str, scope| keys.issue(id, [9; 32], vec![scope], later).unwrap();
    let writer = issue("writer", Scope::AssistWrite);
    let reader = issue("reader", Scope::AssistRead);
    let put = aws::secrets_client(&world.sdk).put_secret_value();
    let put = put.secret_id("api-keys");
    let text = serde_json::to_string(&keys).unwrap();
    put.secret_string(text).send().await.unwrap();
    let app = world.another().await;
    let click = json!({ "snippet_id": "kb-0", "rank_position": 1, "action": "click" });
    for (method, path, body, write, read) in [
        ("POST", SESSION, request(&[0.5]), 200, 403),
        ("POST", "/v1/assist/sessions/s-1/clicks", click, 201, 403),
        ("GET", "/assist/snippets/kb-0/boost", Value::Null, 403, 200),
        ("GET", "/assist/metrics", Value::Null, 403, 200),
        ("GET", SESSION, Value::Null, 405, 405),
        ("POST", "/assist/metrics", Value::Null, 405, 405),
        ("GET", "/assist/sessions//ranking", Value::Null, 404, 404),
        ("GET", "/assist", Value::Null, 404, 404),
    ] {
        for (key, status) in [(Some(&writer), write), (Some(&reader), read), (None, 401)] {
            let headers: Vec<_> = key
                .map(|key| ("x-api-key", key.as_str()))
                .into_iter()
                .collect();
            let event = event(method, path, &headers, &body.to_string());
            let response = send(&app, event, TIME).await;
            let wanted = if [404, 405].contains(&write) {
                write
            } else {
                status
            };
            assert_eq!(response.status_code, wanted, "{method} {path} {key:?}");
        }
    }
}
