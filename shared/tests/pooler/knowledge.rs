//! What a sync of the knowledge base asks of the database, from end to end.

use shared::db::knowledge::{ArticleChange, store_page};
use shared::db::knowledge_articles;
use shared::db::knowledge_links::{Check, fetch_due, store_checks, sweep};
use shared::db::knowledge_runs::{self, Ending};
use shared::db::knowledge_seen::{count_missing, fetch_missing};
use shared::db::knowledge_sync::{Lease, fetch_watermark, release, take_lease};
use shared::db::knowledge_vectors::{Graph, ensure_graph};
use shared::db::search::{Filter, Snapshot};
use shared::db::words::Words;
use shared::db::{
    Database, knowledge_changes, knowledge_chunks, knowledge_conflicts, knowledge_vectors,
    vector_segments,
};
use shared::domain::Locale;
use shared::domain::query::{KnowledgeQuery, LanguageChain};
use shared::domain::{LinkState, RunKind, RunState};
use shared::text::terms::Analysis;

use crate::articles;
use crate::stage::space;

/// Everything that a sync asks of the database, once.
pub(crate) async fn sync(database: &Database, turn: usize) {
    let model = vector_segments::open(database, &space("one")).await;
    let model = model.unwrap();
    let lease = take_lease(database, articles::LONG).await.unwrap().unwrap();
    assert!(
        take_lease(database, articles::LONG)
            .await
            .unwrap()
            .is_none()
    );
    let run = knowledge_runs::schedule(database, RunKind::Reconcile).await;
    let run = run.unwrap().unwrap();
    let next = knowledge_runs::next(database, &lease).await.unwrap();
    assert_eq!(next.unwrap().id, run);
    let (name, url) = (
        format!("article-{turn}"),
        format!("https://cups.example/{turn}"),
    );
    let asked = [articles::id(&name)];
    assert!(
        knowledge_articles::fetch_known(database, &asked)
            .await
            .unwrap()[0]
            .is_none()
    );
    let change = articles::linked(model, &name, &[&url]);
    let mut page = articles::page([(&name, change)]);
    page.seen.extend(asked.clone());
    assert!(store_page(database, &lease, run, &page).await.unwrap());
    let chunks = knowledge_chunks::fetch(database, &asked).await.unwrap();
    let known = [chunks[0].hash];
    let known = knowledge_vectors::fetch_known(database, model, &known, articles::DIMENSIONS);
    assert_eq!(known.await.unwrap(), [Some(articles::vector(&name))]);
    check_links(database, &lease).await;
    search(database, &name).await;
    let missing = fetch_missing(database, run, None, 9).await.unwrap();
    let census = count_missing(database, run).await.unwrap();
    assert_eq!((missing.len(), census.live), (0, 1));
    let gone = articles::page([(&name, ArticleChange::Gone)]);
    assert!(store_page(database, &lease, run, &gone).await.unwrap());
    assert_eq!(sweep(database, &lease).await.unwrap(), 1);
    let ending = Ending {
        state: RunState::Done,
        counts: articles::json("{}"),
        error: None,
        watermark: Some(articles::at(0)),
    };
    knowledge_runs::finish(database, &lease, run, &ending)
        .await
        .unwrap();
    assert!(fetch_watermark(database).await.unwrap().is_some());
    knowledge_changes::fetch(database, run, None, 9)
        .await
        .unwrap();
    knowledge_conflicts::fetch_open(database, None, 9)
        .await
        .unwrap();
    assert!(
        knowledge_runs::fetch(database, run)
            .await
            .unwrap()
            .is_some()
    );
    release(database, lease).await.unwrap();
}

async fn check_links(database: &Database, lease: &Lease) {
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(60);
    let due = fetch_due(database, later, 9).await.unwrap();
    let check = Check {
        hash: due[0].hash,
        state: LinkState::Broken,
        status: None,
        why: None,
        strikes: 3,
        checked_at: later,
        next_check_at: later,
    };
    assert!(
        store_checks(database, lease, &[check], false)
            .await
            .unwrap()
    );
}

/// A question on both legs, with every filter.
async fn search(database: &Database, text: &str) {
    assert_eq!(
        ensure_graph(database, 1_000).await.unwrap(),
        Graph::NotNeeded
    );
    let body = format!(
        r#"{{"query": "{text}", "language": "en-GB", "categories": ["cups"], "modified_from": "2026-01-01T00:00:00Z"}}"#
    );
    let query = KnowledgeQuery::parse(body.as_bytes()).unwrap();
    let chain = LanguageChain::of(
        query.language.as_ref().unwrap(),
        &Locale::parse("en").unwrap(),
    );
    let filter = Filter::of_knowledge(&query, Some(&chain));
    let mut connection = database.connection().await.unwrap();
    let snapshot = Snapshot::begin(database, &mut connection).await.unwrap();
    let few = snapshot.few(&filter).await.unwrap().unwrap();
    assert_eq!(few.len(), 1);
    let question = articles::vector(text);
    let near = snapshot.nearest(&filter, Some(&few), &question, 9).await;
    assert!((near.unwrap()[0].cosine - 1.0).abs() < 1e-6);
    let words = [Words::count(text, Analysis::English)];
    let counts = snapshot.word_counts(&filter).await.unwrap();
    let hits = snapshot.words(&counts, &words).await.unwrap();
    assert_eq!(hits[0].statistics.documents, 1);
    assert_eq!(snapshot.passing(&filter, &few, 9).await.unwrap(), few);
    let near = snapshot.cosines(&filter, &few, &question).await.unwrap();
    assert!((near[0].cosine - 1.0).abs() < 1e-6);
    assert_eq!(snapshot.pieces(&few).await.unwrap()[0].doc, few[0]);
    let rows = snapshot.knowledge_rows(&few).await.unwrap();
    assert_eq!(rows[0].text, text);
    snapshot.end().await.unwrap();
}
