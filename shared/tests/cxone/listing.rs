//! What is asked, and what is made of the answer.

use axum::http::header;
use shared::cxone::knowledge::Changes;
use shared::domain::Locale;

use super::*;

const MODIFIED: &str = "2026-01-15T10:30:00Z";
const HTTP_DATE: &str = "Thu, 15 Jan 2026 10:30:00 GMT";

fn article(number: u64) -> Value {
    json!({
        "uuid": format!("a-{number}"),
        "locales": {"en-US": {"title": "Cups", "content": "<p>Two</p>"}},
        "modifiedDate": MODIFIED,
    })
}

/// The value of a query parameter, decoded.
fn parameter(seen: &Seen, name: &str) -> Option<String> {
    let url = reqwest::Url::parse(&format!("http://x/?{}", seen.query)).unwrap();
    let mut pairs = url.query_pairs().into_owned();
    pairs.find(|(key, _)| key == name).map(|(_, value)| value)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

#[tokio::test]
async fn pages_follow_each_other_to_the_first_that_is_not_full() {
    let world = World::start(|seen| {
        let number = |name| parameter(seen, name).unwrap().parse::<u64>().unwrap();
        let (offset, limit) = (number("offset"), number("limit"));
        let articles: Vec<_> = (offset..(offset + limit).min(7)).map(article).collect();
        says(&json!({"articles": articles}))
    })
    .await;
    let mut ids = Vec::new();
    let mut query = ListArticles {
        limit: NonZeroU32::new(3).unwrap(),
        ..all()
    };
    loop {
        let page = world.knowledge.list(&query, soon()).await.unwrap();
        ids.extend(page.articles.iter().map(|it| it.id.to_string()));
        if page.is_last {
            break;
        }
        query.offset += 3;
    }
    assert_eq!(ids, ["a-0", "a-1", "a-2", "a-3", "a-4", "a-5", "a-6"]);
    assert_eq!(world.api.seen().len(), 3);
}

#[tokio::test]
async fn the_question_says_all_that_is_asked_and_nothing_else() {
    let world = World::start(|_| empty()).await;
    world.knowledge.list(&all(), soon()).await.unwrap();
    let query = ListArticles {
        modified_since: Some(MODIFIED.parse().unwrap()),
        language: Some(Locale::parse("de_ch").unwrap()),
        territory: Some("A+B & Ü".to_owned()),
        offset: 200,
        limit: NonZeroU32::new(50).unwrap(),
    };
    world.knowledge.list(&query, soon()).await.unwrap();
    let seen = world.api.seen();
    assert_eq!(seen[0].query, "limit=100&offset=0");
    let names = ["limit", "offset", "modifiedSince", "language", "territory"];
    let values = names.map(|name| parameter(&seen[1], name).unwrap());
    assert_eq!(values, ["50", "200", MODIFIED, "de-CH", "A+B & Ü"]);
    assert_eq!(seen[1].path, "/api/v2/knowledge/articles");
    assert_eq!(seen[1].version, axum::http::Version::HTTP_11);
    assert_eq!(seen[1].header("accept"), Some("application/json"));
    assert!(
        seen[1]
            .header("user-agent")
            .unwrap()
            .starts_with("cxone-memory/")
    );
}

#[tokio::test]
async fn a_tenant_can_call_everything_by_other_names() {
    let profile = json!({
        "endpoints": {"knowledge": {
            "headers": {"x-tenant": "acme"},
            "token": {"names": {"header": "x-session", "scheme": ""}},
        }},
        "articles": {
            "path": "/kb/pages",
            "parameters": {"limit": "top", "offset": "skip", "modified_since": "since", "language": "lang", "territory": "region"},
            "fields": {"lists": ["pages"], "id": ["@id"], "modified": "edited"},
        },
    });
    let answer =
        |_: &Seen| says(&json!({"pages": [{"@id": "p-1", "edited": MODIFIED, "title": "Cups"}]}));
    let world = World::with(Simulated::default(), profile, quick(), answer).await;
    let page = world.list().await.unwrap();
    assert_eq!(page.articles[0].id.as_str(), "p-1");
    let seen = &world.api.seen()[0];
    assert_eq!(
        (seen.path.as_str(), seen.query.as_str()),
        ("/kb/pages", "top=100&skip=0")
    );
    assert_eq!(seen.header("x-tenant"), Some("acme"));
    assert!(seen.header("x-session").unwrap().starts_with("sim-"));
    assert_eq!(seen.header("authorization"), None);
}

#[tokio::test]
async fn flaws_count_as_entries_and_the_servers_clock_is_told() {
    let world = World::start(|_| {
        let body = json!({"articles": [article(0), {"uuid": "a-1"}, article(2)]});
        ([(header::DATE, HTTP_DATE)], axum::Json(body)).into_response()
    })
    .await;
    let query = ListArticles {
        limit: NonZeroU32::new(3).unwrap(),
        language: Some(Locale::parse("fr").unwrap()),
        ..all()
    };
    let page = world.knowledge.list(&query, soon()).await.unwrap();
    assert_eq!((page.articles.len(), page.is_last), (2, false));
    assert_eq!(page.flaws[0].id.as_ref().unwrap().as_str(), "a-1");
    assert_eq!(page.server_time, Some(MODIFIED.parse().unwrap()));
}

#[tokio::test]
async fn articles_without_a_language_are_in_the_one_that_was_asked_for() {
    let body =
        json!({"items": [{"id": "a", "title": "T", "content": "C", "modifiedDate": MODIFIED}]});
    let world = World::start(move |_| says(&body)).await;
    for language in [None, Some(Locale::parse("fr-FR").unwrap())] {
        let query = ListArticles {
            language: language.clone(),
            ..all()
        };
        let page = world.knowledge.list(&query, soon()).await.unwrap();
        let expected = language.unwrap_or_else(|| Locale::parse("en-US").unwrap());
        assert_eq!(page.articles[0].locales.keys().next(), Some(&expected));
    }
}

#[tokio::test]
async fn only_what_changed_is_told() {
    let world = World::start(|seen| {
        if seen.header("if-modified-since").is_some() && seen.nth < 2 {
            return status(304);
        }
        let body = json!({"items": [{"id": "kb-1", "title": "Cups", "content": "Two"}]});
        let code = if seen.nth == 2 { 206 } else { 200 };
        let headers = [(header::LAST_MODIFIED, HTTP_DATE)];
        (
            StatusCode::from_u16(code).unwrap(),
            headers,
            axum::Json(body),
        )
            .into_response()
    })
    .await;
    let Changes::Some {
        articles,
        is_whole: true,
        last_modified,
        server_time: Some(_),
        ..
    } = world.knowledge.changes(None, soon()).await.unwrap()
    else {
        panic!("all articles")
    };
    assert_eq!(last_modified, Some(MODIFIED.parse().unwrap()));
    assert_eq!(articles[0].modified, MODIFIED.parse().unwrap());
    let changes = world
        .knowledge
        .changes(last_modified, soon())
        .await
        .unwrap();
    assert_eq!(changes, Changes::None);
    let changes = world
        .knowledge
        .changes(last_modified, soon())
        .await
        .unwrap();
    assert!(
        matches!(
            changes,
            Changes::Some {
                is_whole: false,
                ..
            }
        ),
        "{changes:?}"
    );
    let seen = world.api.seen();
    assert_eq!(seen[0].header("if-modified-since"), None);
    assert_eq!(seen[1].header("if-modified-since"), Some(HTTP_DATE));
    assert_eq!(seen[1].query, "");
}
