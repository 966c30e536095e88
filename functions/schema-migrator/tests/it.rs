//! The migrator by hand and as a custom resource, against a real Postgres and a listener that plays CloudFormation.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::put;
use schema_migrator::{App, handle};
use serde_json::{Value, json};
use shared::config::Env;
use shared::db::migrate::MIGRATIONS;
use shared::testing::{TestDatabase, invocation};

const CUSTOM: &str = include_str!("../../../events/schema-migrator.custom-resource.json");
const BY_HAND: &str = include_str!("../../../events/schema-migrator.json");
const CHECK: &str = include_str!("../../../events/schema-migrator.check.json");

async fn invoke(app: &App, event: &Value) -> Result<Value, lambda_runtime::Diagnostic> {
    handle(app, invocation(event.clone(), Duration::from_secs(13))).await
}

fn app(url: &str) -> App {
    App::from_env(Env::from_pairs([("DATABASE_URL", url)]))
}

/// A listener at a pre-signed URL: fails once, then keeps what it is sent.
async fn cloudformation(received: Arc<Mutex<Vec<Value>>>) -> String {
    let tries = Arc::new(Mutex::new(0));
    let answer = async move |headers: HeaderMap, body: String| {
        let mut tries = tries.lock().unwrap();
        *tries += 1;
        assert_eq!(
            headers["content-type"], "",
            "the signature covers an empty content type"
        );
        if *tries == 1 {
            return 503;
        }
        received
            .lock()
            .unwrap()
            .push(serde_json::from_str(&body).unwrap());
        200
    };
    let route = put(move |headers: HeaderMap, body: String| {
        let answer = answer.clone();
        async move { axum::http::StatusCode::from_u16(answer(headers, body).await).unwrap() }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/answer?X-Amz-Signature=x",
        listener.local_addr().unwrap()
    );
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/answer", route)).await });
    url
}

async fn custom_resource(app: &App, change: Value) -> Value {
    let received = Arc::new(Mutex::new(Vec::new()));
    let mut event: Value = serde_json::from_str(CUSTOM).unwrap();
    event["ResponseURL"] = json!(cloudformation(Arc::clone(&received)).await);
    for (name, value) in change.as_object().unwrap() {
        event[name] = value.clone();
    }
    let returned = invoke(app, &event).await.unwrap();
    let mut received = received.lock().unwrap();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0], returned);
    for id in ["StackId", "RequestId", "LogicalResourceId"] {
        assert_eq!(returned[id], event[id]);
    }
    received.remove(0)
}

#[tokio::test]
async fn by_hand_it_reports_what_it_did() {
    let Some(test) = TestDatabase::create("by_hand_it_reports").await else {
        return;
    };
    let event: Value = serde_json::from_str(BY_HAND).unwrap();
    let report = invoke(&app(&test.url), &event).await.unwrap();
    assert_eq!(
        (&report["from"], &report["to"]),
        (&json!(0), &json!(MIGRATIONS.len()))
    );
    let again = invoke(&app(&test.url), &event).await.unwrap();
    assert_eq!(again["applied"], json!([]));
}

#[tokio::test]
async fn a_check_says_how_the_database_is_and_changes_nothing() {
    let Some(test) = TestDatabase::create("a_check_says_how").await else {
        return;
    };
    let (app, event): (App, Value) = (app(&test.url), serde_json::from_str(CHECK).unwrap());
    let empty = invoke(&app, &event).await.unwrap();
    let behind = json!({"version": 0, "newest": MIGRATIONS.len(), "pgvector": null, "is_pgvector_sound": false});
    assert_eq!(empty, json!({"schema": behind, "segments": null}));
    let again = invoke(&app, &event).await.unwrap();
    assert_eq!(again, empty, "it was only looked at");
    invoke(&app, &json!({})).await.unwrap();
    let client = test.bystander().await.unwrap();
    let closed =
        "INSERT INTO embedding_models (provider, name, dimensions) VALUES ('openai', 'small', 3);
        INSERT INTO vector_segments (model_id, state, closed_at)
        SELECT id, 'closed', now() - interval '2 hours' FROM embedding_models";
    client.batch_execute(closed).await.unwrap();
    let up = invoke(&app, &event).await.unwrap();
    assert_eq!(
        (&up["schema"]["version"], &up["schema"]["newest"]),
        (&json!(MIGRATIONS.len()), &json!(MIGRATIONS.len()))
    );
    assert_eq!(up["schema"]["is_pgvector_sound"], true, "{up}");
    assert_eq!(up["segments"]["closed"], 1, "{up}");
    assert!(up["segments"]["oldest_s"].as_i64().unwrap() >= 7_200);
}

