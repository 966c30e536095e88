//! Links: each checked once, told in every document concerned, forgotten when no article has them.

use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_links::{Check, DueLink, fetch_due, store_checks, sweep};
use shared::domain::{LinkState, TextHash};

use crate::stage::{Stage, at, json, linked, page};

const CUPS: &str = "https://cups.example/";
const LIDS: &str = "https://lids.example/";

fn check(url: &str, state: LinkState, next: jiff::Timestamp) -> Check {
    Check {
        hash: TextHash::of(url),
        state,
        status: Some(404),
        why: Some("is not there".to_owned()),
        strikes: 3,
        checked_at: at(0),
        next_check_at: next,
    }
}

const BROKEN: &str =
    "SELECT article_id, metadata->>'category', metadata->>'broken_links', metadata->>'conflict'
    FROM knowledge_documents ORDER BY article_id";

#[tokio::test]
async fn a_link_is_due_until_it_was_checked() {
    let Some(stage) = Stage::set("a_link_is_due").await else {
        return;
    };
    let worker = stage.worker().await;
    let both = [CUPS, LIDS];
    worker
        .store(&page([
            ("a", linked(stage.model, "a", &both)),
            ("b", linked(stage.model, "b", &[CUPS])),
        ]))
        .await;
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(5);
    let due = async |most| fetch_due(&stage.database, now, most).await.unwrap();
    let mut first = due(9).await;
    first.sort_by(|a, b| a.url.cmp(&b.url));
    let fresh = |url: &str| DueLink {
        hash: TextHash::of(url),
        url: url.to_owned(),
        state: LinkState::Unchecked,
        strikes: 0,
    };
    assert_eq!(first, both.map(fresh));
    assert_eq!(due(1).await.len(), 1);
    let later = now + jiff::SignedDuration::from_hours(1);
    let checks = [
        check(CUPS, LinkState::Fine, later),
        check(LIDS, LinkState::Unknown, now),
        check("https://strange.example/", LinkState::Broken, now),
    ];
    assert!(
        !store_checks(&worker.database, &worker.lease, &checks, false)
            .await
            .unwrap()
    );
    let left = due(9).await;
    assert_eq!(
        (left.len(), left[0].state, left[0].strikes),
        (1, LinkState::Unknown, 3)
    );
    // Stored again with an article, a link that is known stays as it is.
    worker
        .store(&page([("c", linked(stage.model, "c", &both))]))
        .await;
    assert_eq!(due(9).await, left);
    worker
        .store(&page([
            ("a", linked(stage.model, "a", &[CUPS])),
            ("b", ArticleChange::Gone),
            ("c", linked(stage.model, "c", &[])),
        ]))
        .await;
    assert_eq!(sweep(&worker.database, &worker.lease).await.unwrap(), 1);
    assert_eq!(stage.lines("SELECT url FROM knowledge_links").await, [CUPS]);
}

#[tokio::test]
async fn broken_links_stand_in_every_document_concerned() {
    let Some(stage) = Stage::set("broken_links_stand").await else {
        return;
    };
    let worker = stage.worker().await;
    let article = |name: &str, urls: &[&str]| linked(stage.model, name, urls);
    worker
        .store(&page([
            ("a", article("a", &[CUPS, LIDS])),
            ("b", article("b", &[CUPS])),
            ("c", article("c", &[LIDS])),
        ]))
        .await;
    let generation = stage.generation().await;
    let store = async |state, urls: &[&str]| {
        let checks: Vec<_> = urls.iter().map(|url| check(url, state, at(0))).collect();
        store_checks(&worker.database, &worker.lease, &checks, false)
            .await
            .unwrap()
    };
    assert!(store(LinkState::Broken, &[CUPS]).await);
    let cups = format!(r#"["{CUPS}"]"#);
    let expected = [
        format!("a cups {cups} -"),
        format!("b cups {cups} -"),
        "c cups - -".to_owned(),
    ];
    assert_eq!(stage.lines(BROKEN).await, expected);
    assert_eq!(stage.generation().await, generation + 1);
    assert!(
        !store(LinkState::Broken, &[CUPS]).await,
        "it was broken before"
    );
    assert_eq!(stage.generation().await, generation + 1);
    // An article that is stored anew knows at once which of its links are broken.
    assert!(!worker.store(&page([("b", article("b", &[CUPS]))])).await);
    assert!(worker.store(&page([("c", article("c", &[CUPS]))])).await);
    let flag = ArticleChange::Marked(Some(json(r#"{"kind":"older"}"#)));
    assert!(worker.store(&page([("c", flag)])).await);
    let both = format!(r#"["{CUPS}", "{LIDS}"]"#);
    assert!(store(LinkState::Broken, &[LIDS]).await);
    let expected = [
        format!("a cups {both} -"),
        format!("b cups {cups} -"),
        format!(r#"c cups {cups} {{"kind": "older"}}"#),
    ];
    assert_eq!(stage.lines(BROKEN).await, expected);
    assert!(store(LinkState::Fine, &[CUPS, LIDS]).await);
    let expected = ["a cups - -", "b cups - -", r#"c cups - {"kind": "older"}"#];
    assert_eq!(stage.lines(BROKEN).await, expected);
}
