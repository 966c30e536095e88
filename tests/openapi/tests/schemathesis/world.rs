//! The HTTP functions as processes, behind a gateway, with their real database and their keys.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use end_to_end::{Function, binary, gateway};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::auth::{ApiKeys, Scope};
use shared::aws::{self, SdkConfig};
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::testing::{self, TestDatabase};
use tokio::process::Command;

/// The key of the webhook's senders.
pub(crate) const BEARER: &str = "bearer-0123456789abcdef";

/// The key of callbacks.
const CALLBACK_KEYS: &str = r#"{"keys": ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]}"#;

/// The functions, and how the paths of their routes begin.
pub(crate) const FUNCTIONS: [(&str, &str); 7] = [
    ("/webhooks/", "data-action-webhook"),
    ("/knowledge/", "knowledge-refresh"),
    ("/search/", "search"),
    ("/conversations/", "search"),
    ("/assist/", "snippet-ranker"),
    ("/transcripts", "transcript-intake"),
    ("/console", "ops-console"),
];

type Variables = BTreeMap<&'static str, String>;

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    /// An API key with every scope.
    pub(crate) key: String,
    _double: AwsDouble,
    _simulator: Simulator,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres. The functions log into `folder`.
    pub(crate) async fn start(test: &str, folder: &Path) -> Option<Self> {
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let access = database.database()?;
        migrate(&access, MIGRATIONS, deadline).await.unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        simulator.knowledge().seed(12, 20);
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let key = make_keys(&sdk).await;
        let mut settings = settings(&sdk, &double, &database).await;
        settings.extend(tenant(simulator.url()));
        fill(&settings, folder).await;
        let rows = database.bystander().await?;
        rows.batch_execute(include_str!("seed.sql")).await.unwrap();
        let mut routes = BTreeMap::new();
        for (start, name) in FUNCTIONS {
            routes.insert(start, spawn(name, &settings, folder).await);
        }
        Some(Self {
            address: gateway::serve(routes).await.unwrap(),
            key,
            _double: double,
            _simulator: simulator,
        })
    }
}

/// A function as a process. Two of one name write one log.
async fn spawn(name: &str, settings: &Variables, folder: &Path) -> Function {
    let mut command = Command::new(binary(name).unwrap());
    command.env_clear().envs(settings);
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(name));
    Function::spawn(command, &log.unwrap()).await.unwrap()
}

/// Articles and conversations come in as they always do.
async fn fill(settings: &Variables, folder: &Path) {
    for (name, event) in [
        ("knowledge-sync", r#"{"task": "sync"}"#),
        (
            "conversation-embedder",
            include_str!("../../../../events/conversation-embedder.json"),
        ),
    ] {
        let mut function = spawn(name, settings, folder).await;
        let answer = function
            .invoke_within(event, Duration::from_mins(1))
            .await
            .unwrap();
        assert!(answer.is_ok, "{name}: {:?}", answer.body);
    }
}

/// The simulator as a tenant and as a provider of vectors.
fn tenant(url: &str) -> Variables {
    let token = format!("{url}/as/token.oauth2");
    let profile = json!({ "base_url": url, "token": { "url": token } });
    BTreeMap::from([
        ("CXONE_SECRET_ID", "cxone".to_owned()),
        ("CXONE_PROFILE", profile.to_string()),
        ("KNOWLEDGE_CHECK_LINKS", "false".to_owned()),
        ("EMBEDDING_BASE_URL", url.to_owned()),
        ("EMBEDDING_KEY_SECRET_ID", "embedding-key".to_owned()),
        ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
        ("CALLBACK_KEYS_SECRET_ID", "callback-keys".to_owned()),
        ("AUDIT_ANCHOR_SECRET_ID", "audit-anchor".to_owned()),
    ])
}

/// Puts the keys into their secrets; gives an API key.
async fn make_keys(sdk: &SdkConfig) -> String {
    let mut keys = ApiKeys::default();
    let expires = Timestamp::now() + SignedDuration::from_hours(1);
    let key = keys.issue("schemathesis", [7; 32], Scope::ALL.to_vec(), expires);
    let stored = serde_json::to_string(&keys).unwrap();
    let webhook = format!(r#"{{"bearer": ["{BEARER}"]}}"#);
    let client = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;
    for (name, text) in [
        ("api-keys", stored.as_str()),
        ("webhook-keys", &webhook),
        ("cxone", client),
        ("embedding-key", "sk-local"),
        ("erasure-key", "erasure-key-0123456789abcdef0123"),
        ("callback-keys", CALLBACK_KEYS),
        ("audit-anchor", "{}"),
        ("link-key", "link-key-0123456789abcdef0123456789"),
    ] {
        let secret = aws::secrets_client(sdk).create_secret().name(name);
        secret.secret_string(text).send().await.unwrap();
    }
    key.unwrap()
}

async fn settings(sdk: &SdkConfig, double: &AwsDouble, database: &TestDatabase) -> Variables {
    let mut settings = BTreeMap::from([
        ("AWS_ENDPOINT_URL", double.endpoint()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("DATABASE_URL", database.url.clone()),
        ("API_KEYS_SECRET_ID", "api-keys".to_owned()),
        ("WEBHOOK_KEYS_SECRET_ID", "webhook-keys".to_owned()),
        ("CONSOLE_LINK_KEY_SECRET_ID", "link-key".to_owned()),
        ("WEBHOOK_SCHEMES", r#"["bearer"]"#.to_owned()),
    ]);
    for (setting, name) in [
        ("CONVERSATIONS_QUEUE_URL", "conversations"),
        ("CONVERSATIONS_DEAD_LETTER_QUEUE_URL", "conversations-dlq"),
        ("KNOWLEDGE_QUEUE_URL", "knowledge"),
        ("SEGMENTS_QUEUE_URL", "segments"),
    ] {
        let queue = aws::queue_client(sdk).create_queue().queue_name(name);
        settings.insert(setting, queue.send().await.unwrap().queue_url.unwrap());
    }
    settings
}
