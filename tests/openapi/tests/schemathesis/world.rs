//! The HTTP functions as processes, behind a gateway, with their real database and their keys.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use end_to_end::{Function, binary, gateway};
use jiff::{SignedDuration, Timestamp};
use shared::auth::{ApiKeys, Scope};
use shared::aws::{self, SdkConfig};
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::testing::{self, TestDatabase};
use tokio::process::Command;

/// The key of the webhook's senders.
pub(crate) const BEARER: &str = "bearer-0123456789abcdef";

/// The functions, and how the paths of their routes begin.
pub(crate) const FUNCTIONS: [(&str, &str); 2] = [
    ("/webhooks/", "data-action-webhook"),
    ("/knowledge/", "knowledge-refresh"),
];

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    /// An API key with every scope.
    pub(crate) key: String,
    _double: AwsDouble,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres. The functions log into `folder`.
    pub(crate) async fn start(test: &str, folder: &Path) -> Option<Self> {
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let access = database.database()?;
        migrate(&access, MIGRATIONS, deadline).await.unwrap();
        let rows = database.bystander().await?;
        rows.batch_execute(include_str!("seed.sql")).await.unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let key = make_keys(&sdk).await;
        let settings = settings(&sdk, &double, &database).await;
        let mut routes = BTreeMap::new();
        for (start, name) in FUNCTIONS {
            let mut command = Command::new(binary(name).unwrap());
            command.env_clear().envs(&settings);
            let log = std::fs::File::create(folder.join(name)).unwrap();
            routes.insert(start, Function::spawn(command, &log).await.unwrap());
        }
        Some(Self {
            address: gateway::serve(routes).await.unwrap(),
            key,
            _double: double,
        })
    }
}

/// Puts the keys into their secrets; gives an API key.
async fn make_keys(sdk: &SdkConfig) -> String {
    let mut keys = ApiKeys::default();
    let expires = Timestamp::now() + SignedDuration::from_hours(1);
    let key = keys.issue("schemathesis", [7; 32], Scope::ALL.to_vec(), expires);
    let stored = serde_json::to_string(&keys).unwrap();
    let webhook = format!(r#"{{"bearer": ["{BEARER}"]}}"#);
    for (name, text) in [("api-keys", stored), ("webhook-keys", webhook)] {
        let secret = aws::secrets_client(sdk).create_secret().name(name);
        secret.secret_string(text).send().await.unwrap();
    }
    key.unwrap()
}

async fn settings(
    sdk: &SdkConfig,
    double: &AwsDouble,
    database: &TestDatabase,
) -> BTreeMap<&'static str, String> {
    let mut settings = BTreeMap::from([
        ("AWS_ENDPOINT_URL", double.endpoint()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("DATABASE_URL", database.url.clone()),
        ("API_KEYS_SECRET_ID", "api-keys".to_owned()),
        ("WEBHOOK_KEYS_SECRET_ID", "webhook-keys".to_owned()),
        ("WEBHOOK_SCHEMES", r#"["bearer"]"#.to_owned()),
    ]);
    for (setting, name) in [
        ("CONVERSATIONS_QUEUE_URL", "conversations"),
        ("KNOWLEDGE_QUEUE_URL", "knowledge"),
    ] {
        let queue = aws::queue_client(sdk).create_queue().queue_name(name);
        settings.insert(setting, queue.send().await.unwrap().queue_url.unwrap());
    }
    settings
}
