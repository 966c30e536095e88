//! A function with its tenant, its database and its keys.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_double::{AwsDouble, Options};
use cxone_simulator::{
    ChatPace, Fault, FaultPlan, FaultRule, Recorded, Settings, Simulator, TranscriptSettings,
};
use end_to_end::Function;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::{Value, json};
use shared::audit::Report;
use shared::aws;
use shared::config::Env;
use shared::cxone::transcripts::Transcripts;
use shared::db::Database;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::transcripts::{NewPart, NewTranscript, Transcript, fetch, store};
use shared::domain::{ErasureKey, InteractionId, TranscriptId};
use shared::outbound::Pace;
use shared::testing::{self, TestDatabase};
use tokio::process::Command;
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use transcript_injector::{App, Config, handle};

const CREDENTIALS: &str = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;
const ERASURE_KEY: &str = "erasure-0123456789abcdef0123456789abcdef";
const CALLBACK: &str = "https://archive.example.com/told";
/// What a run has in production.
pub(crate) const TIME: Duration = Duration::from_mins(1);

pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) app: Arc<App>,
    /// Looks at the rows from outside.
    pub(crate) rows: Client,
    access: Database,
    sdk: aws::SdkConfig,
    settings: BTreeMap<&'static str, String>,
    double: AwsDouble,
}

/// A part of a transcript, as it waits.
pub(crate) struct Part {
    /// A name for the transcript.
    pub(crate) transcript: String,
    /// Which part, from 1.
    pub(crate) place: i16,
    /// Of how many.
    pub(crate) of: i16,
    pub(crate) interaction: String,
    /// What is posted.
    pub(crate) body: String,
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
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let access = database.database()?;
        migrate(&access, MIGRATIONS, deadline).await.unwrap();
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
        for (name, text) in [("cxone", CREDENTIALS), ("erasure-key", ERASURE_KEY)] {
            let secret = aws::secrets_client(&sdk).create_secret().name(name);
            secret.secret_string(text).send().await.unwrap();
        }
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

    /// Takes in a transcript of this interaction, one part for each of these counts of messages.
    pub(crate) async fn take(&self, interaction: &str, parts: &[usize]) -> TranscriptId {
        let first: i64 = self.value("SELECT count(*) FROM transcripts").await;
        let payloads: Vec<_> = (first..)
            .zip(parts)
            .map(|(unique, count)| payload(interaction, unique, *count))
            .collect();
        let new = |(payload, count): (&String, &usize)| (payload.clone(), *count);
        let texts: Vec<_> = payloads.iter().zip(parts).map(new).collect();
        let parts: Vec<_> = texts
            .iter()
            .map(|(payload, messages)| NewPart {
                payload: payload.as_bytes(),
                messages: *messages,
            })
            .collect();
        let transcript = NewTranscript {
            interaction: &InteractionId::parse(interaction).unwrap(),
            idempotency_key: None,
            request_hash: [0; 32],
            archive_callback_url: Some(CALLBACK),
            parts: &parts,
            audit: json!({"status": "accepted"}),
        };
        let stored = store(&self.access, &erasure_key(), &transcript).await;
        stored.unwrap().id
    }

    /// Takes in many parts at once, in this order.
    pub(crate) async fn insert(&self, parts: &[Part]) {
        let insert = "
            INSERT INTO transcripts (id, part, parts, interaction_id, subject_mac, request_hash, payload, messages, archive_callback_url)
            SELECT md5(t)::uuid, n, parts, i, mac, mac, convert_to(body, 'UTF8'), 1, $7
            FROM unnest($1::text[], $2::int2[], $3::int2[], $4::text[], $5::bytea[], $6::text[])
                WITH ORDINALITY AS part (t, n, parts, i, mac, body, place) ORDER BY place";
        let texts = |of: fn(&Part) -> &str| parts.iter().map(of).collect::<Vec<_>>();
        let key = erasure_key();
        let macs = parts.iter().map(|part| key.mac_of(&part.interaction));
        let macs: Vec<_> = macs.map(|mac| mac.as_bytes().to_vec()).collect();
        let places: Vec<_> = parts.iter().map(|part| part.place).collect();
        let counts: Vec<_> = parts.iter().map(|part| part.of).collect();
        let transcripts = texts(|part| &part.transcript);
        let (interactions, bodies) = (texts(|part| &part.interaction), texts(|part| &part.body));
        let values: [&(dyn ToSql + Sync); 7] = [
            &transcripts,
            &places,
            &counts,
            &interactions,
            &macs,
            &bodies,
            &CALLBACK,
        ];
        self.rows.execute(insert, &values).await.unwrap();
    }

    pub(crate) async fn fetch(&self, id: TranscriptId) -> Transcript {
        fetch(&self.access, id).await.unwrap().unwrap()
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

fn erasure_key() -> ErasureKey {
    ErasureKey::parse(&ERASURE_KEY.into()).unwrap()
}

/// As the intake writes it.
pub(crate) fn payload(interaction: &str, unique: i64, count: usize) -> String {
    let [agent, customer] = [("agt-1", "agent"), ("cust-1", "customer")]
        .map(|(id, kind)| json!({"id": id, "type": kind}));
    let message = |place: usize| {
        json!({
            "id": format!("msg_{unique}_{place}"), "from": customer, "to": agent, "text": "Where is my order? \u{1f4e6}",
            "timestamp": "2026-01-15T10:30:00Z", "type": "text", "format": "plain",
        })
    };
    let messages: Vec<_> = (0..count).map(message).collect();
    let payload = json!({
        "channel": "webchat", "from": agent, "to": customer, "properties": {"interactionId": interaction},
        "messages": messages,
    });
    payload.to_string()
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
    let profile = json!({
        "base_url": simulator.url(),
        "token": { "url": format!("{}/oauth/token", simulator.url()) },
        "transcripts": { "after_lost_answer": after_lost_answer },
    });
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
    let mut context = Context::default();
    let deadline = SystemTime::now() + time;
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    let answer = handle(app, LambdaEvent::new(event, context)).await?;
    Ok(serde_json::to_value(answer).unwrap())
}
