//! An embedder with its database, its queue, its keys and its provider.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use conversation_embedder::{App, Config};
use cxone_simulator::{Settings, Simulator};
use fault_proxy::{FaultProxy, Plan};
use lambda_runtime::Diagnostic;
use serde_json::Value;
use shared::aws;
use shared::config::Env;
use shared::telemetry;
use shared::testing::{self, TestDatabase};
use tokio_postgres::Client;

use crate::drive::{deliver, invoke};

pub(crate) const DEAD: &str = "conversations-dlq";
/// Where the keeper hears of full segments.
pub(crate) const SEGMENTS: &str = "segments";

pub(crate) struct World {
    pub(crate) double: AwsDouble,
    pub(crate) sdk: aws::SdkConfig,
    pub(crate) simulator: Simulator,
    /// Between the function and its database.
    pub(crate) proxy: FaultProxy,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) app: App,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str, overrides: &[(&str, &str)]) -> Option<Self> {
        let simulator = Simulator::start(Settings::default()).unwrap();
        let url = simulator.url().to_owned();
        let provider = [
            ("EMBEDDING_KEY_SECRET_ID", "embedding-key"),
            ("EMBEDDING_BASE_URL", &*url),
        ];
        let settings = [&provider, overrides].concat();
        Self::build(test, simulator, &settings).await
    }

    /// The same, with no provider but what the settings name.
    pub(crate) async fn start_without_provider(
        test: &str,
        settings: &[(&str, &str)],
    ) -> Option<Self> {
        let simulator = Simulator::start(Settings::default()).unwrap();
        Self::build(test, simulator, settings).await
    }

    async fn build(test: &str, simulator: Simulator, overrides: &[(&str, &str)]) -> Option<Self> {
        speak();
        let database = TestDatabase::migrated(test).await?;
        let proxy = FaultProxy::start(database.address().await?, Plan::none()).unwrap();
        let way = database.url_through(proxy.address())?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let [dead, segments] = create_queues_and_secrets(&sdk).await;
        let pairs = [
            ("DATABASE_URL", way.as_str()),
            ("CONVERSATIONS_DEAD_LETTER_QUEUE_URL", &dead),
            ("SEGMENTS_QUEUE_URL", &segments),
            ("ERASURE_KEY_SECRET_ID", "erasure-key"),
        ];
        let settings = pairs.into_iter().chain(overrides.iter().copied());
        let settings: BTreeMap<String, String> = settings
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let app = app(&settings, &sdk).await;
        Some(Self {
            rows: database.bystander().await.unwrap(),
            double,
            sdk,
            simulator,
            proxy,
            settings,
            app,
        })
    }

    /// Another environment of the same function, with other settings.
    pub(crate) async fn again(&self, overrides: &[(&str, &str)]) -> App {
        let mut settings = self.settings.clone();
        settings.extend(
            overrides
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        app(&settings, &self.sdk).await
    }

    /// Gives the function a batch; answers the ids that it reports.
    pub(crate) async fn deliver(&self, bodies: &[String]) -> Vec<String> {
        deliver(&self.app, bodies, Duration::from_secs(30)).await
    }

    /// Runs a task.
    pub(crate) async fn run(&self, task: &Value) -> Result<Value, Diagnostic> {
        invoke(&self.app, task.clone(), Duration::from_secs(30)).await
    }

    /// Creates or changes a secret.
    pub(crate) async fn put_secret(&self, name: &str, text: &str) {
        let secrets = aws::secrets_client(&self.sdk);
        let put = secrets.put_secret_value().secret_id(name);
        if put.secret_string(text).send().await.is_err() {
            let create = secrets.create_secret().name(name).secret_string(text);
            create.send().await.unwrap();
        }
    }

    /// One number from the database.
    pub(crate) async fn count(&self, from_where: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {from_where}");
        self.rows.query_one(&sql, &[]).await.unwrap().get(0)
    }

    /// What search would read: conversation and text, by event and chunk.
    pub(crate) async fn texts(&self) -> Vec<(String, String)> {
        let sql = "SELECT conversation_id, text_content FROM conversation_embeddings ORDER BY event_id, model_id, chunk";
        let rows = self.rows.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// The tags of every stored chunk.
    pub(crate) async fn tags(&self) -> Vec<Value> {
        let sql = "SELECT semantic_metadata::text FROM conversation_embeddings ORDER BY event_id, model_id, chunk";
        let rows = self.rows.query(sql, &[]).await.unwrap();
        let tags = rows.iter().map(|row| row.get::<_, String>(0));
        tags.map(|text| serde_json::from_str(&text).unwrap())
            .collect()
    }

    /// The numbers of one column, by the name that another gives.
    pub(crate) async fn tally(&self, sql: &str) -> BTreeMap<String, i64> {
        let rows = self.rows.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// How often the provider was asked.
    pub(crate) fn asked(&self) -> usize {
        self.simulator.requests("/v1/embeddings").len()
    }

    /// The bodies in the dead-letter queue.
    pub(crate) fn parked(&self) -> Vec<String> {
        let messages = self.double.messages(DEAD);
        messages.into_iter().map(|message| message.body).collect()
    }
}

/// With `LOG_LEVEL` set, the function's own log lines tell what a failing test does not.
fn speak() {
    if let Some(level) = testing::setting("LOG_LEVEL") {
        let env = Env::from_pairs([("LOG_LEVEL", level)]);
        telemetry::init(&env, "conversation-embedder");
    }
}

/// The queues' addresses.
async fn create_queues_and_secrets(sdk: &aws::SdkConfig) -> [String; 2] {
    let secrets = [
        ("erasure-key", "0123456789abcdef0123456789abcdef"),
        ("embedding-key", "sk-local"),
    ];
    testing::create_secrets(sdk, &secrets).await;
    let create = async |name| {
        let queue = aws::queue_client(sdk).create_queue().queue_name(name);
        queue.send().await.unwrap().queue_url.unwrap()
    };
    [create(DEAD).await, create(SEGMENTS).await]
}

async fn app(settings: &BTreeMap<String, String>, sdk: &aws::SdkConfig) -> App {
    let env = Env::from_pairs(
        settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    );
    App::new(Config::from_env(&env).unwrap(), sdk)
        .await
        .unwrap()
}
