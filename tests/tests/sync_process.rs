//! The knowledge sync as a process: it dies at every named place, and the next one goes on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::ops::Deref;
use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::time::Duration;

use cxone_simulator::{Revision, Settings, SettingsUpdate, Simulator};
use end_to_end::canary::{FEW, Talkative, echo, leaks, told};
use end_to_end::{AMPLE, Answer, Function};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::task::JoinSet;

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

/// See [`end_to_end::World`].
struct World(end_to_end::World);

impl Deref for World {
    type Target = end_to_end::World;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl World {
    /// A worker's world beside a tenant, or a skipped test where there is no Postgres.
    async fn start(test: &str, simulator: &Arc<Simulator>) -> Option<Self> {
        let mut world = end_to_end::World::beside(test, simulator).await?;
        world.set_provider().await;
        world.set("KNOWLEDGE_PAGE", "10");
        let mut world = Self(world);
        if COPIED.contains(&test) {
            world.copy().await;
        }
        Some(world)
    }

    /// From now on documents are copied to Elasticsearch.
    async fn copy(&mut self) {
        let url = format!("{}/elasticsearch", self.simulator.url());
        self.0.set("ELASTICSEARCH_URL", url);
        let key = r#"{"api_key":"local-key"}"#;
        self.0.set_secret("ELASTICSEARCH_SECRET_ID", key).await;
    }

    async fn worker(&self, fail_point: Option<&str>) -> Function {
        let mut command = self.command("knowledge-sync");
        command.envs(fail_point.map(|place| ("FAIL_POINT", place)));
        let checks = fail_point == Some(CHECKED);
        command.env("KNOWLEDGE_CHECK_LINKS", checks.to_string());
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
        let mut worker = world.worker(None).await;
        for number in 1..16 {
            run(&mut worker, task).await.unwrap();
            edit(&format!("<p>{number} cups.</p>"));
        }
    }
    if place == "sync.removed" {
        let mut worker = world.worker(None).await;
        run(&mut worker, "sync").await.unwrap();
        for article in knowledge.list().iter().take(5) {
            knowledge.delete(&article.uuid).unwrap();
        }
    }
    let mut doomed = world.worker(Some(place)).await;
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
    let mut next = world.worker(None).await;
    let report = run(&mut next, "reconcile").await.unwrap();
    assert_eq!(report["runs"][0]["state"], "done", "{place}: {report}");
    if COPIED.contains(&place) {
        // A run that was begun before the change need not have met it.
        run(&mut next, "reconcile").await.unwrap();
    }

    let fresh = World::start("fresh", &simulator).await.unwrap();
    let mut worker = fresh.worker(None).await;
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

/// Articles of which one breaks a rule of the database, one is refused by the provider, and one has links that hold a secret.
const ARTICLES: [&str; 4] = [
    "<p>canary-content</p><a href=\"https://links.invalid/?token=canary-token\">canary</a><a href=\"http://127.0.0.1/canary\">x</a>",
    "<p>canary-row</p>",
    "<p>canary-refused</p>",
    "<script>canary</script><p onclick=\"canary\">canary",
];

#[tokio::test]
async fn what_articles_and_peers_say_is_in_no_log_and_no_reason() {
    let simulator = Arc::new(Simulator::start(Settings::default()).unwrap());
    let name = "what_articles_and_peers_say";
    let Some(mut world) = World::start(name, &simulator).await else {
        return;
    };
    world.copy().await;
    // Postgres quotes the row that breaks such a rule.
    let rule = "ALTER TABLE knowledge_chunks ADD CHECK (text_content NOT LIKE '%canary-row%')";
    world.rows.batch_execute(rule).await.unwrap();
    let knowledge = simulator.knowledge();
    knowledge.seed(17, 6);
    let articles = knowledge.list();
    let edit = |number: usize, content: &str| {
        let revision = Revision::of_content("en-US", content);
        knowledge.edit(&articles[number].uuid, revision).unwrap();
    };
    simulator.update(SettingsUpdate {
        refused_text: Some("canary-refused".to_owned()),
        ..SettingsUpdate::default()
    });
    let mut sync = Talkative::spawn(world.command("knowledge-sync"))
        .await
        .unwrap();
    let wake = json!({ "Records": [{ "messageId": "m-1", "body": "canary" }] });
    let tasks = ["sync", "reconcile", "foresee", "other"].map(|task| json!({ "task": task }));
    for (number, content) in ARTICLES.into_iter().enumerate().rev() {
        edit(number, content);
        for event in tasks.iter().chain([&wake]) {
            sync.function
                .invoke_within(event.to_string(), AMPLE)
                .await
                .unwrap();
        }
    }
    edit(1, "<p>Nothing is wrong with it now.</p>");
    for capability in ["knowledge", "embeddings", "elasticsearch", "tokens"] {
        for status in FEW {
            edit(5, &format!("<p>canary of {capability} {status}</p>"));
            world.wait_for_the_lease().await;
            simulator.revoke_tokens(None);
            echo(&simulator, capability, status).unwrap();
            let event = json!({ "task": "sync" }).to_string();
            sync.function
                .invoke_within(event, Duration::from_secs(4))
                .await;
        }
    }
    let log = sync.end().await.unwrap();
    assert!(log.contains("run.id"), "it logs at all: {log}");
    let secrets = ["local-secret", "local-key", "sk-local", "links.invalid"];
    assert_eq!(leaks(&log, &secrets), [""; 0]);
    assert_eq!(told(&world.rows).await.unwrap(), [""; 0]);
}
