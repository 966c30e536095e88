//! A function with its tenant, its database and its keys.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{
    ChatPace, Fault, FaultPlan, FaultRule, Recorded, Settings, Simulator, TranscriptSettings,
};
use end_to_end::Function;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use shared::audit::Report;
use shared::aws;
use shared::config::Env;
use shared::cxone::transcripts::Transcripts;
use shared::db::Database;
use shared::db::transcripts::{Transcript, fetch};
use shared::domain::TranscriptId;
use shared::outbound::Pace;
use shared::testing::{self, CXONE_CLIENT, TestDatabase, create_secrets, invocation};
use tokio::process::Command;
use tokio_postgres::Client;
use transcript_injector::{App, Config, handle};

pub(crate) const ERASURE_KEY: &str = "erasure-0123456789abcdef0123456789abcdef";
/// What a run has in production.
pub(crate) const TIME: Duration = Duration::from_mins(1);

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) app: Arc<App>,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    /// The functions' own way in.
    pub(crate) access: Database,
    sdk: aws::SdkConfig,
    settings: BTreeMap<&'static str, String>,
    double: AwsDouble,
}

impl World {
    /// Everything, with a tenant that is as fast as one likes; or a skipped test where there is no Postgres.
    pub(crate) async fn start(test: &str, overrides: &[(&'static str, &str)]) -> Option<Self> {
        Self::with(test, None, overrides).await
    }

    /// The same, with a tenant that keeps this pace.
    pub(crate) async fn with(
        test: &str,
        pace: Option<ChatPace>,
        overrides: &[(&'static str, &str)],
    ) -> Option<Self> {
        let database = TestDatabase::migrated(test).await?;
        let access = database.database()?;
        let transcripts = TranscriptSettings {
            pace,
            ..TranscriptSettings::default()
        };
        let simulator = Simulator::start(Settings {
            transcripts,
            recorded_requests: 100_000,
            recorded_bytes: 1 << 30,
            ..Settings::default()
        });
        let simulator = simulator.unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let secrets = [("cxone", CXONE_CLIENT), ("erasure-key", ERASURE_KEY)];
        create_secrets(&sdk, &secrets).await;
        let settings = settings(&simulator, &database, overrides);
        Some(Self {
            app: Arc::new(app(&sdk, &settings).await),
            rows: database.bystander().await?,
            access,
            simulator,
            sdk,
            settings,
            double,
        })
    }

    /// The function as a process of its own, which can be killed.
    pub(crate) async fn process(&self) -> Function {
        let mut command = Command::new(env!("CARGO_BIN_EXE_transcript-injector"));
        command.env_clear().envs(&self.settings).envs([
            ("AWS_ENDPOINT_URL", self.double.endpoint().as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ]);
        let log = File::options().write(true).open("/dev/null").unwrap();
        Function::spawn(command, &log).await.unwrap()
    }

    /// Another environment of the function.
    pub(crate) async fn another(&self) -> Arc<App> {
        Arc::new(app(&self.sdk, &self.settings).await)
    }

    pub(crate) async fn fetch(&self, id: TranscriptId) -> Transcript {
        let found = fetch(&self.access, 1_000_000.0, id).await;
        found.unwrap().unwrap()
    }

    /// A minute is over.
    pub(crate) async fn drain(&self) -> Value {
        let outcome = invoke(&self.app, json!({ "task": "drain" }), TIME).await;
        outcome.unwrap()
    }

    /// The error of a run.
    pub(crate) async fn fail(&self) -> Diagnostic {
        let outcome = invoke(&self.app, json!({ "task": "drain" }), TIME).await;
        outcome.unwrap_err()
    }

    /// From now on, so many posts meet this.
    pub(crate) fn meet(&self, count: u64, fault: Fault) {
        let rule = FaultRule {
            method: Some("POST".to_owned()),
            ..FaultRule::next("transcripts", count, fault)
        };
        let rules = vec![rule];
        self.simulator
            .set_faults(FaultPlan { seed: 0, rules })
            .unwrap();
    }

    /// What waits for a later try, or for the end of a pause, need not wait for it.
    pub(crate) async fn hurry(&self) {
        let hurry = "UPDATE transcripts SET next_try_at = now() WHERE state = 'pending';
            UPDATE transcripts SET lease_until = now() WHERE state = 'sending';
            UPDATE injection_pace SET paused_until = '-infinity'";
        self.rows.batch_execute(hurry).await.unwrap();
    }

    /// How often something was posted, taken or not.
    pub(crate) fn posted(&self) -> usize {
        self.posts().len()
    }

    /// Each of those posts.
    pub(crate) fn posts(&self) -> Vec<Recorded> {
        let mut all = self.simulator.requests("/api/v2/conversations/");
        all.retain(|one| one.method == "POST");
        all
    }

    /// The bodies of an interaction's conversations at CXone, in the order in which they were made.
    pub(crate) fn bodies(&self, interaction: &str) -> Vec<String> {
        let made = self.simulator.transcripts().of(interaction);
        made.into_iter().map(|one| one.body).collect()
    }

    /// One value from the database.
    pub(crate) async fn value<T: for<'a> tokio_postgres::types::FromSql<'a>>(
        &self,
        sql: &str,
    ) -> T {
        self.rows.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Every chain of the audit, followed to its end.
    pub(crate) async fn audit(&self) -> Report {
        shared::db::audit::verify(&self.access, None).await.unwrap()
    }
}

fn settings(
    simulator: &Simulator,
    database: &TestDatabase,
    overrides: &[(&'static str, &str)],
) -> BTreeMap<&'static str, String> {
    let mut settings = BTreeMap::from([
        ("DATABASE_URL", database.url.clone()),
        ("CXONE_SECRET_ID", "cxone".to_owned()),
        ("CXONE_PROFILE", profile(simulator, "send_again")),
        ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
        ("TRANSCRIPTS_PER_MINUTE", "60000".to_owned()),
        ("TRANSCRIPTS_BURST", "10000".to_owned()),
        ("TRANSCRIPTS_PER_HOUR", "1000000".to_owned()),
    ]);
    for (name, value) in overrides {
        let value = match *name {
            "after_lost_answer" => {
                settings.insert("CXONE_PROFILE", profile(simulator, value));
                continue;
            }
            _ => (*value).to_owned(),
        };
        settings.insert(name, value);
    }
    settings
}

fn profile(simulator: &Simulator, after_lost_answer: &str) -> String {
    let mut profile = testing::profile(simulator.url());
    profile["transcripts"] = json!({ "after_lost_answer": after_lost_answer });
    profile.to_string()
}

/// A function that waits for CXone for two seconds only.
async fn app(sdk: &aws::SdkConfig, settings: &BTreeMap<&'static str, String>) -> App {
    let env = Env::from_pairs(settings.clone());
    let pace = Pace {
        attempt: Duration::from_secs(2),
        ..Transcripts::pace()
    };
    let config = Config::from_env(&env).unwrap();
    App::asking(config, sdk, pace).await.unwrap()
}

/// Invokes the function, which has so much time.
pub(crate) async fn invoke(app: &App, event: Value, time: Duration) -> Result<Value, Diagnostic> {
    let answer = handle(app, invocation(event, time)).await?;
    Ok(serde_json::to_value(answer).unwrap())
}
