//! On twenty thousand articles the statements that every page costs go by an index.

use shared::db::knowledge_articles::fetch_known;
use shared::db::knowledge_changes::NewChange;
use shared::db::knowledge_links::{Check, fetch_due, store_checks};
use shared::db::knowledge_seen::fetch_missing;
use shared::db::{knowledge_changes, knowledge_chunks, knowledge_vectors};
use shared::domain::{ArticleId, Change, LinkState, TextHash};

use crate::stage::{DIMENSIONS, Stage, article, at, id, linked, page};
use shared::db::knowledge::ArticleChange;

const FILL: &str = "
    INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as)
    SELECT 'article-' || n, 'live', now(), sha256(n::text::bytea), 'settings' FROM generate_series(1, 20000) n;
    INSERT INTO knowledge_documents (article_id, locale, title, metadata)
    SELECT id, 'en-US', 'About ' || id, '{\"category\": \"cups\"}' FROM knowledge_articles;
    INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash)
    SELECT id, number, 'Cups', 'text ' || id || number, sha256((id || '-' || number)::bytea)
    FROM knowledge_documents, generate_series(0, 2) number;
    INSERT INTO knowledge_vectors SELECT id, 1, '[1,2,3,4]' FROM knowledge_chunks;
    INSERT INTO knowledge_links (url_hash, url, next_check_at)
    SELECT sha256(url::bytea), url, now() - n * interval '1 minute'
    FROM generate_series(1, 20000) n, format('https://cups.example/%s', n) url;
    INSERT INTO knowledge_article_links SELECT 'article-' || n, sha256(format('https://cups.example/%s', n)::bytea)
    FROM generate_series(1, 20000) n;
    INSERT INTO knowledge_runs (id, kind, state, accept_removals, requested_at, finished_at)
    SELECT gen_random_uuid(), 'incremental', 'done', false, now(), now() - n * interval '1 minute' FROM generate_series(1, 5000) n;
    INSERT INTO knowledge_changes (run_id, article_id, change)
    SELECT id, 'article-' || n, 'updated' FROM (SELECT id FROM knowledge_runs LIMIT 100) r, generate_series(1, 200) n;
    INSERT INTO knowledge_seen SELECT id, 'article-' || n, 1
    FROM (SELECT id FROM knowledge_runs LIMIT 1) r, generate_series(1, 20000) n;
    INSERT INTO knowledge_conflicts (article_id, kind, policy, local, remote, local_hash, remote_hash, run_id)
    SELECT 'article-' || n, 'older', 'skip', '{}', '{}', sha256('ours'), sha256('theirs'), gen_random_uuid()
    FROM generate_series(1, 20000) n;
    ANALYZE";

const READ: &str = "SELECT relname::text, seq_tup_read FROM pg_stat_user_tables
    WHERE relname LIKE 'knowledge\\_%' AND relname <> 'knowledge_sync'";

#[tokio::test]
async fn nothing_reads_a_large_table_from_end_to_end() {
    let Some(stage) = Stage::set("no_page_reads_a_large_table").await else {
        return;
    };
    stage.bystander.batch_execute(FILL).await.unwrap();
    let before = counts(&stage).await;
    let worker = stage.worker().await;
    let database = &worker.database;
    let asked: Vec<ArticleId> = (1..=100)
        .map(|number| id(&format!("article-{number}")))
        .collect();
    let known = fetch_known(database, &asked).await.unwrap();
    assert_eq!(known.iter().flatten().count(), 100);
    let chunks = knowledge_chunks::fetch(database, &asked).await.unwrap();
    assert_eq!(chunks.len(), 300);
    let hashes: Vec<TextHash> = chunks.iter().map(|chunk| chunk.hash).collect();
    let vectors = knowledge_vectors::fetch_known(database, stage.model, &hashes, DIMENSIONS);
    assert_eq!(vectors.await.unwrap().iter().flatten().count(), 300);
    let mut next = page([]);
    let new = |id: &ArticleId| {
        (
            id.clone(),
            linked(stage.model, "one two", &["https://new.example/"]),
        )
    };
    next.articles = asked.iter().map(new).collect();
    next.articles.insert(id("article-500"), ArticleChange::Gone);
    next.articles
        .insert(id("article-501"), ArticleChange::LeftOut(article("draft")));
    next.articles
        .insert(id("article-502"), ArticleChange::Marked(None));
    next.changes = vec![NewChange {
        article: Some(id("article-1")),
        change: Change::Updated,
        detail: None,
    }];
    next.seen.clone_from(&asked);
    assert!(worker.store(&next).await);
    let missing = fetch_missing(database, worker.run, Some(&id("article-19990")), 5).await;
    assert_eq!(missing.unwrap().len(), 5);
    let report = knowledge_changes::fetch(database, worker.run, None, 10).await;
    assert_eq!(report.unwrap().len(), 1);
    let due = fetch_due(database, jiff::Timestamp::now(), 50)
        .await
        .unwrap();
    let check = |url_hash| Check {
        hash: url_hash,
        state: LinkState::Broken,
        status: Some(404),
        why: None,
        strikes: 3,
        checked_at: at(0),
        next_check_at: at(0),
    };
    let checks: Vec<_> = due.iter().map(|link| check(link.hash)).collect();
    assert!(
        store_checks(database, &worker.lease, &checks, false)
            .await
            .unwrap()
    );
    drop(worker);
    stage.until_alone().await;
    assert_eq!(
        counts(&stage).await,
        before,
        "rows read by sequential scans"
    );
}

/// What sequential scans read, of everybody who has gone.
async fn counts(stage: &Stage) -> Vec<(String, i64)> {
    let flush = "SELECT pg_stat_force_next_flush()";
    stage.bystander.batch_execute(flush).await.unwrap();
    let rows = stage.bystander.query_typed(READ, &[]).await.unwrap();
    let mut counts: Vec<_> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    counts.sort();
    counts
}
