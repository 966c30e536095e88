//! The whole product on one desk: every function a process, every wire one that can be cut.

use std::collections::BTreeMap;
use std::fs::File;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use fault_proxy::{FaultProxy, Plan};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::auth::{ApiKeys, Scope};
use shared::aws::{self, SdkConfig};
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::testing::{self, CXONE_CLIENT, TestDatabase};
use tokio::process::Command;
use tokio::sync::watch;
use tokio_postgres::Client;

use crate::calls::Heard;
use crate::conversations::Sent;
use crate::environment::{Running, program};
use crate::history::History;
use crate::transcripts::Taken;

/// What webhooks are sent with.
pub(crate) const BEARER: &str = "bearer-0123456789abcdef";
/// Where functions put what can never be stored.
pub(crate) const DEAD: &str = "conversations-dlq";
/// What is said in calls, in the order in which it is said.
pub(crate) const IN_ORDER: &str = "interactions.fifo";
const QUEUES: [&str; 4] = ["conversations", DEAD, "segments", IN_ORDER];
const SECRETS: [(&str, &str); 5] = [
    ("webhook-keys", r#"{"bearer": ["bearer-0123456789abcdef"]}"#),
    ("cxone", CXONE_CLIENT),
    ("embedding-key", "sk-local"),
    ("erasure-key", "erasure-key-0123456789abcdef0123"),
    ("database", "unused"),
];
const AMPLE: Duration = Duration::from_mins(1);

/// How far the test is. It only goes forward.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Raging,
    Calm,
    AtRest,
}

pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) history: History,
    pub(crate) running: Running,
    pub(crate) simulator: Simulator,
    pub(crate) double: AwsDouble,
    /// Between the functions and Postgres.
    pub(crate) wire: FaultProxy,
    /// Between the functions and AWS.
    pub(crate) aws: FaultProxy,
    pub(crate) sdk: SdkConfig,
    /// Where the queues are, by their names.
    pub(crate) queues: BTreeMap<&'static str, String>,
    pub(crate) database: TestDatabase,
    /// Opens the HTTP functions.
    pub(crate) key: String,
    pub(crate) sent: Sent,
    pub(crate) heard: Heard,
    pub(crate) taken: Taken,
    settings: BTreeMap<&'static str, String>,
    phase: watch::Sender<Phase>,
    folder: tempfile::TempDir,
}

