//! Articles: what search reads is, in the end, what CXone has, and as a fresh database would have it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cxone_simulator::{Article, Locale, Revision, Status};
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

const LANGUAGE: &str = "en-US";
/// What every edit begins with, and nothing else says.
const EDITED: &str = "Edition of cups";

/// The knowledge base, and a first run, so that there is something to show.
pub(crate) async fn stock(world: &Arc<World>) {
    world.simulator.knowledge().seed(world.seed, ARTICLES);
    run(world, Environment::new(world, "knowledge-sync", 0), "sync").await;
}

pub(crate) fn work(world: &Arc<World>, workers: &mut JoinSet<()>) {
    for (number, task) in [(1, "sync"), (2, "reconcile")] {
        workers.spawn(tick(Arc::clone(world), "knowledge-sync", number, task));
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
        let content = format!("<p>{EDITED} {number}.</p>");
        let revision = Revision::of_content(LANGUAGE, &content);
        let (told, changed) = match random.u32(..20) {
            0..2 if removed < MOST_REMOVED => {
                removed += 1;
                ("deleted".to_owned(), knowledge.delete(uuid))
            }
            2 => ("unpublished".to_owned(), knowledge.unpublish(uuid)),
            3 => ("moved".to_owned(), knowledge.move_to_territory(uuid, "CA")),
            _ => (format!("says {content}"), knowledge.edit(uuid, revision)),
        };
        world.history.tell(uuid, told);
        changed.unwrap();
        tokio::time::sleep(Duration::from_millis(random.u64(100..900))).await;
    }
}

/// What is kept of an article: whether search finds it, its version, its titles and its texts by language.
#[derive(Debug)]
struct Kept {
    is_live: bool,
    version: Option<i64>,
    documents: BTreeMap<String, (String, String)>,
}

async fn kept(rows: &Client) -> BTreeMap<String, Kept> {
    let sql = "SELECT a.id, a.state = 'live', a.version, d.locale, d.title, string_agg(c.text_content, '|' ORDER BY c.chunk)
        FROM knowledge_articles a LEFT JOIN knowledge_documents d ON d.article_id = a.id LEFT JOIN knowledge_chunks c ON c.document_id = d.id
        GROUP BY a.id, d.id";
    let mut kept = BTreeMap::new();
    for row in rows.query(sql, &[]).await.unwrap() {
        let one = kept.entry(row.get(0)).or_insert_with(|| Kept {
            is_live: row.get(1),
            version: row.get(2),
            documents: BTreeMap::new(),
        });
        if let Some(locale) = row.get::<_, Option<String>>(3) {
            let text = row.get::<_, Option<String>>(5).unwrap_or_default();
            one.documents.insert(locale, (row.get(4), text));
        }
    }
    kept
}

/// Whether it is kept as CXone has it. What an edit said must be there once, and nothing of the edits before it.
fn is_as_in_cxone(article: &Article, kept: Option<&Kept>) -> bool {
    if article.status != Status::Published {
        return kept.is_none_or(|kept| !kept.is_live && kept.documents.is_empty());
    }
    let Some(kept) = kept else {
        return false;
    };
    let is_same = |(language, locale): (&String, &Locale)| {
        kept.documents.get(language).is_some_and(|(title, text)| {
            let edited = locale.content.strip_prefix("<p>");
            let edited = edited.filter(|text| text.starts_with(EDITED));
            let is_edit = edited.and_then(|text| text.strip_suffix("</p>"));
            let says = |edit: &str| text.contains(edit) && text.matches(EDITED).count() == 1;
            *title == locale.title && is_edit.is_none_or(says)
        })
    };
    kept.is_live
        && kept.version == i64::try_from(article.version).ok()
        && kept.documents.len() == article.locales.len()
        && article.locales.iter().all(is_same)
}

/// Every article that CXone has is kept as it is there. This owes nothing to the code under test.
async fn compare(world: &World, rows: &Client) -> BTreeMap<String, Kept> {
    let mut kept = kept(rows).await;
    for article in world.simulator.knowledge().list() {
        let one = kept.remove(&article.uuid);
        let holds = is_as_in_cxone(&article, one.as_ref());
        let (status, version) = (article.status, article.version);
        let what = format!("CXone has version {version}, {status:?}; kept is {one:?}");
        world.history.demand(holds, &[&article.uuid], what);
    }
    kept
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
    let rows = world.rows().await;
    // Of what was edited nothing waits for the whole to be compared. A run that was begun before the calm is ended first.
    for task in ["sync", "sync", "reconcile", "reconcile"] {
        run(world, Environment::new(world, "knowledge-sync", 3), task).await;
        let gone = compare(world, &rows).await;
        if task == "reconcile" {
            for (id, one) in &gone {
                let holds = !one.is_live && one.documents.is_empty();
                let what = format!("CXone has it no more; kept is {one:?}");
                world.history.demand(holds, &[id], what);
            }
        }
    }
    let torn = "knowledge_chunks c WHERE (SELECT count(*) FROM knowledge_vectors v WHERE v.chunk_id = c.id) <> 1";
    assert_eq!(
        world.count(torn).await,
        Some(0),
        "texts without their vector"
    );
    compare_with_afresh(world, &rows).await;
}

/// A database that never saw the storm would show the same.
async fn compare_with_afresh(world: &Arc<World>, rows: &Client) {
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
    let found = contents(rows).await;
    let wanted = contents(&fresh.bystander().await.unwrap()).await;
    world.history.demand(
        found == wanted,
        &["articles"],
        format!("{found:?}\n{wanted:?}"),
    );
    println!("{} documents are as they should be", found.len());
}
