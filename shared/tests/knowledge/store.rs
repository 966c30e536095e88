//! What a page leaves behind, and what search can see of it.

use std::sync::Arc;

use shared::db::knowledge::ArticleChange;
use shared::db::knowledge_articles::fetch_known;
use shared::db::{knowledge_chunks, knowledge_vectors, vector_segments};
use shared::domain::{ArticleState, Locale, TextHash};
use shared::testing::stage::space;

use crate::stage::{DIMENSIONS, Stage, article, at, document, id, json, live, page, vector};

#[tokio::test]
async fn an_article_is_known_by_what_was_stored() {
    let Some(stage) = Stage::set("an_article_is_known").await else {
        return;
    };
    let worker = stage.worker().await;
    let mut draft = article("draft");
    (draft.version, draft.modified) = (None, at(60));
    let first = page([
        ("a", live(stage.model, "one two")),
        ("d", ArticleChange::LeftOut(draft)),
    ]);
    assert!(worker.store(&first).await);
    worker
        .store(&page([(
            "a",
            ArticleChange::Marked(Some(json("{\"kind\": \"older\"}"))),
        )]))
        .await;
    let asked = ["strange", "d", "a", "d"].map(id);
    let known = fetch_known(&stage.database, &asked).await.unwrap();
    assert!(known[0].is_none());
    let (left, stands) = (known[1].as_ref().unwrap(), known[2].as_ref().unwrap());
    assert_eq!(left.state, ArticleState::LeftOut);
    assert_eq!((left.version, left.modified), (None, at(60)));
    assert_eq!(stands.state, ArticleState::Live);
    assert_eq!((stands.version, stands.modified), (Some(7), at(0)));
    assert_eq!(stands.content_hash, TextHash::of("one two"));
    assert_eq!(stands.rendered_as, "settings");
    assert_eq!(
        stands.conflict.as_ref().unwrap().get(),
        "{\"kind\": \"older\"}"
    );
    assert!(known[3].is_some(), "asked twice, answered twice");
    let chunks = knowledge_chunks::fetch(&stage.database, &asked)
        .await
        .unwrap();
    let told: Vec<_> = chunks
        .iter()
        .map(|one| {
            (
                one.article.as_str(),
                one.locale.as_str(),
                one.number,
                one.hash,
            )
        })
        .collect();
    let [one, two] = ["one", "two"].map(TextHash::of);
    assert_eq!(told, [("a", "en-US", 0, one), ("a", "en-US", 1, two)]);
    assert_eq!(chunks[0].models, [stage.model]);
}

#[tokio::test]
async fn chunks_that_stay_keep_their_rows_and_vectors() {
    let Some(stage) = Stage::set("chunks_that_stay").await else {
        return;
    };
    let worker = stage.worker().await;
    worker
        .store(&page([("a", live(stage.model, "a b c a"))]))
        .await;
    assert_eq!(stage.chunks().await, ["a 1 1", "b 2 1", "c 3 1", "a 4 1"]);
    let vectors =
        "SELECT chunk_id::text, ctid::text FROM knowledge_vectors WHERE chunk_id <> 3 ORDER BY 1";
    let before = stage.lines(vectors).await;
    // The text of what stays need not come with a vector again.
    let mut moved = live(stage.model, "x b a a");
    if let ArticleChange::Live { documents, .. } = &mut moved {
        let document = documents.values_mut().next().unwrap();
        document
            .chunks
            .iter_mut()
            .skip(1)
            .for_each(|one| one.vectors.clear());
    }
    worker.store(&page([("a", moved)])).await;
    assert_eq!(stage.chunks().await, ["x 5 1", "b 2 1", "a 1 1", "a 4 1"]);
    let after =
        "SELECT chunk_id::text, ctid::text FROM knowledge_vectors WHERE chunk_id <> 5 ORDER BY 1";
    assert_eq!(stage.lines(after).await, before, "not even written again");
}

#[tokio::test]
async fn vectors_are_known_by_text_and_model() {
    let Some(stage) = Stage::set("vectors_are_known").await else {
        return;
    };
    let worker = stage.worker().await;
    let open = vector_segments::open(&stage.database, &space("two")).await;
    let two = open.unwrap();
    worker
        .store(&page([("a", live(stage.model, "known"))]))
        .await;
    let asked = ["strange", "known"].map(TextHash::of);
    let ask = async |model, dimensions| {
        knowledge_vectors::fetch_known(&stage.database, model, &asked, dimensions)
            .await
            .unwrap()
    };
    assert_eq!(
        ask(stage.model, DIMENSIONS).await,
        [None, Some(vector("known"))]
    );
    assert_eq!(ask(two, DIMENSIONS).await, [None, None], "of another model");
    assert_eq!(
        ask(stage.model, 5).await,
        [None, None],
        "of another dimension"
    );
    let mut again = document(stage.model, "known");
    again.chunks[0]
        .vectors
        .push((two, Arc::new(vector("other"))));
    assert!(
        worker
            .store(&page([("a", in_languages([("en-US", again)]))]))
            .await
    );
    assert_eq!(ask(two, DIMENSIONS).await, [None, Some(vector("other"))]);
    assert_eq!(stage.chunks().await, ["known 1 2"]);
}

