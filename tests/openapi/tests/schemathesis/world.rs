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
use shared::auth::{ApiKeys, Scope};
use shared::aws::{self, SdkConfig};
use shared::testing::{self, CXONE_CLIENT, TestDatabase, create_secrets};
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

/// API keys as clients hold them.
pub(crate) struct Keys {
    /// With every scope.
    pub(crate) full: String,
    /// With one scope each.
    pub(crate) narrow: Vec<(Scope, String)>,
    /// With every scope, until a moment ago.
    pub(crate) expired: String,
}

pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) keys: Keys,
    pub(crate) simulator: Simulator,
    _double: AwsDouble,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres. The functions log into `folder`, as much as `level` says.
    pub(crate) async fn start(test: &str, folder: &Path, level: &str) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let simulator = Simulator::start(Settings::default()).unwrap();
        simulator.knowledge().seed(12, 20);
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let keys = make_keys(&sdk).await;
        let mut settings = settings(&sdk, &double, &database).await;
        settings.extend(tenant(simulator.url()));
        settings.insert("LOG_LEVEL", level.to_owned());
        fill(&settings, folder).await;
        let rows = database.bystander().await?;
        rows.batch_execute(include_str!("seed.sql")).await.unwrap();
        let mut routes = BTreeMap::new();
        for (start, name) in FUNCTIONS {
            routes.insert(start, spawn(name, &settings, folder).await);
        }
        Some(Self {
            address: gateway::serve(routes).await.unwrap(),
            keys,
            _double: double,
            simulator,
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
    BTreeMap::from([
        ("CXONE_SECRET_ID", "cxone".to_owned()),
        ("CXONE_PROFILE", testing::profile(url).to_string()),
        ("KNOWLEDGE_CHECK_LINKS", "false".to_owned()),
        ("EMBEDDING_BASE_URL", url.to_owned()),
        ("EMBEDDING_KEY_SECRET_ID", "embedding-key".to_owned()),
        ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
        ("CALLBACK_KEYS_SECRET_ID", "callback-keys".to_owned()),
        ("AUDIT_ANCHOR_SECRET_ID", "audit-anchor".to_owned()),
    ])
}

/// Puts the keys into their secrets; gives those of the API.
async fn make_keys(sdk: &SdkConfig) -> Keys {
    let mut keys = ApiKeys::default();
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let earlier = Timestamp::now() - SignedDuration::from_secs(1);
    let mut issue = |id: &str, scopes: &[Scope], expires| {
        let random = [u8::try_from(id.len()).unwrap(); 32];
        keys.issue(id, random, scopes.to_vec(), expires).unwrap()
    };
    let issued = Keys {
        full: issue("full", &Scope::ALL, later),
        narrow: Scope::ALL
            .map(|scope| {
                (
                    scope,
                    issue(&scope.as_str().replace(':', "-"), &[scope], later),
                )
            })
            .into(),
        expired: issue("expired", &Scope::ALL, earlier),
    };
    let stored = testing::written(&keys);
    let webhook = format!(r#"{{"bearer": ["{BEARER}"]}}"#);
    let secrets = [
        ("api-keys", stored.as_str()),
        ("webhook-keys", &webhook),
        ("cxone", CXONE_CLIENT),
        ("embedding-key", "sk-local"),
        ("erasure-key", "erasure-key-0123456789abcdef0123"),
        ("callback-keys", CALLBACK_KEYS),
        ("audit-anchor", "{}"),
        ("link-key", "link-key-0123456789abcdef0123456789"),
    ];
    create_secrets(sdk, &secrets).await;
    issued
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
