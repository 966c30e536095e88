//! The cards' function as a process: it dies between what it remembers and what it posts, and nobody is shown a card twice.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Settings, Simulator};
use end_to_end::{Function, binary};
use jiff::Timestamp;
use rustix::process::Signal;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::aws;
use shared::db::knowledge::{ArticleChange, PageChanges, store_page};
use shared::db::knowledge_articles::NewArticle;
use shared::db::knowledge_chunks::NewChunk;
use shared::db::knowledge_documents::NewDocument;
use shared::db::knowledge_sync::take_lease;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::words::Words;
use shared::db::{Database, knowledge_runs};
use shared::domain::{ArticleId, Locale, RunId, RunKind, TextHash};
use shared::testing::{self, TestDatabase};
use shared::text::terms::Analysis;
use tokio::process::Command;
use tokio::time::Instant;
use tokio_postgres::Client;

/// Where it dies.
const PLACE: &str = "assist_cards.before_post";
const AMPLE: Duration = Duration::from_secs(20);
const QUESTION: &str = "When does the refund reach my credit card after the return was checked?";
const ARTICLES: [(&str, &str); 3] = [
    (
        "refund",
        "A refund reaches the credit card five banking days after the return was checked.",
    ),
    (
        "router",
        "If the router blinks red, pull the plug for ten seconds and wait for green.",
    ),
    (
        "heating",
        "The thermostat lowers the heating at night by two degrees.",
    ),
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
        let access = database.database()?;
        migrate(&access, MIGRATIONS, Instant::now() + AMPLE)
            .await
            .unwrap();
        store_articles(&access).await;
        let simulator = Simulator::start(Settings::default()).unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let client = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;
        for (name, text) in [("cxone", client), ("embedding-key", "sk-local")] {
            let secret = aws::secrets_client(&sdk).create_secret().name(name);
            secret.secret_string(text).send().await.unwrap();
        }
        let url = simulator.url();
        let profile = json!({ "base_url": url, "token": { "url": format!("{url}/oauth/token") } });
        let settings = BTreeMap::from([
            ("AWS_ENDPOINT_URL", double.endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("DATABASE_URL", database.url.clone()),
            ("CXONE_SECRET_ID", "cxone".to_owned()),
            ("CXONE_PROFILE", profile.to_string()),
            ("EMBEDDING_BASE_URL", url.to_owned()),
            ("EMBEDDING_KEY_SECRET_ID", "embedding-key".to_owned()),
        ]);
        Some(Self {
            rows: database.bystander().await.unwrap(),
            simulator,
            settings,
            _double: double,
        })
    }

    async fn spawn(&self, fail_point: Option<&str>) -> Function {
        let mut command = Command::new(binary("assist-cards").unwrap());
        command.env_clear().envs(&self.settings);
        command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
        let log = tempfile::tempfile().unwrap();
        Function::spawn(command, &log).await.unwrap()
    }

    async fn kept(&self, interaction: &str) -> Vec<String> {
        let kept = "SELECT state FROM assist_impressions WHERE session_id = $1";
        let rows = self.rows.query(kept, &[&interaction]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// Articles that words find: no model is needed.
async fn store_articles(database: &Database) {
    let mut page = PageChanges::default();
    for (name, text) in ARTICLES {
        let chunk = NewChunk {
            heading: String::new(),
            text: text.to_owned(),
            hash: TextHash::of(text),
            vectors: Vec::new(),
            words: Words::count(text, Analysis::English),
        };
        let document = NewDocument {
            title: format!("About {name}"),
            metadata: RawValue::from_string("{}".to_owned()).unwrap(),
            chunks: vec![chunk],
        };
        let change = ArticleChange::Live {
            article: NewArticle {
                modified: Timestamp::UNIX_EPOCH,
                version: Some(1),
                territory: None,
                category: None,
                status: None,
                content_hash: TextHash::of(text),
                rendered_as: String::new(),
                conflict: None,
            },
            links: BTreeSet::new(),
            documents: BTreeMap::from([(Locale::parse("en").unwrap(), document)]),
        };
        page.articles
            .insert(ArticleId::parse(name).unwrap(), change);
    }
    let lease = take_lease(database, Duration::ZERO).await.unwrap().unwrap();
    let request = knowledge_runs::request(database, RunId::generate(), RunKind::Full, false);
    request.await.unwrap();
    let run = knowledge_runs::next(database, &lease).await.unwrap();
    let run = run.unwrap().id;
    store_page(database, &lease, run, &page).await.unwrap();
}

fn question(interaction: &str) -> String {
    let body = json!({
        "v": 1, "interaction_id": interaction, "sequence": 1, "offset": 0, "speaker": "customer", "text": QUESTION,
        "language": "en", "at": Timestamp::now(), "complete": true,
    });
    json!({ "Records": [{ "messageId": "m-1", "body": body.to_string() }] }).to_string()
}

#[tokio::test]
async fn a_card_whose_function_dies_before_it_is_posted_is_lost_and_never_doubled() {
    let Some(world) = World::start("a_card_whose_function_dies").await else {
        return;
    };
    let event = question("i-1");
    let mut doomed = world.spawn(Some(PLACE)).await;
    assert!(doomed.invoke_within(event.clone(), AMPLE).await.is_none());
    let end = doomed.ended().await.unwrap();
    assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()));
    assert_eq!(world.kept("i-1").await, ["pending"]);

    let mut next = world.spawn(None).await;
    for event in [event, question("i-2")] {
        let answer = next.invoke_within(event, AMPLE).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    let screen = |interaction| world.simulator.assist().cards(interaction).len();
    assert_eq!((screen("i-1"), screen("i-2")), (0, 1));
    assert_eq!(world.kept("i-2").await, ["shown"]);

    // A minute later it is known that nobody will know.
    let later = "UPDATE assist_impressions SET shown_at = now() - interval '2 minutes'";
    world.rows.execute(later, &[]).await.unwrap();
    let tidy = json!({ "task": "tidy" }).to_string();
    next.invoke_within(tidy, AMPLE).await.unwrap();
    assert_eq!(world.kept("i-1").await, ["unknown"]);
}
