//! What no listing of a run named, and nothing else, may go.

use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_seen::{Census, count_missing, fetch_missing};
use shared::domain::RunId;

use crate::stage::{Stage, article, id, live, page};

#[tokio::test]
async fn only_articles_that_no_pass_named_are_missing() {
    let Some(stage) = Stage::set("only_live_articles").await else {
        return;
    };
    let worker = stage.worker().await;
    let of = |text| live(stage.model, text);
    worker
        .store(&page([
            ("a", of("a")),
            ("b", of("b")),
            ("c", of("c")),
            ("d", of("d")),
            ("draft", ArticleChange::LeftOut(article("draft"))),
            ("gone", of("gone")),
        ]))
        .await;
    worker.store(&page([("gone", ArticleChange::Gone)])).await;
    let missing = async |run, after: Option<&str>, most| {
        let after = after.map(id);
        let missing = fetch_missing(&stage.database, run, after.as_ref(), most).await;
        let names = missing.unwrap().into_iter().map(String::from);
        names.collect::<Vec<_>>()
    };
    let (run, other) = (worker.run, RunId::generate());
    assert_eq!(missing(run, None, 9).await, ["a", "b", "c", "d", "draft"]);
    let listed = |pass, names: &[&str]| {
        let mut next = page([]);
        (next.pass, next.seen) = (pass, names.iter().map(|name| id(name)).collect());
        next
    };
    worker.store(&listed(1, &["a", "a", "new"])).await;
    worker.store(&listed(1, &["a"])).await;
    assert_eq!(missing(run, None, 2).await, ["b", "c"]);
    assert_eq!(missing(run, Some("c"), 2).await, ["d", "draft"]);
    worker.store(&listed(2, &["a", "c"])).await;
    assert_eq!(missing(run, None, 9).await, ["b", "d", "draft"]);
    assert_eq!(missing(other, None, 9).await.len(), 5, "of another run");
    let census = count_missing(&stage.database, run).await.unwrap();
    assert_eq!(
        census,
        Census {
            live: 4,
            missing: 2,
            missing_left_out: 1
        }
    );
    let census = count_missing(&stage.database, other).await.unwrap();
    assert_eq!(
        census,
        Census {
            live: 4,
            missing: 4,
            missing_left_out: 1
        }
    );
}
