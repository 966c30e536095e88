//! What can happen to articles, and that it can happen between two pages.

use cxone_simulator::{Article, Drift, KnowledgeEdit, Revision, Status};

use super::{
    knowledge::{LIST, article, get, holding, page, uuids},
    *,
};

fn find(simulator: &Simulator, uuid: &str) -> Article {
    simulator.knowledge().find(uuid).unwrap().as_ref().clone()
}

async fn send_edits(simulator: &Simulator, edits: &Value) -> u16 {
    let answer = control(simulator, "POST", "knowledge/edits", &edits.to_string()).await;
    answer.status().as_u16()
}

/// The article after an edit, checked to come out alike from Rust and over HTTP but for its date.
async fn after(edit: Value) -> Article {
    let [in_rust, over_http] = [holding(&["a", "b"]), holding(&["a", "b"])];
    let parsed: KnowledgeEdit = serde_json::from_value(edit.clone()).unwrap();
    in_rust.knowledge().apply(&[parsed]).unwrap();
    assert_eq!(send_edits(&over_http, &json!([edit])).await, 204, "{edit}");
    let [here, mut there] = [&in_rust, &over_http].map(|it| find(it, "a"));
    there.modified_date = here.modified_date;
    assert_eq!(here, there, "{edit}");
    here
}

#[tokio::test]
async fn a_change_is_a_version_more_and_moves_to_the_end() {
    let before = article("a", 0);
    let edited = after(json!({"kind": "edit", "uuid": "a", "revision": {"locale": "en-US", "content": "<p>new</p>"}})).await;
    assert_eq!(edited.locales["en-US"].content, "<p>new</p>");
    assert_eq!(edited.locales["en-US"].title, before.locales["en-US"].title);
    assert_eq!(edited.locales["de-DE"], before.locales["de-DE"]);
    let translated =
        after(json!({"kind": "edit", "uuid": "a", "revision": {"locale": "fr-FR", "title": "t"}}))
            .await;
    assert_eq!(translated.locales["fr-FR"].title, "t");
    let touched = after(json!({"kind": "edit", "uuid": "a"})).await;
    assert_eq!(touched.locales, before.locales);
    let unpublished = after(json!({"kind": "unpublish", "uuid": "a"})).await;
    assert_eq!(unpublished.status, Status::Draft);
    let moved = after(json!({"kind": "move", "uuid": "a", "territory": "DE"})).await;
    assert_eq!(
        (&*moved.territory, &*moved.category_uuid),
        ("DE", "billing")
    );
    let filed = after(json!({"kind": "move", "uuid": "a", "category_uuid": "returns"})).await;
    assert_eq!(
        (&*filed.territory, &*filed.category_uuid),
        ("US", "returns")
    );
    for article in [edited, translated, touched, unpublished, moved, filed] {
        assert_eq!(article.version, before.version + 1);
        assert!(article.modified_date > super::knowledge::article("b", 1).modified_date);
    }
}

#[tokio::test]
async fn some_changes_cannot_be_told_by_version_and_date() {
    let before = article("a", 0);
    let rewound = after(json!({"kind": "rewind", "uuid": "a"})).await;
    assert_eq!(rewound.version, before.version - 1);
    assert_eq!(rewound.modified_date.to_string(), "2023-12-31T00:00:00Z");
    assert_eq!(rewound.locales, before.locales);
    let tampered = after(json!({"kind": "tamper", "uuid": "a"})).await;
    assert_eq!(
        (tampered.version, tampered.modified_date),
        (before.version, before.modified_date)
    );
    for (tag, locale) in &tampered.locales {
        assert_ne!(locale.content, before.locales[tag].content);
    }
    let mut replacement = article("a", 7);
    replacement.version = 1;
    let put = after(json!({"kind": "put", "article": replacement})).await;
    assert_eq!(put, replacement);
}

#[test]
fn the_methods_do_what_the_edits_do() {
    let simulator = holding(&["a", "b", "c"]);
    let knowledge = simulator.knowledge();
    knowledge
        .edit("a", Revision::of_content("en-US", "new"))
        .unwrap();
    knowledge.unpublish("a").unwrap();
    knowledge.move_to_territory("a", "DE").unwrap();
    knowledge.move_to_category("a", "returns").unwrap();
    let after = find(&simulator, "a");
    assert_eq!((after.version, after.status), (7, Status::Draft));
    assert_eq!(
        (&*after.territory, &*after.category_uuid),
        ("DE", "returns")
    );
    assert_eq!(after.locales["en-US"].content, "new");
    knowledge.rewind("a").unwrap();
    assert_eq!(find(&simulator, "a").version, 6);
    knowledge.tamper("b").unwrap();
    assert_ne!(find(&simulator, "b"), article("b", 1));
    knowledge.delete("b").unwrap();
    let left: Vec<_> = knowledge.list().iter().map(|it| it.uuid.clone()).collect();
    assert_eq!(left, ["c", "a"]);
    knowledge.clear();
    assert!(knowledge.list().is_empty());
}

#[test]
fn dates_of_changes_never_repeat_and_never_go_back() {
    let simulator = holding(&["a", "b"]);
    let mut dates = Vec::new();
    for turn in 0..50 {
        let uuid = ["a", "b"][turn % 2];
        simulator.knowledge().unpublish(uuid).unwrap();
        dates.push(find(&simulator, uuid).modified_date);
    }
    assert!(dates.is_sorted_by(|earlier, later| earlier < later));
}

