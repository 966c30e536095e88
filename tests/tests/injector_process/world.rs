//! Transcripts' two functions as processes, and what they speak to.

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

pub(crate) const AMPLE: Duration = Duration::from_secs(29);

/// Both functions of transcripts, as processes, and what they speak to.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) rows: Client,
    /// With which transcripts may be handed in.
    pub(crate) key: String,
    settings: BTreeMap<&'static str, String>,
    _double: AwsDouble,
}

impl World {
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + AMPLE;
        let access = database.database()?;
        migrate(&access, MIGRATIONS, deadline).await.unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let mut keys = ApiKeys::default();
        let expires = Timestamp::now() + SignedDuration::from_hours(1);
        let scopes = vec![Scope::TranscriptsWrite];
        let key = keys.issue("file", [7; 32], scopes, expires).unwrap();
        let keys = serde_json::to_string(&keys).unwrap();
        for (name, text) in [
            (
                "cxone",
                r#"{"client_id":"local-client","client_secret":"local-secret"}"#,
            ),
            ("erasure-key", "erasure-key-0123456789abcdef0123"),
            ("api-keys", keys.as_str()),
        ] {
            let secret = aws::secrets_client(&sdk).create_secret().name(name);
            secret.secret_string(text).send().await.unwrap();
        }
        Some(Self {
            key,
            settings: settings(&simulator, &double, &database),
            rows: database.bystander().await.unwrap(),
            simulator,
            _double: double,
        })
    }

    pub(crate) async fn spawn(&self, name: &str, fail_point: Option<&str>) -> Function {
        let mut command = Command::new(binary(name).unwrap());
        command.env_clear().envs(&self.settings);
        command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
        let log = tempfile::tempfile().unwrap();
        Function::spawn(command, &log).await.unwrap()
    }

    /// The answer of a function that lives.
    pub(crate) async fn ask(&self, name: &str, event: &Value) -> Value {
        let mut function = self.spawn(name, None).await;
        let answer = function.invoke_within(event.to_string(), AMPLE).await;
        serde_json::from_slice(&answer.unwrap().body).unwrap()
    }

    /// A function dies over this event.
    pub(crate) async fn die(&self, name: &str, place: &str, event: &Value) {
        let mut doomed = self.spawn(name, Some(place)).await;
        let answer = doomed.invoke_within(event.to_string(), AMPLE).await;
        assert!(answer.is_none(), "{place}: it answers");
        let end = doomed.ended().await.unwrap();
        assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()), "{place}");
    }

    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.rows.query_one(&sql, &[]).await.unwrap().get(0)
    }

    pub(crate) fn made(&self) -> usize {
        self.simulator.transcripts().of("i-1").len()
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
    ])
}
