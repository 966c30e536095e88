//! The knowledge base by date of change: 200, 206, 304.

use cxone_simulator::Status;
use jiff::SignedDuration;

use super::{
    knowledge::{LIST, article, get, holding, set},
    *,
};

/// The status, `Last-Modified`, and the ids.
type Seen = (u16, Option<String>, String);

async fn ask(simulator: &Simulator, path_and_query: &str, since: Option<&str>) -> Seen {
    let token = token(simulator, "knowledge:read").await;
    let mut request = Client::new().get(format!("{}{path_and_query}", simulator.url()));
    if let Some(since) = since {
        request = request.header("if-modified-since", since);
    }
    let answer = request.bearer_auth(token).send().await.unwrap();
    let status = answer.status().as_u16();
    let date = answer.headers().get("last-modified");
    let date = date.map(|it| it.to_str().unwrap().to_owned());
    let body = answer.text().await.unwrap();
    if body.is_empty() {
        return (status, date, body);
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    let ids = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap());
    (status, date, ids.collect())
}

fn seen(status: u16, date: &str, ids: &str) -> Seen {
    (
        status,
        Some(format!("Mon, 01 Jan 2024 00:{date} GMT")),
        ids.to_owned(),
    )
}

#[tokio::test]
async fn an_item_is_an_id_a_title_and_a_content() {
    let simulator = holding(&["a"]);
    let answer = json_of(get(&simulator, LIST).await, 200).await;
    assert_eq!(
        answer,
        json!({"items": [{"id": "a", "title": "a in en-US", "content": "<p>a</p>"}]})
    );
    set(
        &simulator,
        json!({"knowledge": {"conditional_path": "/api/v2/knowledge/changes"}}),
    )
    .await;
    let german = get(&simulator, "/api/v2/knowledge/changes?language=de-DE").await;
    assert_eq!(
        json_of(german, 200).await["items"][0]["title"],
        "a in de-DE"
    );
}

#[tokio::test]
async fn what_is_new_comes_in_parts_and_then_nothing() {
    let simulator = holding(&["a", "b", "c"]);
    set(&simulator, json!({"knowledge": {"page_limit": 2}})).await;
    let first = ask(&simulator, LIST, None).await;
    assert_eq!(first, seen(206, "01:00", "ab"));
    let second = ask(&simulator, LIST, first.1.as_deref()).await;
    assert_eq!(second, seen(200, "02:00", "c"));
    let third = ask(&simulator, LIST, second.1.as_deref()).await;
    assert_eq!(third, seen(304, "02:00", ""));
    simulator.knowledge().put(article("a", 3));
    let fourth = ask(&simulator, LIST, second.1.as_deref()).await;
    assert_eq!(fourth, seen(200, "03:00", "a"));
}

#[tokio::test]
async fn a_second_is_never_cut_in_two() {
    let simulator = holding(&["a", "e"]);
    for (uuid, millis) in [("b", 100), ("c", 500), ("d", 999)] {
        let mut article = article(uuid, 0);
        article.modified_date += SignedDuration::from_millis(millis);
        simulator.knowledge().put(article);
    }
    let first = ask(
        &simulator,
        &format!("{LIST}?limit=2"),
        Some("Sun, 01 Jan 2023 00:00:00 GMT"),
    )
    .await;
    assert_eq!(first, seen(206, "00:00", "abcd"));
    let second = ask(&simulator, LIST, first.1.as_deref()).await;
    assert_eq!(second, seen(200, "01:00", "e"));
}

#[tokio::test]
async fn only_what_readers_see_is_an_item() {
    let simulator = holding(&["a", "b"]);
    for (uuid, status) in [("c", Status::Draft), ("d", Status::Archived)] {
        let mut article = article(uuid, 5);
        article.status = status;
        simulator.knowledge().put(article);
    }
    let mut german = article("e", 6);
    german.locales.remove("en-US");
    simulator.knowledge().put(german);
    assert_eq!(ask(&simulator, LIST, None).await, seen(200, "01:00", "ab"));
    simulator.knowledge().delete("b").unwrap();
    let known = Some("Mon, 01 Jan 2024 00:01:00 GMT");
    assert_eq!(ask(&simulator, LIST, known).await, seen(304, "00:00", ""));
}

#[tokio::test]
async fn an_empty_knowledge_base_has_no_date() {
    let simulator = holding(&[]);
    assert_eq!(
        ask(&simulator, LIST, None).await,
        (200, None, String::new())
    );
    let known = Some("Mon, 01 Jan 2024 00:01:00 GMT");
    assert_eq!(
        ask(&simulator, LIST, known).await,
        (304, None, String::new())
    );
}

#[tokio::test]
async fn the_forms_share_a_path_or_have_two() {
    let simulator = holding(&["a"]);
    let is_paged = async |path: &str| {
        let answer = json_of(get(&simulator, path).await, 200).await;
        answer.get("articles").is_some() && answer.get("items").is_none()
    };
    let (unreadable, other) = (Some("once upon a time"), "/api/v2/knowledge/changes");
    assert!(is_paged(&format!("{LIST}?limit=1")).await);
    assert!(!is_paged(LIST).await);
    let query = format!("{LIST}?limit=1");
    assert_eq!(
        ask(&simulator, &query, unreadable).await,
        seen(200, "00:00", "a")
    );
    assert_eq!(get(&simulator, other).await.status(), 404);
    set(
        &simulator,
        json!({"knowledge": {"conditional_path": other}}),
    )
    .await;
    assert!(is_paged(LIST).await);
    assert!(!is_paged(&format!("{other}?limit=1")).await);
}