#[tokio::test]
async fn an_unknown_article_is_named_and_what_came_before_is_done() {
    let simulator = holding(&["a", "b"]);
    let edits = json!([
        {"kind": "delete", "uuid": "a"},
        {"kind": "delete", "uuid": "nobody"},
        {"kind": "delete", "uuid": "b"},
    ]);
    let answer = control(&simulator, "POST", "knowledge/edits", &edits.to_string()).await;
    let error = json_of(answer, 404).await["error"].to_string();
    assert!(error.contains("nobody"), "{error}");
    let left = json_of(
        control(&simulator, "GET", "knowledge/articles", "").await,
        200,
    )
    .await;
    assert_eq!(left["articles"].as_array().unwrap().len(), 1);
    assert_eq!(left["articles"][0]["uuid"], "b");
    for bad in [
        json!([{"kind": "edit"}]),
        json!([{"kind": "burn", "uuid": "b"}]),
        json!([{"kind": "edit", "uuid": "b", "revision": {"body": ""}}]),
    ] {
        assert_eq!(send_edits(&simulator, &bad).await, 400, "{bad}");
    }
    control(&simulator, "DELETE", "knowledge/articles", "").await;
    assert!(simulator.knowledge().list().is_empty());
}

/// All pages of two, one after the other.
async fn walk(simulator: &Simulator) -> String {
    let mut walked = String::new();
    for offset in [0, 2, 4] {
        walked += &uuids(simulator, &format!("limit=2&offset={offset}"))
            .await
            .concat();
    }
    walked
}

#[tokio::test]
async fn drift_happens_after_its_page_and_before_the_next() {
    let delete_a = KnowledgeEdit::Delete {
        uuid: "a".to_owned(),
    };
    let edit_a = KnowledgeEdit::Edit {
        uuid: "a".to_owned(),
        revision: Revision::default(),
    };
    for (after_page, edit, walked) in [
        (9, &delete_a, "abcdef"),
        // The one that moved up is missed.
        (1, &delete_a, "abdef"),
        (2, &delete_a, "abcdf"),
        // The one that moved to the end is read twice, and one is missed.
        (1, &edit_a, "abdefa"),
        (2, &edit_a, "abcdfa"),
    ] {
        let simulator = holding(&["a", "b", "c", "d", "e", "f"]);
        simulator.knowledge().set_drift(vec![Drift {
            after_page,
            edits: vec![edit.clone()],
        }]);
        assert_eq!(walk(&simulator).await, walked, "{after_page} {edit:?}");
    }
}

#[tokio::test]
async fn only_pages_count_for_drift_and_lost_ones_do() {
    let simulator = holding(&["a", "b", "c", "d"]);
    let drift = json!([{"after_page": 2, "edits": [{"kind": "delete", "uuid": "a"}]}]);
    let answer = control(&simulator, "PUT", "knowledge/drift", &drift.to_string()).await;
    assert_eq!(answer.status(), 204);
    let left = || simulator.knowledge().list().len();
    get(&simulator, &format!("{LIST}?limit=0")).await;
    always(&simulator, "knowledge", Fault::status(500));
    get(&simulator, &format!("{LIST}?limit=1")).await;
    simulator.clear_faults();
    assert_eq!(uuids(&simulator, "limit=1").await.concat(), "a");
    assert_eq!(left(), 4);
    always(&simulator, "knowledge", Fault::Cut);
    get(&simulator, &format!("{LIST}?limit=1")).await;
    assert_eq!(left(), 3);
    simulator.clear_faults();
    uuids(&simulator, "limit=1").await;
    assert_eq!(left(), 3, "it happens once");
}

#[tokio::test]
async fn drift_that_cannot_happen_is_an_error_that_says_so() {
    let simulator = holding(&["a"]);
    let edits = vec![KnowledgeEdit::Tamper {
        uuid: "nobody".to_owned(),
    }];
    simulator.knowledge().set_drift(vec![Drift {
        after_page: 1,
        edits,
    }]);
    let answer = json_of(get(&simulator, &format!("{LIST}?limit=1")).await, 500).await;
    assert_eq!(answer["error"], "drift_failed");
    assert!(
        answer["error_description"]
            .as_str()
            .unwrap()
            .contains("nobody")
    );
}

#[tokio::test]
async fn a_corpus_is_put_over_http_and_read_page_by_page() {
    let simulator = holding(&[]);
    let seed = json!({"seed": 7, "count": 250}).to_string();
    let answer = control(&simulator, "POST", "knowledge/corpus", &seed).await;
    assert_eq!(answer.status(), 204);
    let mut read: Vec<Article> = Vec::new();
    for offset in [0, 100, 200] {
        let query = format!("limit=100&offset={offset}");
        let articles = page(&simulator, &query).await["articles"].take();
        read.extend(serde_json::from_value::<Vec<_>>(articles).unwrap());
    }
    let mut made = cxone_simulator::corpus::corpus(7, 250);
    made.sort_by_key(|it| (it.modified_date, it.uuid.clone()));
    assert!(read == made, "{} of 250", read.len());
    let no_count = control(&simulator, "POST", "knowledge/corpus", "{}").await;
    assert_eq!(no_count.status(), 400);
}
