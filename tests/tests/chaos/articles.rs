//! Articles: what search reads is, in the end, what CXone has, as a fresh database would have it.

use std::sync::Arc;
use std::time::Duration;

use cxone_simulator::Revision;
use serde_json::json;
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::testing::TestDatabase;
use tokio::task::JoinSet;
use tokio_postgres::Client;

use crate::environment::Environment;
use crate::pump::tick;
use crate::world::World;

const ARTICLES: usize = 40;
/// More than these are not removed: a run that finds too many gone waits for somebody who says that it is right.
const MOST_REMOVED: usize = 5;

/// The knowledge base, and a first run, so that there is something to show.
pub(crate) async fn stock(world: &Arc<World>) {
    world.simulator.knowledge().seed(world.seed, ARTICLES);
    run(world, Environment::new(world, "knowledge-sync", 0), "sync").await;
}

pub(crate) fn work(world: &Arc<World>, workers: &mut JoinSet<()>) {
    for number in [1, 2] {
        workers.spawn(tick(Arc::clone(world), "knowledge-sync", number, "sync"));
    }
}

/// Changes articles until the traffic ends.
pub(crate) async fn edit(world: Arc<World>) {
    let mut random = world.random(4);
    let knowledge = world.simulator.knowledge();
    let (mut number, mut removed) = (0, 0);
    while world.rages() {
        number += 1;
        let articles = knowledge.list();
        let uuid = &articles[random.usize(..articles.len())].uuid;
        let content = format!("<p>Change {number}: new cups.</p>");
        let revision = Revision::of_content("en-US", &content);
        let changed = match random.u32(..20) {
            0 if removed < MOST_REMOVED => {
                removed += 1;
                knowledge.delete(uuid)
            }
            1 => knowledge.unpublish(uuid),
            2 => knowledge.move_to_territory(uuid, "CA"),
            _ => knowledge.edit(uuid, revision),
        };
        changed.unwrap();
        tokio::time::sleep(Duration::from_millis(random.u64(100..900))).await;
    }
}

/// What search would read.
async fn contents(rows: &Client) -> Vec<(String, String, String)> {
    let sql = "SELECT d.article_id, d.locale, string_agg(c.text_content, '|' ORDER BY c.chunk)
        FROM knowledge_documents d JOIN knowledge_chunks c ON c.document_id = d.id GROUP BY d.id ORDER BY 1, 2";
    let rows = rows.query(sql, &[]).await.unwrap();
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

/// One run that ends well; what passes is tried again.
async fn run(world: &World, mut sync: Environment, task: &str) {
    for _ in 0..10 {
        let report = sync.invoke(&json!({ "task": task })).await;
        if report.is_some_and(|report| report["runs"][0]["state"] == "done") {
            return;
        }
    }
    panic!("no {task} ends:\n{}", world.logged(sync.slot()));
}

pub(crate) async fn check(world: &Arc<World>) {
    run(
        world,
        Environment::new(world, "knowledge-sync", 3),
        "reconcile",
    )
    .await;
    let fresh = TestDatabase::create("chaos, afresh").await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    migrate(&fresh.database().unwrap(), MIGRATIONS, deadline)
        .await
        .unwrap();
    run(
        world,
        Environment::beside(world, "knowledge-sync", &fresh.url),
        "sync",
    )
    .await;
    let found = contents(&world.rows().await).await;
    let wanted = contents(&fresh.bystander().await.unwrap()).await;
    world.history.demand(
        found == wanted,
        &["articles"],
        format!("{found:?}\n{wanted:?}"),
    );
    println!("{} documents are as they should be", found.len());
}
