//! The knowledge sync as a process: it dies at every named place, and the next one goes on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use cxone_simulator::{Revision, Settings, Simulator};
use end_to_end::{Answer, Function, binary};
use rustix::process::Signal;
use serde_json::{Value, json};
use shared::aws;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::testing::{self, TestDatabase};
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio_postgres::Client;

/// Where a worker can die.
const PLACES: [&str; 9] = [
    "sync.prepared",
    "store_page.before_commit",
    "sync.stored",
    "sync.removed",
    "finish_run.before_commit",
    "store_checks.before_commit",
    "tend.before_commit",
    "mirror.written",
    "settle_mirror.before_commit",
];
/// Where links are checked.
const CHECKED: &str = PLACES[5];
/// Where words are folded.
const FOLDED: &str = PLACES[6];
/// Where documents are copied to Elasticsearch.
const COPIED: [&str; 2] = [PLACES[7], PLACES[8]];
/// The index of the copy.
const INDEX: &str = "cxone_knowledge_index";
/// Time enough for any run.
const AMPLE: Duration = Duration::from_mins(1);

struct World {
    simulator: Arc<Simulator>,
    rows: Client,
    settings: BTreeMap<&'static str, String>,
    _double: AwsDouble,
}

impl World {
    /// A worker's world beside a tenant, or a skipped test where there is no Postgres.
    async fn start(test: &str, simulator: &Arc<Simulator>) -> Option<Self> {
        let database = TestDatabase::create(test).await?;
        let deadline = tokio::time::Instant::now() + AMPLE;
        migrate(&database.database()?, MIGRATIONS, deadline)
            .await
            .unwrap();
        let double = AwsDouble::start(Options::default()).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let credentials = r#"{"client_id":"local-client","client_secret":"local-secret"}"#;
        for (name, text) in [
            ("cxone", credentials),
            ("embedding-key", "sk-local"),
            ("elasticsearch", r#"{"api_key":"local-key"}"#),
        ] {
            let secret = aws::secrets_client(&sdk).create_secret().name(name);
            secret.secret_string(text).send().await.unwrap();
        }
        let url = simulator.url().to_owned();
        let profile = json!({"base_url": url, "token": {"url": format!("{url}/as/token.oauth2")}});
        let mut settings = BTreeMap::from([
            ("AWS_ENDPOINT_URL", double.endpoint()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("DATABASE_URL", database.url.clone()),
            ("CXONE_SECRET_ID", "cxone".to_owned()),
            ("CXONE_PROFILE", profile.to_string()),
            ("EMBEDDING_BASE_URL", url),
            ("EMBEDDING_KEY_SECRET_ID", "embedding-key".to_owned()),
            ("KNOWLEDGE_PAGE", "10".to_owned()),
        ]);
        if COPIED.contains(&test) {
            let url = format!("{}/elasticsearch", simulator.url());
            settings.insert("ELASTICSEARCH_URL", url);
            settings.insert("ELASTICSEARCH_SECRET_ID", "elasticsearch".to_owned());
        }
        Some(Self {
            simulator: Arc::clone(simulator),
            rows: database.bystander().await.unwrap(),
            settings,
            _double: double,
        })
    }

    async fn spawn(&self, fail_point: Option<&str>) -> Function {
        let mut command = Command::new(binary("knowledge-sync").unwrap());
        command.env_clear().envs(&self.settings);
        command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
        command.env(
            "KNOWLEDGE_CHECK_LINKS",
            (fail_point == Some(CHECKED)).to_string(),
        );
        let log = tempfile::tempfile().unwrap();
        Function::spawn(command, &log).await.unwrap()
    }

    /// What search would read.
    async fn contents(&self) -> Vec<(String, String, String)> {
        let sql = "SELECT d.article_id, d.locale, string_agg(c.text_content, '|' ORDER BY c.chunk)
            FROM knowledge_documents d JOIN knowledge_chunks c ON c.document_id = d.id GROUP BY d.id ORDER BY 1, 2";
        let rows = self.rows.query(sql, &[]).await.unwrap();
        rows.iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect()
    }

    /// Documents and their texts, in the copy and as they should be there.
    async fn copies(&self) -> [BTreeSet<(String, String)>; 2] {
        let copied = self.simulator.elasticsearch().documents(INDEX);
        let text = |document: &Value| document["body_text"].as_str().unwrap().to_owned();
        let copied = copied.iter().map(|(id, one)| (id.clone(), text(one)));
        let sql = "SELECT d.article_id || ':' || d.locale, coalesce(string_agg(c.text_content, E'\n\n' ORDER BY c.chunk), '')
            FROM knowledge_documents d LEFT JOIN knowledge_chunks c ON c.document_id = d.id GROUP BY d.id";
        let rows = self.rows.query(sql, &[]).await.unwrap();
        let wanted = rows.iter().map(|row| (row.get(0), row.get(1)));
        [copied.collect(), wanted.collect()]
    }

    /// The dead one's lease would hold the next worker for a minute and a half.
    async fn wait_for_the_lease(&self) {
        let end = "UPDATE knowledge_sync SET lease_until = '-infinity'";
        self.rows.execute(end, &[]).await.unwrap();
    }
}

/// One run; `None` if the worker died over it. What passes is tried again, as the schedule does.
async fn run(function: &mut Function, task: &str) -> Option<Value> {
    let event = json!({ "task": task }).to_string();
    for _ in 0..5 {
        let answer: Answer = function.invoke_within(event.clone(), AMPLE).await?;
        let answered: Value = serde_json::from_slice(&answer.body).unwrap();
        if answer.is_ok {
            return Some(answered);
        }
        assert_eq!(answered["errorType"], "transient", "{answered}");
    }
    panic!("it does not become well again");
}

#[tokio::test]
async fn a_worker_that_dies_at_any_place_loses_and_doubles_nothing() {
    // A few at a time: unoptimised workers that get too little of the processor find no time for their connections.
    for places in PLACES.chunks(3) {
        let mut deaths = JoinSet::new();
        for place in places {
            deaths.spawn(die_at(place));
        }
        deaths.join_all().await;
    }
}

async fn die_at(place: &'static str) {
    let simulator = Arc::new(Simulator::start(Settings::default()).unwrap());
    let Some(world) = World::start(place, &simulator).await else {
        return;
    };
    let knowledge = world.simulator.knowledge();
    knowledge.seed(17, 40);
    let article = knowledge.list()[0].uuid.clone();
    let edit = |content: &str| {
        let revision = Revision::of_content("en-US", content);
        knowledge.edit(&article, revision).unwrap();
    };
    let task = if place == CHECKED || place == FOLDED {
        for other in knowledge.list().iter().filter(|one| one.uuid != article) {
            knowledge.delete(&other.uuid).unwrap();
        }
        // Nobody is called for it: the address lies inside.
        edit(r#"<a href="http://127.0.0.1/">here</a>"#);
        "sync"
    } else {
        "reconcile"
    };
    if place == FOLDED {
        // One block for each edit, of which the last one makes enough.
        let mut worker = world.spawn(None).await;
        for number in 1..16 {
            run(&mut worker, task).await.unwrap();
            edit(&format!("<p>{number} cups.</p>"));
        }
    }
    if place == "sync.removed" {
        let mut worker = world.spawn(None).await;
        run(&mut worker, "sync").await.unwrap();
        for article in knowledge.list().iter().take(5) {
            knowledge.delete(&article.uuid).unwrap();
        }
    }
    let mut doomed = world.spawn(Some(place)).await;
    assert!(
        run(&mut doomed, task).await.is_none(),
        "{place}: it answers"
    );
    let end = doomed.ended().await.unwrap();
    assert_eq!(end.signal(), Some(Signal::ABORT.as_raw()), "{place}");
    if COPIED.contains(&place) {
        // What was copied before the death is another by now.
        let gone = knowledge.list()[1].uuid.clone();
        knowledge.delete(&gone).unwrap();
        edit("<p>Other cups.</p>");
    }
    world.wait_for_the_lease().await;
    let mut next = world.spawn(None).await;
    let report = run(&mut next, "reconcile").await.unwrap();
    assert_eq!(report["runs"][0]["state"], "done", "{place}: {report}");
    if COPIED.contains(&place) {
        // A run that was begun before the change need not have met it.
        run(&mut next, "reconcile").await.unwrap();
    }

    let fresh = World::start("fresh", &simulator).await.unwrap();
    let mut worker = fresh.spawn(None).await;
    run(&mut worker, "sync").await.unwrap();
    assert_eq!(world.contents().await, fresh.contents().await, "{place}");
    if COPIED.contains(&place) {
        let [copied, wanted] = world.copies().await;
        assert_eq!(copied, wanted, "{place}");
        let left = "SELECT count(*) FROM knowledge_mirror";
        let left: i64 = world.rows.query_one(left, &[]).await.unwrap().get(0);
        assert_eq!(left, 0, "{place}");
    }
}
