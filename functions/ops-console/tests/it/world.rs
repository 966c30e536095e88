//! A function with its database, its keys and its queues.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::Diagnostic;
use ops_console::{Answer, App, Config, PATH, handle};
use serde_json::{Value, json};
use shared::auth::{ApiKeys, LinkKey, Scope};
use shared::aws;
use shared::config::Env;
use shared::http::Response;
use shared::testing::{self, TestDatabase, create_secrets, invocation};
use tokio_postgres::Client;

const LINK_KEY: &str = "link-0123456789abcdef0123456789abcdef";
/// What the gateway gives a caller.
const TIME: Duration = Duration::from_secs(29);

pub(crate) struct World {
    pub(crate) app: App,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    pub(crate) database: TestDatabase,
    /// Keys: with the scope, that of the fixtures, and without it.
    pub(crate) key: String,
    pub(crate) poor_key: String,
    _double: AwsDouble,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let (key, poor_key) = make_secrets(&sdk).await;
        let queue = make_queue(&sdk).await;
        let settings = BTreeMap::from([
            ("DATABASE_URL", database.url.clone()),
            ("API_KEYS_SECRET_ID", "api-keys".to_owned()),
            ("CONSOLE_LINK_KEY_SECRET_ID", "link-key".to_owned()),
            ("CONVERSATIONS_QUEUE_URL", queue),
        ]);
        let config = Config::from_env(&Env::from_pairs(settings)).unwrap();
        Some(Self {
            app: App::new(config, &sdk).await.unwrap(),
            rows: database.bystander().await?,
            database,
            key,
            poor_key,
            _double: double,
        })
    }

    /// Asks for the page with the good key.
    pub(crate) async fn page(&self) -> Response {
        self.ask("GET", PATH, &[("x-api-key", &self.key)]).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        match self
            .invoke(testing::request(method, path, headers, ""))
            .await
            .unwrap()
        {
            Answer::Http(response) => response,
            Answer::Direct(_) => panic!("a request is no task"),
        }
    }

    /// The minute is over.
    pub(crate) async fn roll_up(&self) -> Value {
        let event = include_str!("../../../../events/ops-console.roll_up.json");
        let answer = self.invoke(serde_json::from_str(event).unwrap()).await;
        serde_json::to_value(answer.unwrap()).unwrap()
    }

    pub(crate) async fn invoke(&self, event: Value) -> Result<Answer, Diagnostic> {
        handle(&self.app, invocation(event, TIME)).await
    }

    /// One value from the database.
    pub(crate) async fn value<T: for<'a> tokio_postgres::types::FromSql<'a>>(
        &self,
        sql: &str,
    ) -> T {
        self.rows.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Pairs from the database, as the page writes them.
    pub(crate) async fn pairs(&self, sql: &str) -> Vec<(String, String)> {
        let rows = self.rows.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }
}

/// The address of a link that ends so many seconds from now.
pub(crate) fn link(seconds: i64) -> String {
    let key = LinkKey::parse(&LINK_KEY.into()).unwrap();
    let pass = key.sign(PATH, Timestamp::now() + SignedDuration::from_secs(seconds));
    format!(
        "{PATH}?expires={}&signature={}",
        pass.expires, pass.signature
    )
}

/// So many events, one each so many seconds back from now, each for ten seconds on its way.
pub(crate) fn events(count: u32, seconds: f64) -> String {
    format!(
        "INSERT INTO conversation_events (event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw_event, raw_masked,
            supersedes, state, stored_at)
        SELECT sha256((n || 'of {count}')::bytea), 'c-' || n, 'conversation.completed', at, at - interval '10 seconds', gen_random_uuid(),
            '{{}}', false, false, 'searchable', at
        FROM generate_series(1, {count}) AS n, LATERAL (SELECT now() - n * {seconds} * interval '1 second' AS at) t"
    )
}

async fn make_secrets(sdk: &aws::SdkConfig) -> (String, String) {
    let mut keys = ApiKeys::default();
    let mut issue = |name, scope| testing::issue(&mut keys, name, &[scope]);
    let issued = (
        issue("fixture", Scope::OpsRead),
        issue("poor", Scope::SearchRead),
    );
    let api_keys = testing::written(&keys);
    let secrets = [("api-keys", api_keys.as_str()), ("link-key", LINK_KEY)];
    create_secrets(sdk, &secrets).await;
    issued
}

/// The queue of conversations, with its dead letters, of which there is one.
async fn make_queue(sdk: &aws::SdkConfig) -> String {
    let sqs = aws::queue_client(sdk);
    let dead = sqs.create_queue().queue_name("conversations-dlq").send();
    let dead = dead.await.unwrap().queue_url.unwrap();
    let arn = "arn:aws:sqs:us-east-1:123456789012:conversations-dlq";
    let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": 5 });
    let queue = sqs.create_queue().queue_name("conversations");
    let queue = queue.attributes("RedrivePolicy".into(), policy.to_string());
    let queue = queue.send().await.unwrap().queue_url.unwrap();
    for (url, count) in [(&queue, 3), (&dead, 1)] {
        for _ in 0..count {
            let message = sqs.send_message().queue_url(url).message_body("{}");
            message.send().await.unwrap();
        }
    }
    queue
}
