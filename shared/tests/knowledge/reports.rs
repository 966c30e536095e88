//! What a run did and which conflicts are open, page by page; and every word of ours is one that the database takes.

use shared::db::knowledge_changes::{self, NewChange};
use shared::db::knowledge_conflicts::{NewConflict, expire, fetch_open};
use shared::domain::{
    ArticleState, Change, ConflictKind, ConflictPolicy, LinkState, RunKind, RunState, TextHash,
};

use crate::stage::{Stage, at, id, json, live, page};

fn conflict(kind: ConflictKind, policy: ConflictPolicy, remote: &str) -> NewConflict {
    NewConflict {
        article: id("a"),
        kind,
        policy,
        local: json(r#"{"version":7}"#),
        remote: json(r#"{"version":6}"#),
        local_hash: TextHash::of("ours"),
        remote_hash: TextHash::of(remote),
    }
}

#[tokio::test]
async fn a_report_is_read_page_by_page() {
    let Some(stage) = Stage::set("a_report_is_read").await else {
        return;
    };
    let worker = stage.worker().await;
    let line = |article: Option<&str>, change| NewChange {
        article: article.map(id),
        change,
        detail: Some(json(r#"{"title":"Cups"}"#)),
    };
    let mut next = page([]);
    next.changes = Change::ALL
        .iter()
        .map(|change| line(Some("a"), *change))
        .collect();
    next.changes.push(line(None, Change::Flawed));
    worker.store(&next).await;
    next.changes = vec![
        line(Some("a"), Change::Conflict),
        line(Some("b"), Change::Conflict),
        line(None, Change::Flawed),
        NewChange {
            detail: Some(json(r#"{"title":"Plates"}"#)),
            ..line(None, Change::Flawed)
        },
    ];
    worker.store(&next).await;
    let (mut told, mut after) = (Vec::new(), None);
    loop {
        let page = knowledge_changes::fetch(&stage.database, worker.run, after, 4).await;
        let page = page.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        told.extend(page);
    }
    let changes: Vec<_> = told.iter().map(|line| line.change).collect();
    let others = [Change::Flawed, Change::Conflict, Change::Flawed];
    let expected = [Change::ALL, &others].concat();
    assert_eq!(
        changes, expected,
        "the same of the same article is told once"
    );
    assert_eq!(told[8].article, None);
    let json = serde_json::to_value(&told[0]).unwrap();
    assert_eq!(
        (&json["article"], &json["change"]),
        (&"a".into(), &"added".into())
    );
    assert_eq!(json["detail"]["title"], "Cups");
}

#[tokio::test]
async fn a_conflict_is_recorded_once_and_open_while_our_side_stands() {
    let Some(stage) = Stage::set("a_conflict_is_recorded").await else {
        return;
    };
    let worker = stage.worker().await;
    let ours = || live(stage.model, "ours");
    let mut next = page([("a", ours())]);
    let all = ConflictKind::ALL.iter().zip(ConflictPolicy::ALL);
    next.conflicts = all
        .map(|(kind, policy)| conflict(*kind, *policy, "x"))
        .collect();
    worker.store(&next).await;
    next.conflicts
        .push(conflict(ConflictKind::Older, ConflictPolicy::Skip, "y"));
    worker.store(&next).await;
    let open = async |after, most| fetch_open(&stage.database, after, most).await.unwrap();
    let first = open(None, 3).await;
    let kinds: Vec<_> = first.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, ConflictKind::ALL);
    let rest = open(first.last().map(|one| one.id), 9).await;
    assert_eq!(rest.len(), 1);
    let json = serde_json::to_value(&rest[0]).unwrap();
    assert_eq!(
        (&json["article"], &json["policy"]),
        (&"a".into(), &"skip".into())
    );
    assert_eq!(
        (&json["local"]["version"], &json["remote"]["version"]),
        (&7.into(), &6.into())
    );
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let expired = async |before, most| expire(&stage.database, before, most).await.unwrap();
    assert_eq!(expired(later, 9).await, 0, "what is open stays");
    worker
        .store(&page([("a", live(stage.model, "theirs"))]))
        .await;
    assert_eq!(open(None, 9).await.len(), 0, "another side took its place");
    assert_eq!(
        stage
            .number("SELECT count(*) FROM knowledge_conflicts")
            .await,
        4
    );
    assert_eq!(expired(at(0), 9).await, 0, "what is not old stays");
    assert_eq!((expired(later, 3).await, expired(later, 3).await), (3, 1));
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<String> {
    let mut words: Vec<_> = all.iter().map(|one| word(*one).to_owned()).collect();
    words.sort();
    words
}

#[tokio::test]
async fn every_word_is_one_that_the_database_takes() {
    let Some(stage) = Stage::set("every_word").await else {
        return;
    };
    for (column, ours) in [
        ("runs.kind", words(RunKind::ALL, RunKind::as_str)),
        ("runs.state", words(RunState::ALL, RunState::as_str)),
        (
            "articles.state",
            words(ArticleState::ALL, ArticleState::as_str),
        ),
        ("links.state", words(LinkState::ALL, LinkState::as_str)),
        (
            "conflicts.kind",
            words(ConflictKind::ALL, ConflictKind::as_str),
        ),
        (
            "conflicts.policy",
            words(ConflictPolicy::ALL, ConflictPolicy::as_str),
        ),
        ("changes.change", words(Change::ALL, Change::as_str)),
    ] {
        let (table, name) = column.split_once('.').unwrap();
        let check = format!(
            "SELECT m[1] FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum],
                regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_-]+)''', 'g') m
            WHERE c.conrelid = 'knowledge_{table}'::regclass AND c.contype = 'c' AND a.attname = '{name}' ORDER BY m[1] COLLATE \"C\""
        );
        assert_eq!(stage.lines(&check).await, ours, "{column}");
    }
}
