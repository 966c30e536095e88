//! The knowledge base page by page: order, filters, limits, refusals, faults.

use std::{collections::BTreeMap, time::Instant};

use cxone_simulator::{Article, Locale, Status};
use jiff::Timestamp;

use super::*;

pub(super) const LIST: &str = "/api/v2/knowledge/articles";

/// A published article of 2024, the `minute`th minute of the year, with a text in both languages.
pub(super) fn article(uuid: &str, minute: i64) -> Article {
    let locale = |tag: &str| Locale {
        title: format!("{uuid} in {tag}"),
        content: format!("<p>{uuid}</p>"),
    };
    let tags = ["en-US", "de-DE"];
    Article {
        uuid: uuid.to_owned(),
        locales: BTreeMap::from(tags.map(|tag| (tag.to_owned(), locale(tag)))),
        modified_date: Timestamp::from_second(1_704_067_200 + 60 * minute).unwrap(),
        version: 3,
        territory: "US".to_owned(),
        category_uuid: "billing".to_owned(),
        status: Status::Published,
    }
}

/// A simulator with these articles, a minute apart.
pub(super) fn holding(uuids: &[&str]) -> Simulator {
    let simulator = start();
    for (uuid, minute) in uuids.iter().zip(0..) {
        simulator.knowledge().put(article(uuid, minute));
    }
    simulator
}

pub(super) async fn get(simulator: &Simulator, path_and_query: &str) -> Response {
    let token = token(simulator, "knowledge:read").await;
    let request = Client::new().get(format!("{}{path_and_query}", simulator.url()));
    request.bearer_auth(token).send().await.unwrap()
}

pub(super) async fn page(simulator: &Simulator, query: &str) -> Value {
    json_of(get(simulator, &format!("{LIST}?{query}")).await, 200).await
}

/// The uuids of a page.
pub(super) async fn uuids(simulator: &Simulator, query: &str) -> Vec<String> {
    let page = page(simulator, query).await;
    let articles = page["articles"].as_array().unwrap();
    let uuid = |it: &Value| it["uuid"].as_str().unwrap().to_owned();
    articles.iter().map(uuid).collect()
}

pub(super) async fn set(simulator: &Simulator, settings: Value) {
    let answer = control(simulator, "PUT", "settings", &settings.to_string()).await;
    assert_eq!(answer.status(), 204);
}

#[tokio::test]
async fn an_article_comes_with_everything_about_it() {
    let simulator = holding(&["a"]);
    assert_eq!(
        page(&simulator, "limit=5").await,
        json!({"articles": [{
            "uuid": "a",
            "locales": {
                "de-DE": {"title": "a in de-DE", "content": "<p>a</p>"},
                "en-US": {"title": "a in en-US", "content": "<p>a</p>"},
            },
            "modifiedDate": "2024-01-01T00:00:00Z",
            "version": 3,
            "territory": "US",
            "categoryUuid": "billing",
            "status": "published",
        }]})
    );
}

#[tokio::test]
async fn pages_follow_the_date_and_then_the_uuid() {
    let simulator = start();
    for (uuid, minute) in [("d", 1), ("b", 2), ("c", 1), ("a", 3)] {
        simulator.knowledge().put(article(uuid, minute));
    }
    for (query, expected) in [
        ("limit=10", "cdba"),
        ("limit=2", "cd"),
        ("limit=2&offset=2", "ba"),
        ("limit=3&offset=3", "a"),
        ("limit=3&offset=4", ""),
        ("limit=&offset=&modifiedSince=&language=&territory=", "cdba"),
    ] {
        assert_eq!(uuids(&simulator, query).await.concat(), expected, "{query}");
    }
}

#[tokio::test]
async fn filters_leave_out_what_does_not_fit() {
    let simulator = holding(&["a", "b", "c"]);
    let german = {
        let mut article = article("d", 3);
        article.locales.remove("en-US");
        article.territory = "DE".to_owned();
        article
    };
    simulator.knowledge().put(german);
    for (query, expected) in [
        ("modifiedSince=2024-01-01T00:01:00Z", "bcd"),
        ("modifiedSince=2024-01-01T00:01:00.001Z", "cd"),
        ("modifiedSince=2024-01-01T01:01:00%2B01:00", "bcd"),
        ("modifiedSince=2099-01-01T00:00:00Z", ""),
        ("language=en-US", "abc"),
        ("language=fr-FR", ""),
        ("territory=DE", "d"),
        ("territory=US&language=de-DE&offset=1", "bc"),
    ] {
        assert_eq!(uuids(&simulator, query).await.concat(), expected, "{query}");
    }
}

#[tokio::test]
async fn no_page_is_larger_than_the_service_allows() {
    let simulator = start();
    for minute in 0..103 {
        let uuid = format!("{minute:03}");
        simulator.knowledge().put(article(&uuid, minute));
    }
    assert_eq!(uuids(&simulator, "offset=0").await.len(), 100);
    assert_eq!(uuids(&simulator, "limit=1000").await.len(), 100);
    set(&simulator, json!({"knowledge": {"page_limit": 7}})).await;
    assert_eq!(uuids(&simulator, "limit=8").await.len(), 7);
    assert_eq!(uuids(&simulator, "limit=6").await.len(), 6);
}

#[tokio::test]
async fn a_parameter_that_cannot_be_read_is_named() {
    let simulator = holding(&["a"]);
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("offset=-1", "offset"),
        ("modifiedSince=yesterday", "modifiedSince"),
        // A plus sign that was not encoded is a space.
        ("modifiedSince=2024-01-01T00:00:00+00:00", "modifiedSince"),
    ] {
        let answer = json_of(get(&simulator, &format!("{LIST}?{query}")).await, 400).await;
        assert_eq!(answer["parameter"], name, "{query}");
    }
}

