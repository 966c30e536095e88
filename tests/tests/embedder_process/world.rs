//! Everything that an embedder's process speaks to, each behind a wire that can be cut; and the queue that gives it batches.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, SettingsUpdate, Simulator};
use end_to_end::{Answer, Function, binary};
use fault_proxy::{FaultProxy, Plan};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use shared::aws::{self, SdkConfig};
use shared::domain::DataActionEvent;
use shared::queue::ConversationMessage;
use shared::testing::{self, TestDatabase};
use tokio::process::Command;
use tokio_postgres::Client;

pub(crate) const DEAD: &str = "conversations-dlq";
pub(crate) const DATABASE_PASSWORD: &str = "canary-database-password";
pub(crate) const ERASURE_KEY: &str = "canary-erasure-key-0123456789abcdef";
pub(crate) const PROVIDER_KEY: &str = "canary-provider-key";
/// Time enough for any batch.
pub(crate) const AMPLE: Duration = Duration::from_secs(30);

/// What stands between the process and the world.
pub(crate) struct Wires {
    pub(crate) aws: FaultProxy,
    pub(crate) database: FaultProxy,
    pub(crate) provider: FaultProxy,
}

pub(crate) struct World {
    pub(crate) double: AwsDouble,
    pub(crate) sdk: SdkConfig,
    pub(crate) simulator: Simulator,
    pub(crate) wires: Wires,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    settings: BTreeMap<String, String>,
    folder: tempfile::TempDir,
}

/// One environment of the function, and its log.
pub(crate) struct Process {
    pub(crate) function: Function,
    log: PathBuf,
}

/// The queue: it gives a message again until the function has settled it.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Vec<(String, String)>,
}

impl World {
    /// Everything, or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let simulator = Simulator::start(Settings {
            embedding_keys: vec![PROVIDER_KEY.to_owned()],
            ..Settings::default()
        })
        .unwrap();
        let wire = |upstream| FaultProxy::start(upstream, Plan::none()).unwrap();
        let wires = Wires {
            aws: wire(double.address()),
            database: wire(database.address().await?),
            provider: wire(simulator.address()),
        };
        let sdk = testing::aws_at(&double.endpoint()).await;
        let create = async |name| {
            let queue = aws::queue_client(&sdk).create_queue().queue_name(name);
            queue.send().await.unwrap().queue_url.unwrap()
        };
        let (dead, segments) = (create(DEAD).await, create("segments").await);
        let secret = database_secret(&database.url, &wires.database);
        let secrets = [
            ("database", secret.as_str()),
            ("erasure-key", ERASURE_KEY),
            ("embedding-key", PROVIDER_KEY),
        ];
        testing::create_secrets(&sdk, &secrets).await;
        let aws_url = format!("http://{}", wires.aws.address());
        let provider_url = format!("http://{}", wires.provider.address());
        let settings = [
            ("AWS_ENDPOINT_URL", aws_url.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "canary-access-key"),
            ("AWS_SECRET_ACCESS_KEY", "canary-secret-key"),
            ("DATABASE_SECRET_ID", "database"),
            ("CONVERSATIONS_DEAD_LETTER_QUEUE_URL", dead.as_str()),
            ("SEGMENTS_QUEUE_URL", segments.as_str()),
            ("ERASURE_KEY_SECRET_ID", "erasure-key"),
            ("EMBEDDING_KEY_SECRET_ID", "embedding-key"),
            ("EMBEDDING_BASE_URL", provider_url.as_str()),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Self {
            double,
            sdk,
            simulator,
            wires,
            rows: database.bystander().await.unwrap(),
            settings: settings.into(),
            folder: tempfile::tempdir().unwrap(),
        })
    }

    /// Another environment of the function, with these settings besides.
    pub(crate) async fn spawn(&self, overrides: &[(&str, &str)]) -> Process {
        let mut command = Command::new(binary("conversation-embedder").unwrap());
        command.env_clear().envs(&self.settings);
        command.envs(overrides.iter().copied());
        let log = self
            .folder
            .path()
            .join(format!("{}.log", uuid::Uuid::new_v4()));
        let file = File::create(&log).unwrap();
        let function = Function::spawn(command, &file).await.unwrap();
        Process { function, log }
    }

    /// Where the provider is, over its wire.
    pub(crate) fn provider_url(&self) -> &str {
        &self.settings["EMBEDDING_BASE_URL"]
    }

    /// The provider takes this long from now on.
    pub(crate) fn slow_provider(&self, latency_ms: u64) {
        self.simulator.update(SettingsUpdate {
            embedding_latency_ms: Some(latency_ms),
            ..SettingsUpdate::default()
        });
    }

    /// One number from the database.
    pub(crate) async fn count(&self, from_where: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {from_where}");
        self.rows.query_one(&sql, &[]).await.unwrap().get(0)
    }

    /// The oracle: every one of these conversations is stored once, with one text that has its vector, and nothing else is.
    pub(crate) async fn assert_stored_once(&self, conversations: &[String]) {
        for (table, column) in [
            ("conversation_events", "conversation_id"),
            (
                "conversation_embeddings WHERE embedding IS NOT NULL",
                "conversation_id",
            ),
        ] {
            let sql = format!("SELECT {column} FROM {table} ORDER BY 1");
            let rows = self.rows.query(&sql, &[]).await.unwrap();
            let stored: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            let mut expected = conversations.to_vec();
            expected.sort();
            assert_eq!(stored, expected, "{table}");
        }
        assert_eq!(self.double.message_count(DEAD), 0, "nothing is parked");
    }
}

