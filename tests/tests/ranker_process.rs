//! The snippet ranker as a process: it dies between CXone's confirmation and its own, and a repeat finds the way on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use end_to_end::{Function, binary};
use jiff::{SignedDuration, Timestamp};
use rustix::process::Signal;
use serde_json::{Value, json};
use shared::auth::{ApiKeys, Scope};
use shared::aws;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::testing::{self, TestDatabase};
use tokio::process::Command;
use tokio_postgres::Client;

/// Where it dies.
const PLACE: &str = "finish_order.before_commit";
const AMPLE: Duration = Duration::from_secs(29);

struct World {
    simulator: Simulator,
    rows: Client,
    settings: BTreeMap<&'static str, String>,
    key: String,
    _double: AwsDouble,
}

impl World {
    async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + AMPLE;
        let access = database.database()?;
        migrate(&access, MIGRATIONS, deadline).await.unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let mut keys = ApiKeys::default();
        let expires = Timestamp::now() + SignedDuration::from_hours(1);
        let key = keys.issue("process", [7; 32], Scope::ALL.to_vec(), expires);
        put_secrets(&double, &serde_json::to_string(&keys).unwrap()).await;
        Some(Self {
            settings: settings(&simulator, &double, &database),
            rows: database.bystander().await.unwrap(),
            simulator,
            key: key.unwrap(),
            _double: double,
        })
    }

    async fn spawn(&self, fail_point: Option<&str>) -> Function {
        let mut command = Command::new(binary("snippet-ranker").unwrap());
        command.env_clear().envs(&self.settings);
        command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
        let log = tempfile::tempfile().unwrap();
        Function::spawn(command, &log).await.unwrap()
    }

    fn event(&self) -> String {
        let headers = [
            ("x-api-key".to_owned(), self.key.clone()),
            ("idempotency-key".to_owned(), "k-1".to_owned()),
        ];
        let body = json!({ "snippets": [{ "snippet_id": "kb-1", "relevance_score": 0.5 }] });
        let path = "/assist/sessions/s-1/ranking";
        testing::http_event(path, &headers, &body.to_string()).to_string()
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.rows.query_one(&sql, &[]).await.unwrap().get(0)
    }
}

async fn put_secrets(double: &AwsDouble, api_keys: &str) {
    let sdk = testing::aws_at(&double.endpoint()).await;
    let client = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;
    let signing = r#"{"keys":["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]}"#;
    for (name, text) in [
        ("api-keys", api_keys),
        ("cxone", client),
        ("erasure-key", "erasure-key-0123456789abcdef0123"),
        ("callback-keys", signing),
        ("audit-anchors", "{}"),
    ] {
        let secret = aws::secrets_client(&sdk).create_secret().name(name);
        secret.secret_string(text).send().await.unwrap();
    }
}

fn settings(
    simulator: &Simulator,
    double: &AwsDouble,
    database: &TestDatabase,
) -> BTreeMap<&'static str, String> {
    let url = simulator.url();
    let profile = json!({"base_url": url, "token": {"url": format!("{url}/oauth/token")}});
    BTreeMap::from([
        ("AWS_ENDPOINT_URL", double.endpoint()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("DATABASE_URL", database.url.clone()),
        ("CXONE_SECRET_ID", "cxone".to_owned()),
        ("CXONE_PROFILE", profile.to_string()),
        ("API_KEYS_SECRET_ID", "api-keys".to_owned()),
        ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
        ("CALLBACK_KEYS_SECRET_ID", "callback-keys".to_owned()),
        ("AUDIT_ANCHOR_SECRET_ID", "audit-anchors".to_owned()),
    ])
}

#[tokio::test]
async fn an_order_whose_poster_dies_before_it_is_written_down_is_posted_by_a_repeat() {
    let Some(world) = World::start("an_order_whose_poster_dies").await else {
        return;
    };
    let mut doomed = world.spawn(Some(PLACE)).await;
    let answer = doomed.invoke_within(world.event(), AMPLE).await;
    assert!(answer.is_none(), "it answers");
    let end = doomed.ended().await.unwrap();
    assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()));
    assert_eq!(world.simulator.ranking().orders("s-1").len(), 1);
    assert_eq!(world.count("audit_entries").await, 0);
    assert_eq!(world.count("ranking_sessions WHERE unsure").await, 1);

    // The dead one's lease would hold the repeat for some seconds.
    let later = "UPDATE ranking_sessions SET poster_until = now() - interval '1 second'";
    world.rows.execute(later, &[]).await.unwrap();
    let mut next = world.spawn(None).await;
    let answer = next.invoke_within(world.event(), AMPLE).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
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