#[tokio::test]
async fn a_token_with_the_scope_is_needed() {
    let simulator = holding(&["a"]);
    let ask = async |token: &str| {
        let request = Client::new().get(format!("{}{LIST}?limit=1", simulator.url()));
        request.bearer_auth(token).send().await.unwrap()
    };
    assert_eq!(ask("made-up").await.status(), 401);
    let other = token(&simulator, "assist:write").await;
    let answer = json_of(ask(&other).await, 403).await;
    assert_eq!(answer["scope"], "knowledge:read");
    let right = token(&simulator, "knowledge:read").await;
    assert_eq!(ask(&right).await.status(), 200);
    simulator.revoke_tokens(None);
    assert_eq!(ask(&right).await.status(), 401);
}

#[tokio::test]
async fn one_article_of_a_forbidden_category_spoils_its_page() {
    let simulator = holding(&["a", "b", "c"]);
    simulator
        .knowledge()
        .move_to_category("b", "secret")
        .unwrap();
    let forbid = json!({"knowledge": {"forbidden_categories": ["secret"]}});
    set(&simulator, forbid).await;
    // The move put it last.
    assert_eq!(uuids(&simulator, "limit=2").await.concat(), "ac");
    for path in [format!("{LIST}?limit=3"), LIST.to_owned()] {
        let answer = json_of(get(&simulator, &path).await, 403).await;
        assert_eq!(answer["article"], "b");
        assert_eq!(answer["categoryUuid"], "secret");
        assert_eq!(answer["scope"], "knowledge:read");
    }
    assert_eq!(uuids(&simulator, "territory=DE").await.concat(), "");
    set(
        &simulator,
        json!({"knowledge": {"forbidden_categories": []}}),
    )
    .await;
    assert_eq!(uuids(&simulator, "limit=3").await.concat(), "acb");
}

#[tokio::test]
async fn a_struck_page_is_struck_like_any_other_answer() {
    let simulator = holding(&["a", "b"]);
    let throttled = Fault::Status {
        status: 429,
        retry_after: Some("7".to_owned()),
        code: None,
        body: None,
    };
    always(&simulator, "knowledge", throttled);
    let answer = get(&simulator, &format!("{LIST}?limit=2")).await;
    assert_eq!(answer.headers()["retry-after"], "7");
    assert_eq!(answer.status(), 429);
    always(&simulator, "knowledge", Fault::Cut);
    let answer = get(&simulator, &format!("{LIST}?limit=2")).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err());
    let records = simulator.requests(LIST);
    let executed: Vec<_> = records.iter().map(|it| it.executed).collect();
    assert_eq!(executed, [false, true]);
    assert_eq!(records[0].query.as_deref(), Some("limit=2"));
}

#[tokio::test]
async fn a_page_can_list_an_article_twice() {
    let simulator = holding(&["a", "b", "c"]);
    always(&simulator, "knowledge", Fault::RepeatedArticle);
    assert_eq!(uuids(&simulator, "limit=2").await.concat(), "aba");
    assert_eq!(uuids(&simulator, "limit=2&offset=2").await.concat(), "cc");
    assert_eq!(uuids(&simulator, "limit=2&offset=3").await.concat(), "");
}

#[tokio::test]
async fn every_page_can_be_slow() {
    let simulator = holding(&["a"]);
    set(&simulator, json!({"knowledge": {"page_delay_ms": 300}})).await;
    for query in ["?limit=1", ""] {
        let start = Instant::now();
        let answer = get(&simulator, &format!("{LIST}{query}")).await;
        assert_eq!(answer.status(), 200);
        assert!(start.elapsed().as_millis() >= 300, "{query}");
    }
}

/// How far the `Date` of an answer is ahead of our clock, in seconds.
async fn ahead(simulator: &Simulator) -> i64 {
    let answer = get(simulator, &format!("{LIST}?limit=1")).await;
    let dates: Vec<_> = answer.headers().get_all("date").iter().collect();
    assert_eq!(dates.len(), 1);
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(dates[0]);
    date.unwrap().as_second() - Timestamp::now().as_second()
}

#[tokio::test]
async fn the_clock_can_be_wrong_in_both_directions() {
    let simulator = holding(&["a"]);
    for skew in [0, 3_600, -3_600, i64::MAX] {
        set(&simulator, json!({"clock_skew_s": skew})).await;
        let expected = if skew == i64::MAX { 0 } else { skew };
        let ahead = ahead(&simulator).await;
        assert!((expected - 2..=expected + 1).contains(&ahead), "{ahead}");
    }
    for skew in [-7_200, 7_200] {
        set(&simulator, json!({"clock_skew_s": skew})).await;
        simulator.knowledge().unpublish("a").unwrap();
        let date = simulator.knowledge().find("a").unwrap().modified_date;
        let ahead = date.as_second() - Timestamp::now().as_second();
        assert!((skew - 2..=skew + 1).contains(&ahead), "{ahead}");
    }
}

#[tokio::test]
async fn reset_empties_the_knowledge_base_and_its_settings() {
    let simulator = holding(&["a"]);
    set(
        &simulator,
        json!({"knowledge": {"forbidden_categories": ["billing"]}}),
    )
    .await;
    simulator.reset();
    assert!(simulator.knowledge().list().is_empty());
    simulator.knowledge().put(article("b", 0));
    assert_eq!(uuids(&simulator, "limit=1").await.concat(), "b");
    let nowhere = get(&simulator, "/api/v2/knowledge/nowhere").await;
    assert_eq!(json_of(nowhere, 404).await["error"], "not_found");
}