/// The secret in the form of RDS, with an address that leads over the wire.
fn database_secret(url: &str, wire: &FaultProxy) -> String {
    let config: tokio_postgres::Config = url.parse().unwrap();
    let password = config.get_password().map(String::from_utf8_lossy);
    json!({
        "host": "127.0.0.1",
        "port": wire.address().port(),
        "username": config.get_user().unwrap(),
        "password": password.unwrap_or(DATABASE_PASSWORD.into()),
        "dbname": config.get_dbname().unwrap(),
    })
    .to_string()
}

impl Process {
    /// Runs a task.
    pub(crate) async fn run(&mut self, task: &Value) -> Option<Answer> {
        let task = task.to_string();
        self.function.invoke_within(task, AMPLE).await
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn id(&self) -> Pid {
        let id = self.function.id().unwrap();
        Pid::from_raw(i32::try_from(id).unwrap()).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.id(), signal).unwrap();
    }
}

impl Queue {
    /// A queue with one finished conversation for each of these names.
    pub(crate) fn of(conversations: &[String]) -> Self {
        let mut queue = Self::default();
        for name in conversations {
            queue.send(completed(
                name,
                &format!("My parcel {name} has not arrived."),
            ));
        }
        queue
    }

    pub(crate) fn send(&mut self, body: String) {
        self.waiting.push((uuid::Uuid::new_v4().to_string(), body));
    }

    /// Takes over what waits in another queue.
    pub(crate) fn take(&mut self, other: &mut Self) {
        self.waiting.append(&mut other.waiting);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The event that gives all of them.
    pub(crate) fn event(&self) -> String {
        let record = |(id, body): &(String, String)| json!({"messageId": id, "body": body});
        let records: Vec<_> = self.waiting.iter().map(record).collect();
        json!({ "Records": records }).to_string()
    }

    /// Gives all of them once. What is reported stays; if the process dies or is late, everything stays.
    pub(crate) async fn deliver(&mut self, process: &mut Process, time: Duration) -> bool {
        let answer = process.function.invoke_within(self.event(), time).await;
        let Some(answer) = answer else {
            return false;
        };
        self.settle(&answer);
        true
    }

    /// Forgets what this answer does not report.
    pub(crate) fn settle(&mut self, answer: &Answer) {
        let failed = failed(answer);
        let is_known = |id: &String| self.waiting.iter().any(|(known, _)| known == id);
        assert!(failed.iter().all(is_known), "{failed:?}");
        self.waiting.retain(|(id, _)| failed.contains(id));
    }
}

/// The ids that an answer reports.
pub(crate) fn failed(answer: &Answer) -> Vec<String> {
    assert!(answer.is_ok, "{:?}", answer.body);
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    let id = |failure: &Value| failure["itemIdentifier"].as_str().unwrap().to_owned();
    failures.iter().map(id).collect()
}

/// Names of `count` conversations.
pub(crate) fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}-{number}"))
        .collect()
}

/// A finished conversation, as the webhook enqueues it.
pub(crate) fn completed(conversation: &str, customer: &str) -> String {
    message(&json!({
        "event": "conversation.completed",
        "timestamp": "2026-01-15T10:30:00Z",
        "conversationId": conversation,
        "data": {
            "subject": "Where is it?",
            "transcript": {"agent": "Good morning, what can I do for you?", "customer": customer},
        },
    }))
}

/// A payload as the webhook enqueues it.
pub(crate) fn message(payload: &Value) -> String {
    let body = payload.to_string();
    let event = DataActionEvent::parse(body.as_bytes()).unwrap();
    let message = ConversationMessage::pack(event, body.as_bytes(), Timestamp::now());
    message.unwrap().to_text().unwrap()
}
