//! A function with its database, its queue and its keys.

use std::time::{Duration, SystemTime};

use aws_double::{AwsDouble, Options};
use jiff::{SignedDuration, Timestamp};
use knowledge_refresh::{App, Config, handle};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use shared::auth::{ApiKeys, Scope};
use shared::aws;
use shared::config::Env;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::http::Response;
use shared::queue::KnowledgeMessage;
use shared::testing::{self, TestDatabase};
use tokio_postgres::Client;

pub(crate) const REFRESH: &str = "/knowledge/refresh";
const SECRET_ID: &str = "api-keys";

pub(crate) struct World {
    pub(crate) double: AwsDouble,
    sdk: aws::SdkConfig,
    queue_url: String,
    pub(crate) app: App,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    pub(crate) keys: ApiKeys,
    /// A key that is good: that of the fixture.
    pub(crate) key: String,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let access = database.database()?;
        migrate(&access, MIGRATIONS, deadline).await.unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let queue = aws::queue_client(&sdk)
            .create_queue()
            .queue_name("knowledge");
        let queue_url = queue.send().await.unwrap().queue_url.unwrap();
        let mut keys = ApiKeys::default();
        let expires = Timestamp::now() + SignedDuration::from_hours(1);
        let key = keys.issue("fixture", [7; 32], vec![Scope::KnowledgeRefresh], expires);
        let secret = aws::secrets_client(&sdk).create_secret().name(SECRET_ID);
        let stored = serde_json::to_string(&keys).unwrap();
        secret.secret_string(stored).send().await.unwrap();
        Some(Self {
            app: app(&sdk, &database.url, &queue_url).await,
            rows: database.bystander().await.unwrap(),
            double,
            sdk,
            queue_url,
            keys,
            key: key.unwrap(),
        })
    }

    /// Another instance, for another database.
    pub(crate) async fn app_with(&self, database_url: &str) -> App {
        app(&self.sdk, database_url, &self.queue_url).await
    }

    /// Writes the keys as they are now into the secret.
    pub(crate) async fn put_keys(&self) {
        let put = aws::secrets_client(&self.sdk)
            .put_secret_value()
            .secret_id(SECRET_ID);
        let text = serde_json::to_string(&self.keys).unwrap();
        put.secret_string(text).send().await.unwrap();
    }

    /// Asks with the good key.
    pub(crate) async fn ask(&self, method: &str, path: &str, query: &str) -> Response {
        let headers = [("x-api-key", self.key.as_str())];
        send(&self.app, event(method, path, query, &headers)).await
    }

    /// Everything on the queue, read as the sync reads it.
    pub(crate) fn queued(&self) -> Vec<KnowledgeMessage> {
        let messages = self.double.messages("knowledge");
        let read = |text: &str| KnowledgeMessage::from_text(text).unwrap();
        messages.iter().map(|message| read(&message.body)).collect()
    }

    /// Every run: name, kind, state, and whether it may remove much.
    pub(crate) async fn runs(&self) -> Vec<(String, String, String, bool)> {
        let sql = "SELECT id::text, kind, state, accept_removals FROM knowledge_runs ORDER BY requested_at";
        let rows = self.rows.query(sql, &[]).await.unwrap();
        let run = |row: &tokio_postgres::Row| (row.get(0), row.get(1), row.get(2), row.get(3));
        rows.iter().map(run).collect()
    }
}

async fn app(sdk: &aws::SdkConfig, database_url: &str, queue_url: &str) -> App {
    let env = Env::from_pairs([
        ("DATABASE_URL", database_url),
        ("KNOWLEDGE_QUEUE_URL", queue_url),
        ("API_KEYS_SECRET_ID", SECRET_ID),
    ]);
    App::new(Config::from_env(&env).unwrap(), sdk)
        .await
        .unwrap()
}

/// What the gateway makes of a request.
pub(crate) fn event(method: &str, path: &str, query: &str, headers: &[(&str, &str)]) -> Value {
    let headers = headers.iter().map(|(name, value)| (*name, json!(value)));
    let headers: serde_json::Map<_, _> = headers.map(|(n, v)| (n.to_owned(), v)).collect();
    json!({
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": { "http": { "method": method, "path": path }, "requestId": "request-1" },
        "isBase64Encoded": false,
    })
}

/// Invokes the function.
pub(crate) async fn send(app: &App, event: Value) -> Response {
    let mut context = Context::default();
    let deadline = SystemTime::now() + Duration::from_secs(10);
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    let payload = serde_json::from_value(event).unwrap();
    let answer = handle(app, LambdaEvent { payload, context }).await;
    answer.unwrap()
}

pub(crate) fn json_of(response: &Response) -> Value {
    serde_json::from_str(&response.body).unwrap()
}

pub(crate) fn pointers(response: &Response) -> Vec<String> {
    let body = json_of(response);
    let errors = body["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect()
}