#[tokio::test]
async fn a_task_that_is_not_known_migrates_nothing() {
    let Some(test) = TestDatabase::create("a_task_that_is_not_known").await else {
        return;
    };
    let app = app(&test.url);
    for event in [json!({"task": "chekc"}), json!({"task": "check", "x": 1})] {
        let error = invoke(&app, &event).await.unwrap_err();
        assert_eq!(error.error_type, "invalid");
    }
    let standing = invoke(&app, &json!({"task": "check"})).await.unwrap();
    assert_eq!(standing["schema"]["version"], 0);
}

#[tokio::test]
async fn a_stack_is_told_of_success_and_keeps_its_schema_when_it_goes() {
    let Some(test) = TestDatabase::create("a_stack_is_told_of_success").await else {
        return;
    };
    let app = app(&test.url);
    let answer = custom_resource(&app, json!({})).await;
    assert_eq!(
        (&answer["Status"], &answer["Data"]["SchemaVersion"]),
        (&json!("SUCCESS"), &json!(MIGRATIONS.len()))
    );
    let answer = custom_resource(&app, json!({ "RequestType": "Delete" })).await;
    assert_eq!(answer["Status"], "SUCCESS");
    let client = test.bystander().await.unwrap();
    let rows: i64 = client
        .query_one("SELECT count(*) FROM schema_migrations", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(usize::try_from(rows).unwrap(), MIGRATIONS.len());
}

#[tokio::test]
async fn a_stack_is_told_of_failure_even_when_the_settings_are_wrong() {
    for pairs in [
        vec![],
        vec![("DATABASE_URL", "nonsense")],
        vec![("DATABASE_URL", "postgres://u:p@127.0.0.1:9/d")],
    ] {
        let answer = custom_resource(&App::from_env(Env::from_pairs(pairs)), json!({})).await;
        assert_eq!(answer["Status"], "FAILED");
        assert!(
            answer["Reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty() && !reason.contains("nonsense"))
        );
    }
}

#[tokio::test]
async fn by_hand_a_failure_is_the_functions_failure() {
    let error = invoke(&App::from_env(Env::default()), &json!({}))
        .await
        .unwrap_err();
    assert_eq!(error.error_type, "misconfigured");
    assert!(
        error.error_message.contains("DATABASE_SECRET_ID"),
        "{}",
        error.error_message
    );
}

#[tokio::test]
async fn older_code_leaves_the_newer_schema_and_does_not_fail() {
    let Some(test) = TestDatabase::create("older_code_leaves_the_newer_schema").await else {
        return;
    };
    let app = app(&test.url);
    custom_resource(&app, json!({})).await;
    let client = test.bystander().await.unwrap();
    let newer = "INSERT INTO schema_migrations (version, name, sha256) VALUES (999, 'newer', 'x')";
    client.execute(newer, &[]).await.unwrap();
    // CloudFormation rolls back to a lower number; whoever deploys the version before publishes it under a higher one.
    for (old, new) in [(10, 9), (9, 10)] {
        let answer = custom_resource(&app, update(old, new)).await;
        assert_eq!(answer["Status"], "SUCCESS", "{answer}");
        let reason = answer["Reason"].as_str().unwrap();
        assert!(reason.contains("the newer schema stays"), "{answer}");
    }
    let report = invoke(&app, &json!({})).await.unwrap();
    assert_eq!(
        (&report["to"], &report["applied"]),
        (&json!(999), &json!([]))
    );
    let note = report["note"].as_str().unwrap();
    assert!(note.contains("the newer schema stays"), "{report}");
}

#[tokio::test]
async fn a_newer_schema_that_began_otherwise_is_a_failure() {
    let Some(test) = TestDatabase::create("a_newer_schema_that_began_otherwise").await else {
        return;
    };
    let app = app(&test.url);
    custom_resource(&app, json!({})).await;
    let client = test.bystander().await.unwrap();
    let other = "INSERT INTO schema_migrations (version, name, sha256) VALUES (999, 'newer', 'x');
        UPDATE schema_migrations SET sha256 = 'of another build' WHERE version = 3";
    client.batch_execute(other).await.unwrap();
    let answer = custom_resource(&app, update(9, 10)).await;
    assert_eq!(answer["Status"], "FAILED", "{answer}");
    let reason = answer["Reason"].as_str().unwrap();
    assert!(reason.contains("migration 3 is not the one"), "{answer}");
    let error = invoke(&app, &json!({})).await.unwrap_err();
    assert_eq!(error.error_type, "conflict");
}

/// The migrator's version goes from one to another.
fn update(old: u32, new: u32) -> Value {
    let version = |number: u32| json!({ "SchemaVersion": format!("arn:aws:lambda:us-east-1:1:function:m:{number}") });
    json!({ "RequestType": "Update", "OldResourceProperties": version(old), "ResourceProperties": version(new) })
}