impl World {
    /// Everything around an empty database.
    pub(crate) async fn start(seed: u64, database: TestDatabase) -> Self {
        let deadline = tokio::time::Instant::now() + AMPLE;
        let access = database.database().unwrap();
        migrate(&access, MIGRATIONS, deadline).await.unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let wire = FaultProxy::start(database.address().await.unwrap(), Plan::none()).unwrap();
        let aws = FaultProxy::start(double.address(), Plan::none()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let queues = create_queues(&sdk).await;
        let key = create_secrets(&sdk).await;
        Self {
            settings: settings(
                &simulator,
                &aws,
                &queues,
                database.url_through(wire.address()).unwrap(),
            ),
            seed,
            history: History::new(seed),
            running: Running::default(),
            simulator,
            double,
            wire,
            aws,
            sdk,
            queues,
            database,
            key,
            sent: Sent::default(),
            heard: Heard::default(),
            taken: Taken::default(),
            phase: watch::Sender::new(Phase::Raging),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Starts a function.
    pub(crate) fn command(&self, function: &str) -> Command {
        let mut command = program(function);
        command.envs(&self.settings);
        command
    }

    pub(crate) fn log(&self, slot: &str) -> File {
        let path = self.folder.path().join(slot.replace(' ', "-"));
        File::options()
            .create(true)
            .append(true)
            .open(path)
            .unwrap()
    }

    /// The end of what this one logged.
    pub(crate) fn logged(&self, slot: &str) -> String {
        let path = self.folder.path().join(slot.replace(' ', "-"));
        let log = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(40).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Somebody who looks at the rows; Postgres may have to come back first.
    pub(crate) async fn rows(&self) -> Client {
        for _ in 0..300 {
            if let Some(client) = self.database.bystander().await {
                return client;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("Postgres does not come back");
    }

    /// One number from the database, if Postgres lives.
    pub(crate) async fn count(&self, from_where: &str) -> Option<i64> {
        let sql = format!("SELECT count(*) FROM {from_where}");
        let row = self.rows().await.query_one(&sql, &[]).await;
        Some(row.ok()?.get(0))
    }

    pub(crate) fn rages(&self) -> bool {
        *self.phase.borrow() == Phase::Raging
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        *self.phase.borrow() == Phase::AtRest
    }

    pub(crate) fn end_the_traffic(&self) {
        self.phase.send_replace(Phase::Calm);
    }

    pub(crate) fn end_the_work(&self) {
        self.phase.send_replace(Phase::AtRest);
    }

    /// Until the world is at rest.
    pub(crate) async fn rest(&self) {
        let mut phase = self.phase.subscribe();
        phase.wait_for(|it| *it == Phase::AtRest).await.unwrap();
    }

    /// A generator for one kind of traffic.
    pub(crate) fn random(&self, kind: u64) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed.wrapping_mul(1_000).wrapping_add(kind))
    }
}

async fn create_queues(sdk: &SdkConfig) -> BTreeMap<&'static str, String> {
    let mut queues = BTreeMap::new();
    for name in QUEUES {
        let mut create = aws::queue_client(sdk).create_queue().queue_name(name);
        if name == IN_ORDER {
            create = create.attributes("FifoQueue".into(), "true");
        }
        queues.insert(name, create.send().await.unwrap().queue_url.unwrap());
    }
    queues
}

/// Makes the secrets, and gives the API key that opens everything.
async fn create_secrets(sdk: &SdkConfig) -> String {
    let mut keys = ApiKeys::default();
    // A storm may last longer than the keys of other tests.
    let expires = Timestamp::now() + SignedDuration::from_hours(24);
    let scopes = vec![Scope::TranscriptsWrite, Scope::TranscriptsRead];
    let key = keys.issue("chaos", [7; 32], scopes, expires).unwrap();
    testing::create_secrets(sdk, &SECRETS).await;
    testing::create_secrets(sdk, &[("api-keys", &testing::written(&keys))]).await;
    key
}

fn settings(
    simulator: &Simulator,
    aws: &FaultProxy,
    queues: &BTreeMap<&'static str, String>,
    database: String,
) -> BTreeMap<&'static str, String> {
    let url = simulator.url();
    let mut profile = testing::profile(url);
    profile["stream"] = json!({ "fields": { "speaker": "speaker" } });
    let mut settings = BTreeMap::from([
        ("AWS_ENDPOINT_URL", format!("http://{}", aws.address())),
        ("DATABASE_URL", database),
        ("CXONE_PROFILE", profile.to_string()),
        ("EMBEDDING_BASE_URL", url.to_owned()),
        ("CONVERSATIONS_QUEUE_URL", queues["conversations"].clone()),
        ("CONVERSATIONS_DEAD_LETTER_QUEUE_URL", queues[DEAD].clone()),
        ("SEGMENTS_QUEUE_URL", queues["segments"].clone()),
        ("INTERACTIONS_QUEUE_URL", queues[IN_ORDER].clone()),
    ]);
    let fixed = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("WEBHOOK_KEYS_SECRET_ID", "webhook-keys"),
        ("WEBHOOK_SCHEMES", r#"["bearer"]"#),
        ("API_KEYS_SECRET_ID", "api-keys"),
        ("ERASURE_KEY_SECRET_ID", "erasure-key"),
        ("CXONE_SECRET_ID", "cxone"),
        ("EMBEDDING_KEY_SECRET_ID", "embedding-key"),
        // A few batches fill a segment, and a few segments are merged.
        ("SEGMENT_VALUES", "60000"),
        ("MERGE_SEGMENTS", "3"),
        ("KNOWLEDGE_PAGE", "10"),
        ("KNOWLEDGE_CHECK_LINKS", "false"),
        ("UTTERANCE_QUIET_MS", "200"),
        // A machine under load is no reason for silence, and neither is the clock.
        ("ASSIST_FRESH_SECONDS", "600"),
        (
            "ASSIST_RULES",
            r#"{"cooldown_seconds": 0, "cards_per_minute": 60, "turn_words": 0, "beside_before": 0, "prominence": 0, "floor": 0}"#,
        ),
        ("TRANSCRIPTS_PER_MINUTE", "60000"),
        ("TRANSCRIPTS_BURST", "1000"),
        ("LOG_LEVEL", "info"),
    ];
    settings.extend(fixed.map(|(name, value)| (name, value.to_owned())));
    settings
}
