//! Transcripts, and processes that die over them: what was taken in is whole or not there, and is injected once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use end_to_end::{Function, binary};
use rustix::process::Signal;
use serde_json::{Value, json};
use shared::aws;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::testing::{self, TestDatabase};
use tokio::process::Command;
use tokio_postgres::Client;

const AMPLE: Duration = Duration::from_secs(29);
/// Where the injector dies, and whether CXone has the first part by then.
const PLACES: [(&str, usize); 3] = [
    ("drain.after_claim", 0),
    ("inject.after_post", 1),
    ("settle_transcript.before_commit", 1),
];

struct World {
    simulator: Simulator,
    rows: Client,
    settings: BTreeMap<&'static str, String>,
    _double: AwsDouble,
}

impl World {
    async fn start(test: &str) -> Option<Self> {
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + AMPLE;
        let access = database.database()?;
        migrate(&access, MIGRATIONS, deadline).await.unwrap();
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        for (name, text) in [
            (
                "cxone",
                r#"{"client_id":"local-client","client_secret":"local-secret"}"#,
            ),
            ("erasure-key", "erasure-key-0123456789abcdef0123"),
            ("api-keys", r#"{"keys":[]}"#),
        ] {
            let secret = aws::secrets_client(&sdk).create_secret().name(name);
            secret.secret_string(text).send().await.unwrap();
        }
        Some(Self {
            settings: settings(&simulator, &double, &database),
            rows: database.bystander().await.unwrap(),
            simulator,
            _double: double,
        })
    }

    async fn spawn(&self, name: &str, fail_point: Option<&str>) -> Function {
        let mut command = Command::new(binary(name).unwrap());
        command.env_clear().envs(&self.settings);
        command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
        let log = tempfile::tempfile().unwrap();
        Function::spawn(command, &log).await.unwrap()
    }

    /// The answer of a function that lives.
    async fn ask(&self, name: &str, event: &Value) -> Value {
        let mut function = self.spawn(name, None).await;
        let answer = function.invoke_within(event.to_string(), AMPLE).await;
        serde_json::from_slice(&answer.unwrap().body).unwrap()
    }

    /// A function dies over this event.
    async fn die(&self, name: &str, place: &str, event: &Value) {
        let mut doomed = self.spawn(name, Some(place)).await;
        let answer = doomed.invoke_within(event.to_string(), AMPLE).await;
        assert!(answer.is_none(), "{place}: it answers");
        let end = doomed.ended().await.unwrap();
        assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()), "{place}");
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        self.rows.query_one(&sql, &[]).await.unwrap().get(0)
    }

    fn made(&self) -> usize {
        self.simulator.transcripts().of("i-1").len()
    }
}

fn settings(
    simulator: &Simulator,
    double: &AwsDouble,
    database: &TestDatabase,
) -> BTreeMap<&'static str, String> {
    let url = simulator.url();
    let profile = json!({"base_url": url, "token": {"url": format!("{url}/oauth/token")}});
    BTreeMap::from([
        ("AWS_ENDPOINT_URL", double.endpoint()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("DATABASE_URL", database.url.clone()),
        ("CXONE_SECRET_ID", "cxone".to_owned()),
        ("CXONE_PROFILE", profile.to_string()),
        ("API_KEYS_SECRET_ID", "api-keys".to_owned()),
        ("ERASURE_KEY_SECRET_ID", "erasure-key".to_owned()),
    ])
}

/// One line, of which the intake makes two parts.
fn lines() -> Value {
    let message = |place: usize| {
        json!({
            "from": {"id": "agt-1", "type": "agent"}, "to": {"id": "cust-1", "type": "customer"},
            "text": format!("Sentence {place}"), "timestamp": "2026-01-15T10:30:00Z",
        })
    };
    let messages: Vec<_> = (0..600).map(message).collect();
    let transcript = json!({
        "interaction_id": "i-1", "agent_id": "agt-1", "customer_id": "cust-1", "messages": messages, "split": true,
    });
    json!({ "lines": transcript.to_string() })
}

#[tokio::test]
async fn whoever_dies_over_a_transcript_leaves_it_whole_and_once() {
    for (place, made) in PLACES {
        let Some(world) = World::start("whoever_dies_over").await else {
            return;
        };
        let taking = "store_transcript.before_commit";
        world.die("transcript-intake", taking, &lines()).await;
        assert_eq!(world.count("transcripts").await, 0);
        assert_eq!(world.count("audit_entries").await, 0);
        world.ask("transcript-intake", &lines()).await;
        assert_eq!(world.count("transcripts").await, 2);

        let drain = json!({ "task": "drain" });
        world.die("transcript-injector", place, &drain).await;
        assert_eq!(world.made(), made, "{place}");
        let sending = "transcripts WHERE state = 'sending'";
        assert_eq!(world.count(sending).await, 1, "{place}");
        let report = world.ask("transcript-injector", &drain).await;
        assert_eq!(
            report["injected"], 0,
            "{place}: the lease of the dead stands"
        );
        let later = "UPDATE transcripts SET lease_until = now() WHERE state = 'sending'";
        world.rows.execute(later, &[]).await.unwrap();
        let report = world.ask("transcript-injector", &drain).await;
        assert_eq!(report["injected"], 2, "{place}: {report}");
        assert_eq!(world.made(), 2, "{place}");
        for (table, rows) in [
            ("transcripts WHERE state = 'injected'", 2),
            ("transcript_archive", 2),
            ("audit_entries", 3),
        ] {
            assert_eq!(world.count(table).await, rows, "{place}: {table}");
        }
    }
}
