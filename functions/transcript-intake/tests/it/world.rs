//! A function with its database and its keys.

use std::net::SocketAddr;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use serde_json::Value;
use shared::audit::Report;
use shared::auth::{ApiKeys, Scope};
use shared::aws;
use shared::config::Env;
use shared::http::Response;
use shared::testing::{self, TestDatabase, create_secrets, invocation};
pub(crate) use shared::testing::{json_of, request as event};
use tokio_postgres::Client;
use transcript_intake::{Answer, App, Config, handle};

pub(crate) const ERASURE_KEY: &str = "erasure-0123456789abcdef0123456789abcdef";
/// What a caller has in production.
const TIME: Duration = Duration::from_secs(29);
/// What the gateway hands over for the transcript of the reference.
pub(crate) const EVENT: &str = include_str!("../../../../events/transcript-intake.json");

pub(crate) struct World {
    pub(crate) app: App,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    pub(crate) database: TestDatabase,
    /// A key that is good for everything here: that of the fixtures.
    pub(crate) key: String,
    pub(crate) sdk: aws::SdkConfig,
    _double: AwsDouble,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let mut keys = ApiKeys::default();
        let scopes = [Scope::TranscriptsWrite, Scope::TranscriptsRead];
        let key = testing::issue(&mut keys, "fixture", &scopes);
        let keys = testing::written(&keys);
        let secrets = [("api-keys", keys.as_str()), ("erasure-key", ERASURE_KEY)];
        create_secrets(&sdk, &secrets).await;
        Some(Self {
            app: app(&sdk, &database.url).await,
            rows: database.bystander().await?,
            database,
            key,
            sdk,
            _double: double,
        })
    }

    /// Another environment of the function.
    pub(crate) async fn another(&self) -> App {
        app(&self.sdk, &self.database.url).await
    }

    /// One that reaches the database through this address.
    pub(crate) async fn behind(&self, address: SocketAddr) -> App {
        let url = self.database.url_through(address).unwrap();
        app(&self.sdk, &url).await
    }

    /// Hands a transcript in.
    pub(crate) async fn post(&self, body: &Value) -> Response {
        self.post_bytes(&[], &body.to_string()).await
    }

    /// The same, under a key that a repeat is known by.
    pub(crate) async fn post_as(&self, key: &str, body: &Value) -> Response {
        let key = [("idempotency-key", key)];
        self.post_bytes(&key, &body.to_string()).await
    }

    /// The same, whatever the body is.
    pub(crate) async fn post_bytes(&self, headers: &[(&str, &str)], body: &str) -> Response {
        send(&self.app, self.posting(headers, body)).await
    }

    /// The request with which one is handed in.
    pub(crate) fn posting(&self, headers: &[(&str, &str)], body: &str) -> Value {
        let key = [("x-api-key", self.key.as_str())];
        event("POST", "/transcripts", &[&key, headers].concat(), body)
    }

    /// Asks for something.
    pub(crate) async fn get(&self, path: &str) -> Response {
        let key = [("x-api-key", self.key.as_str())];
        send(&self.app, event("GET", path, &key, "")).await
    }

    /// Hands lines in, with so much time.
    pub(crate) async fn lines(&self, event: Value, time: Duration) -> Value {
        match invoke(&self.app, event, time).await {
            Answer::Direct(settled) => serde_json::to_value(settled).unwrap(),
            Answer::Http(_) => panic!("lines are no request"),
        }
    }

    /// One value from the database.
    pub(crate) async fn value<T: for<'a> tokio_postgres::types::FromSql<'a>>(
        &self,
        sql: &str,
    ) -> T {
        self.rows.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// What the audit says, the oldest first.
    pub(crate) async fn told(&self) -> Vec<Value> {
        let told = "SELECT content FROM audit_entries ORDER BY at";
        let rows = self.rows.query(told, &[]).await.unwrap();
        let content = rows.iter().map(|row| row.get::<_, String>(0));
        content
            .map(|content| serde_json::from_str(&content).unwrap())
            .collect()
    }

    /// Every chain of the audit, followed to its end.
    pub(crate) async fn audit(&self) -> Report {
        let database = self.database.database().unwrap();
        shared::db::audit::verify(&database, None).await.unwrap()
    }
}

async fn app(sdk: &aws::SdkConfig, database: &str) -> App {
    let env = Env::from_pairs([
        ("DATABASE_URL", database),
        ("API_KEYS_SECRET_ID", "api-keys"),
        ("ERASURE_KEY_SECRET_ID", "erasure-key"),
    ]);
    let config = Config::from_env(&env).unwrap();
    App::new(config, sdk).await.unwrap()
}

/// Invokes the function with a request.
pub(crate) async fn send(app: &App, event: Value) -> Response {
    match invoke(app, event, TIME).await {
        Answer::Http(response) => response,
        Answer::Direct(_) => panic!("a request is no lines"),
    }
}

async fn invoke(app: &App, event: Value, time: Duration) -> Answer {
    handle(app, invocation(event, time)).await.unwrap()
}

/// The transcript of the reference.
pub(crate) fn transcript() -> Value {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    serde_json::from_str(event["body"].as_str().unwrap()).unwrap()
}
