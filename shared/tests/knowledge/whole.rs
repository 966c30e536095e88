//! A page is stored whole or not at all, whatever ends it.

use std::time::Duration;

use shared::Kind;
use shared::db::knowledge::{ArticleChange, PageChanges, store_page};
use shared::db::knowledge_changes::NewChange;
use shared::db::knowledge_conflicts::NewConflict;
use shared::domain::{Change, ConflictKind, ConflictPolicy, RunId, TextHash};

use crate::stage::{Stage, id, json, linked, live, page};

/// A page that touches every table.
fn full(stage: &Stage) -> PageChanges {
    PageChanges {
        conflicts: vec![NewConflict {
            article: id("a"),
            kind: ConflictKind::Older,
            policy: ConflictPolicy::Skip,
            local: json("{}"),
            remote: json("{}"),
            local_hash: TextHash::of("ours"),
            remote_hash: TextHash::of("theirs"),
        }],
        changes: vec![NewChange {
            article: Some(id("a")),
            change: Change::Updated,
            detail: None,
        }],
        seen: vec![id("a"), id("b"), id("c")],
        pass: 1,
        ..page([
            (
                "a",
                linked(stage.model, "two new", &["https://new.example/"]),
            ),
            ("b", ArticleChange::Gone),
            ("c", live(stage.model, "three")),
        ])
    }
}

async fn begin(stage: &Stage) -> crate::stage::Worker {
    let worker = stage.worker().await;
    let first = page([
        (
            "a",
            linked(stage.model, "one two", &["https://old.example/"]),
        ),
        ("b", live(stage.model, "b")),
    ]);
    worker.store(&first).await;
    worker
}

#[tokio::test]
async fn a_bad_row_in_the_middle_leaves_everything_as_it_was() {
    let Some(stage) = Stage::set("a_bad_row").await else {
        return;
    };
    let worker = begin(&stage).await;
    let before = stage.everything().await;
    let mut bad = full(&stage);
    if let Some(ArticleChange::Live { documents, .. }) = bad.articles.get_mut(&id("c")) {
        let document = documents.values_mut().next().unwrap();
        document.chunks[0].text = "a text with \0 in it".to_owned();
    }
    let stored = store_page(&worker.database, &worker.lease, worker.run, &bad).await;
    assert_eq!(stored.unwrap_err().kind(), Kind::Invalid);
    assert_eq!(stage.everything().await, before);
    let strange = store_page(
        &worker.database,
        &worker.lease,
        RunId::generate(),
        &full(&stage),
    )
    .await;
    assert_eq!(strange.unwrap_err().kind(), Kind::Conflict, "no such run");
    assert_eq!(stage.everything().await, before);
    assert!(worker.store(&full(&stage)).await);
    assert_ne!(stage.everything().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_killed_stores_nothing_by_halves() {
    let Some(stage) = Stage::set("a_killed_page").await else {
        return;
    };
    let worker = std::sync::Arc::new(begin(&stage).await);
    let before = stage.everything().await;
    let holder = stage.test.bystander().await.unwrap();
    for table in crate::stage::TABLES {
        let lock = format!("BEGIN; LOCK TABLE {table} IN SHARE MODE");
        holder.batch_execute(&lock).await.unwrap();
        let (page, worker) = (full(&stage), worker.clone());
        let storing = tokio::spawn(async move {
            store_page(&worker.database, &worker.lease, worker.run, &page).await
        });
        let kill = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while stage.number(kill).await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let error = storing.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), Kind::Transient, "{table}: {}", error.chain());
        holder.batch_execute("COMMIT").await.unwrap();
        assert_eq!(stage.everything().await, before, "{table}");
    }
    assert!(worker.store(&full(&stage)).await);
}
