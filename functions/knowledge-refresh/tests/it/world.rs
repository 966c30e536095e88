//! A function with its database, its queue and its keys.

use std::time::Duration;

use aws_double::{AwsDouble, Options};
use knowledge_refresh::{App, Config, handle};
use serde_json::Value;
use shared::auth::{ApiKeys, Scope};
use shared::aws;
use shared::config::Env;
use shared::http::Response;
use shared::queue::KnowledgeMessage;
use shared::testing::{self, TestDatabase, create_secrets, invocation};
pub(crate) use shared::testing::{json_of, pointers};
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
        let database = TestDatabase::migrated(test).await?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let queue = aws::queue_client(&sdk)
            .create_queue()
            .queue_name("knowledge");
        let queue_url = queue.send().await.unwrap().queue_url.unwrap();
        let mut keys = ApiKeys::default();
        let key = testing::issue(&mut keys, "fixture", &[Scope::KnowledgeRefresh]);
        create_secrets(&sdk, &[(SECRET_ID, &testing::written(&keys))]).await;
        Some(Self {
            app: app(&sdk, &database.url, &queue_url).await,
            rows: database.bystander().await.unwrap(),
            double,
            sdk,
            queue_url,
            keys,
            key,
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
        let text = testing::written(&self.keys);
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
    testing::request(method, &format!("{path}?{query}"), headers, "")
}

/// Invokes the function.
pub(crate) async fn send(app: &App, event: Value) -> Response {
    let answer = handle(app, invocation(event, Duration::from_secs(10))).await;
    answer.unwrap()
}