fn in_languages<const N: usize>(
    all: [(&str, shared::db::knowledge_documents::NewDocument); N],
) -> ArticleChange {
    let locale = |(tag, one)| (Locale::parse(tag).unwrap(), one);
    ArticleChange::Live {
        article: article("in languages"),
        links: std::collections::BTreeSet::new(),
        documents: all.into_iter().map(locale).collect(),
    }
}

#[tokio::test]
async fn languages_come_and_go_and_so_do_articles() {
    let Some(stage) = Stage::set("languages_come_and_go").await else {
        return;
    };
    let worker = stage.worker().await;
    let documents = "SELECT article_id, locale FROM knowledge_documents ORDER BY 1, 2";
    let of = |texts| document(stage.model, texts);
    let both = in_languages([("en-US", of("a b")), ("de-DE", of("c"))]);
    worker
        .store(&page([("a", both), ("b", live(stage.model, "b"))]))
        .await;
    assert_eq!(
        stage.lines(documents).await,
        ["a de-DE", "a en-US", "b en-US"]
    );
    let german = in_languages([("de-DE", of("c"))]);
    worker.store(&page([("a", german)])).await;
    assert_eq!(stage.lines(documents).await, ["a de-DE", "b en-US"]);
    worker
        .store(&page([
            ("a", ArticleChange::LeftOut(article("draft"))),
            ("b", ArticleChange::Gone),
            ("never-there", ArticleChange::Gone),
        ]))
        .await;
    let states = "SELECT id, state FROM knowledge_articles ORDER BY id";
    assert_eq!(stage.lines(states).await, ["a left_out", "b gone"]);
    for table in ["documents", "chunks", "vectors"] {
        let count = format!("SELECT count(*) FROM knowledge_{table}");
        assert_eq!(stage.number(&count).await, 0, "{table}");
    }
    worker
        .store(&page([("b", live(stage.model, "back"))]))
        .await;
    assert_eq!(stage.lines(states).await, ["a left_out", "b live"]);
    assert_eq!(stage.lines(documents).await, ["b en-US"]);
}

#[tokio::test]
async fn the_generation_grows_when_search_can_see_it() {
    let Some(stage) = Stage::set("the_generation_grows").await else {
        return;
    };
    let worker = stage.worker().await;
    let two = vector_segments::open(&stage.database, &space("two")).await;
    let (one, two) = (stage.model, two.unwrap());
    let changed = |change: &dyn Fn(&mut shared::db::knowledge_documents::NewDocument)| {
        let mut document = document(one, "b a");
        change(&mut document);
        in_languages([("en-US", document)])
    };
    let mark = || ArticleChange::Marked(Some(json("{}")));
    let steps = [
        ("nothing", None, false),
        ("a new article", Some(live(one, "a b")), true),
        ("the same again", Some(live(one, "a b")), false),
        ("chunks change places", Some(live(one, "b a")), true),
        (
            "only what CXone said otherwise",
            Some(changed(&|_| ())),
            false,
        ),
        (
            "a title",
            Some(changed(&|one| one.title = "Other".to_owned())),
            true,
        ),
        ("and back", Some(changed(&|_| ())), true),
        (
            "metadata",
            Some(changed(&|one| one.metadata = json(r#"{"v": 2}"#))),
            true,
        ),
        (
            "metadata in other words",
            Some(changed(&|one| one.metadata = json(r#"{ "v":2 }"#))),
            false,
        ),
        (
            "a vector of another model",
            Some(changed(&|one| {
                one.metadata = json(r#"{"v": 2}"#);
                one.chunks[0].vectors.push((two, Arc::new(vector("b"))));
            })),
            true,
        ),
        ("a mark", Some(mark()), true),
        ("the same mark", Some(mark()), false),
        ("no mark", Some(ArticleChange::Marked(None)), true),
        (
            "it is left out",
            Some(ArticleChange::LeftOut(article("x"))),
            true,
        ),
        (
            "left out still",
            Some(ArticleChange::LeftOut(article("y"))),
            false,
        ),
        ("left out and then gone", Some(ArticleChange::Gone), false),
    ];
    let mut generation = stage.generation().await;
    for (what, change, visible) in steps {
        let mut next = page([]);
        next.articles = change.map(|change| (id("a"), change)).into_iter().collect();
        next.seen = vec![id("a")];
        assert_eq!(worker.store(&next).await, visible, "{what}");
        generation += i64::from(visible);
        assert_eq!(stage.generation().await, generation, "{what}");
    }
}
