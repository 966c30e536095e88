//! A run's report: complete, page by page, whatever its state.

use serde_json::{Value, json};

use crate::world::{World, json_of};

const RUN: &str = "019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30";

/// A run that is over, with this many changes and conflicts.
async fn write(world: &World, changes: i32, conflicts: i32) {
    let run = "INSERT INTO knowledge_runs (id, kind, state, accept_removals, started_at, finished_at, counts, error)
        VALUES ($1::text::uuid, 'reconcile', 'held', false, now(), now(), '{\"listed\": 7}', 'too many would go')";
    world.rows.execute(run, &[&RUN]).await.unwrap();
    let lines = "INSERT INTO knowledge_changes (run_id, article_id, change, detail)
        SELECT $1::text::uuid, 'a-' || n, 'added', '{\"n\": 1}' FROM generate_series(1, $2) AS n";
    world.rows.execute(lines, &[&RUN, &changes]).await.unwrap();
    let articles =
        "INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as)
        SELECT 'a-' || n, 'live', now(), sha256('ours'), '' FROM generate_series(1, $1) AS n";
    world.rows.execute(articles, &[&conflicts]).await.unwrap();
    let sides = "INSERT INTO knowledge_conflicts (article_id, kind, policy, local, remote, local_hash, remote_hash, run_id)
        SELECT 'a-' || n, 'older', 'skip', '{\"version\": 2}', '{\"version\": 1}', sha256('ours'), sha256('theirs'), $1::text::uuid
        FROM generate_series(1, $2) AS n";
    world
        .rows
        .execute(sides, &[&RUN, &conflicts])
        .await
        .unwrap();
}

/// Every page, from the first to the last.
async fn read(world: &World) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut next = Some(format!("/knowledge/runs/{RUN}?"));
    while let Some(url) = next {
        let (path, query) = url.split_once('?').unwrap();
        let response = world.ask("GET", path, query).await;
        assert_eq!(response.status_code, 200, "{}", response.body);
        let page = json_of(&response);
        next = page["next"].as_str().map(str::to_owned);
        pages.push(page);
        assert!(pages.len() < 10, "it ends");
    }
    pages
}

fn articles(pages: &[Value], list: &str) -> Vec<String> {
    let lines = pages.iter().flat_map(|page| page[list].as_array().unwrap());
    lines
        .map(|line| line["article"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_line_is_told_once_and_in_order() {
    for (changes, conflicts, count) in [(0, 0, 1), (99, 3, 1), (250, 101, 3), (5, 201, 3)] {
        let Some(world) = World::start("every_line_is_told_once").await else {
            return;
        };
        write(&world, changes, conflicts).await;
        let pages = read(&world).await;
        let named = |count| -> Vec<_> { (1..=count).map(|n| format!("a-{n}")).collect() };
        assert_eq!(articles(&pages, "changes"), named(changes));
        assert_eq!(articles(&pages, "conflicts"), named(conflicts));
        assert_eq!(pages.len(), count, "{changes} {conflicts}");
    }
}

#[tokio::test]
async fn a_run_that_is_held_says_why() {
    let Some(world) = World::start("a_run_that_is_held").await else {
        return;
    };
    write(&world, 1, 1).await;
    let report = read(&world).await.remove(0);
    for (field, expected) in [
        ("run_id", json!(RUN)),
        ("kind", json!("reconcile")),
        ("state", json!("held")),
        ("accept_removals", json!(false)),
        ("counts", json!({ "listed": 7 })),
        ("error", json!("too many would go")),
        ("broken_links", json!({ "count": 0, "links": [] })),
        ("next", Value::Null),
    ] {
        assert_eq!(report[field], expected, "{field}");
    }
    assert!(report["finished_at"].is_string() && report["requested_at"].is_string());
    assert_eq!(report["changes"][0]["detail"], json!({ "n": 1 }));
    assert_eq!(report["conflicts"][0]["remote"], json!({ "version": 1 }));
    assert_eq!(report["conflicts"][0]["run"], RUN);
}

#[tokio::test]
async fn broken_links_are_told_with_the_articles_that_have_them() {
    let Some(world) = World::start("broken_links_are_told").await else {
        return;
    };
    write(&world, 0, 2).await;
    let links = "INSERT INTO knowledge_links (url_hash, url, state, status, why)
        SELECT sha256(url::bytea), url, state, 404, 'is not there' FROM (VALUES
            ('https://lids.example/', 'broken'), ('https://cups.example/', 'broken'), ('https://fine.example/', 'fine')) AS l (url, state)";
    world.rows.execute(links, &[]).await.unwrap();
    let ties = "INSERT INTO knowledge_article_links (article_id, url_hash)
        SELECT id, sha256('https://lids.example/') FROM knowledge_articles";
    world.rows.execute(ties, &[]).await.unwrap();
    let report = read(&world).await.remove(0);
    let link = |url: &str, articles: &[&str]| json!({ "url": url, "status": 404, "why": "is not there", "articles": articles });
    let expected = [
        link("https://cups.example/", &[]),
        link("https://lids.example/", &["a-1", "a-2"]),
    ];
    assert_eq!(
        report["broken_links"],
        json!({ "count": 2, "links": expected })
    );
}
