//! Who may ask for what.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::auth::{ApiKeys, Scope};
use shared::aws;

use crate::world::{World, event, send, transcript};

#[tokio::test]
async fn each_route_wants_its_scope_and_its_method() {
    let Some(world) = World::start("intake_each_route_wants_its_scope").await else {
        return;
    };
    let mut keys = ApiKeys::default();
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let mut issue = |id: &str, scope| keys.issue(id, [9; 32], vec![scope], later).unwrap();
    let writer = issue("writer", Scope::TranscriptsWrite);
    let reader = issue("reader", Scope::TranscriptsRead);
    let stranger = issue("stranger", Scope::SearchRead);
    let put = aws::secrets_client(&world.sdk).put_secret_value();
    let put = put.secret_id("api-keys");
    let text = serde_json::to_string(&keys).unwrap();
    put.secret_string(text).send().await.unwrap();
    let app = world.another().await;
    let nobody = "/transcripts/0190f000-0000-7000-8000-000000000000";
    let metrics = "/v1/transcripts/metrics";
    for (method, path, body, write, read) in [
        ("POST", "/transcripts", transcript(), 202, 403),
        ("POST", "/v1/transcripts", transcript(), 202, 403),
        ("GET", metrics, Value::Null, 403, 200),
        ("GET", nobody, Value::Null, 403, 404),
        ("GET", "/transcripts/one", Value::Null, 403, 400),
        ("GET", "/transcripts", Value::Null, 405, 405),
        ("POST", nobody, Value::Null, 405, 405),
        ("POST", metrics, Value::Null, 405, 405),
        ("GET", "/transcripts/", Value::Null, 404, 404),
        ("GET", "/transcripts/one/two", Value::Null, 404, 404),
        ("GET", "/", Value::Null, 404, 404),
    ] {
        for (key, status) in [
            (Some(&writer), write),
            (Some(&reader), read),
            (Some(&stranger), 403),
            (None, 401),
        ] {
            let headers: Vec<_> = key
                .map(|key| ("x-api-key", key.as_str()))
                .into_iter()
                .collect();
            let event = event(method, path, &headers, &body.to_string());
            let response = send(&app, event).await;
            let wanted = if write == read { write } else { status };
            assert_eq!(response.status_code, wanted, "{method} {path} {key:?}");
        }
    }
}
