//! What function processes speak to: a database, a tenant, and AWS with its secrets and queues. Each of them has its settings.

#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use serde_json::Value;
use shared::auth::{ApiKeys, Scope};
use shared::aws::{self, SdkConfig};
use shared::testing::{self, CXONE_CLIENT, TestDatabase};
use tokio::process::Command;
use tokio_postgres::Client;

use crate::{Function, binary};

/// Time enough for any event of a test.
pub const AMPLE: Duration = Duration::from_mins(1);

/// See the module.
pub struct World {
    /// The tenant.
    pub simulator: Arc<Simulator>,
    /// Queues and secrets, as they are.
    pub double: AwsDouble,
    /// Queues and secrets, as a client sees them.
    pub sdk: SdkConfig,
    /// The database, with the schema of today.
    pub database: TestDatabase,
    /// Looks at the rows from outside.
    pub rows: Client,
    settings: BTreeMap<&'static str, String>,
}

impl World {
    /// A database, a tenant and its client's credentials; or a skipped test where there is no Postgres.
    pub async fn start(test: &str) -> Option<Self> {
        let simulator = Simulator::start(Settings::default()).unwrap();
        Self::beside(test, &Arc::new(simulator)).await
    }

    /// The same beside a tenant that is there already.
    pub async fn beside(test: &str, simulator: &Arc<Simulator>) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let double = AwsDouble::start(Options::default()).unwrap();
        let settings = BTreeMap::from([
            ("AWS_ENDPOINT_URL", double.endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("DATABASE_URL", database.url.clone()),
        ]);
        let mut world = Self {
            simulator: Arc::clone(simulator),
            sdk: testing::aws_at(&double.endpoint()).await,
            double,
            rows: database.bystander().await.unwrap(),
            database,
            settings,
        };
        world.set_secret("CXONE_SECRET_ID", CXONE_CLIENT).await;
        let profile = testing::profile(simulator.url()).to_string();
        world.set("CXONE_PROFILE", profile);
        Some(world)
    }

    /// From now on, functions start with this setting.
    pub fn set(&mut self, setting: &'static str, value: impl Into<String>) {
        self.settings.insert(setting, value.into());
    }

    /// Creates the secret that this setting names.
    pub async fn set_secret(&mut self, setting: &'static str, text: &str) {
        testing::create_secrets(&self.sdk, &[(setting, text)]).await;
        self.set(setting, setting);
    }

    /// Creates the queue that this setting names, whose messages keep their order; says where it is.
    pub async fn set_fifo_queue(&mut self, setting: &'static str, name: &str) -> String {
        let create = aws::queue_client(&self.sdk).create_queue().queue_name(name);
        let create = create.attributes("FifoQueue".into(), "true");
        let url = create.send().await.unwrap().queue_url.unwrap();
        self.set(setting, url.clone());
        url
    }

    /// Lets functions ask the simulator for vectors.
    pub async fn set_provider(&mut self) {
        self.set("EMBEDDING_BASE_URL", self.simulator.url().to_owned());
        self.set_secret("EMBEDDING_KEY_SECRET_ID", "sk-local").await;
    }

    /// Creates the secret of API keys, and gives the one key that is in it.
    pub async fn set_api_key(&mut self, scopes: &[Scope]) -> String {
        let mut keys = ApiKeys::default();
        let key = testing::issue(&mut keys, "process", scopes);
        let written = testing::written(&keys);
        self.set_secret("API_KEYS_SECRET_ID", &written).await;
        key
    }

    /// A function that is still to be started.
    pub fn command(&self, function: &str) -> Command {
        let mut command = Command::new(binary(function).unwrap());
        command.env_clear().envs(&self.settings);
        command
    }

    /// An environment of a function, which ends itself at this place, if any.
    pub async fn spawn(&self, function: &str, fail_point: Option<&str>) -> Function {
        let mut command = self.command(function);
        command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
        let log = tempfile::tempfile().unwrap();
        Function::spawn(command, &log).await.unwrap()
    }

    /// What a new environment of a function answers.
    pub async fn ask(&self, function: &str, event: &Value) -> Value {
        let mut function = self.spawn(function, None).await;
        let answer = function.invoke_within(event.to_string(), AMPLE).await;
        serde_json::from_slice(&answer.unwrap().body).unwrap()
    }

    /// A new environment of a function ends itself at this place over this event.
    pub async fn die(&self, function: &str, place: &str, event: &Value) {
        let mut doomed = self.spawn(function, Some(place)).await;
        doomed.die_over(place, event.to_string()).await;
    }

    /// How many rows there are.
    pub async fn count(&self, from_where: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {from_where}");
        self.rows.query_one(&sql, &[]).await.unwrap().get(0)
    }
}
