use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const MODIFIED: &str = "2026-01-15T10:30:00Z";

fn unsaid() -> Unsaid {
    Unsaid {
        locale: Locale::parse("en-US").unwrap(),
        modified: None,
    }
}

fn read(body: &Value) -> Articles {
    read_bytes(body.to_string().as_bytes()).unwrap()
}

fn read_bytes(body: &[u8]) -> Result<Articles, Unreadable> {
    read_articles(body, &ArticleFields::default(), &unsaid())
}

/// A good article, changed by `change`.
fn article_with(change: Value) -> Value {
    let mut article = json!({
        "uuid": "a-1",
        "locales": {"en-US": {"title": "Cups", "content": "<p>Two</p>"}},
        "modifiedDate": MODIFIED,
    });
    let Value::Object(fields) = change else {
        return change;
    };
    article.as_object_mut().unwrap().extend(fields);
    article
}

#[test]
fn an_article_is_read_with_all_it_says() {
    let read = read(&json!({"articles": [{
        "uuid": "7b0c2a34-5d6e-4f70-8a9b-0c1d2e3f4a5b",
        "locales": {
            "en-us": {"title": "Cups", "content": "<p>Two</p>"},
            "de_DE": {"title": "Tassen", "content": "<p>Zwei</p>"},
            "fr": null,
        },
        "modifiedDate": "2026-01-15T10:30:00+02:00",
        "version": 7,
        "territory": " EMEA ",
        "categoryUuid": "c-1",
        "status": "published",
        "unknown": [1, {"x": null}],
    }]}));
    let body = |title: &str, html: &str| LocalizedBody {
        title: title.to_owned(),
        html: html.to_owned(),
    };
    let expected = RemoteArticle {
        id: ArticleId::parse("7b0c2a34-5d6e-4f70-8a9b-0c1d2e3f4a5b").unwrap(),
        locales: BTreeMap::from([
            (Locale::parse("en-US").unwrap(), body("Cups", "<p>Two</p>")),
            (
                Locale::parse("de-DE").unwrap(),
                body("Tassen", "<p>Zwei</p>"),
            ),
        ]),
        modified: "2026-01-15T08:30:00Z".parse().unwrap(),
        version: Some(7),
        territory: Some("EMEA".to_owned()),
        category: Some("c-1".to_owned()),
        status: Some("published".to_owned()),
    };
    assert_eq!(read.articles, [expected]);
    assert_eq!((read.flaws.len(), read.entries()), (0, 1));
}

#[test]
fn the_shorter_answer_leaves_the_rest_to_what_is_known_otherwise() {
    let body = json!({"items": [{"id": "kb-1", "title": "Cups", "content": "Two"}]}).to_string();
    let modified: Timestamp = MODIFIED.parse().unwrap();
    let unsaid = Unsaid {
        modified: Some(modified),
        ..unsaid()
    };
    let read = read_articles(body.as_bytes(), &ArticleFields::default(), &unsaid).unwrap();
    let article = &read.articles[0];
    assert_eq!(article.id.as_str(), "kb-1");
    assert_eq!(article.modified, modified);
    assert_eq!(article.locales[&unsaid.locale].html, "Two");
    assert_eq!((article.version, &article.status), (None, &None));
    let flaw = &read_bytes(body.as_bytes()).unwrap().flaws[0];
    assert_eq!(flaw.what, "modifiedDate is required");
}

#[test]
fn a_flaw_concerns_its_article_alone_and_names_it_where_it_can() {
    for (spoilt, id, what) in [
        (json!(null), None, "must be an object"),
        (json!([1]), None, "must be an object"),
        (json!({"title": "x"}), None, "uuid or id is required"),
        (article_with(json!({"uuid": 7})), None, "uuid must be text"),
        (
            article_with(json!({"uuid": "a\u{0}b"})),
            None,
            "uuid must be 1 to 255",
        ),
        (
            article_with(json!({"modifiedDate": null})),
            Some("a-1"),
            "modifiedDate is required",
        ),
        (
            article_with(json!({"modifiedDate": "soon"})),
            Some("a-1"),
            "modifiedDate must be an ISO",
        ),
        (
            article_with(json!({"modifiedDate": 5})),
            Some("a-1"),
            "modifiedDate must be text",
        ),
        (
            article_with(json!({"modifiedDate": "-000001-01-01T00:00:00Z"})),
            Some("a-1"),
            "year 1",
        ),
        (
            article_with(json!({"locales": []})),
            Some("a-1"),
            "locales must be an object",
        ),
        (
            article_with(json!({"locales": {"en US": {}}})),
            Some("a-1"),
            "a name in locales must be",
        ),
        (
            article_with(json!({"locales": {"en": "x"}})),
            Some("a-1"),
            "locales/en must be an object",
        ),
        (
            article_with(json!({"locales": {"en": {"title": 1}}})),
            Some("a-1"),
            "locales/en/title must be text",
        ),
        (
            article_with(json!({"locales": {"en-us": {}, "en-US": {}}})),
            Some("a-1"),
            "locales has en-US twice",
        ),
        (
            article_with(json!({"version": -1})),
            Some("a-1"),
            "version must be a whole number",
        ),
        (
            article_with(json!({"version": 1.5})),
            Some("a-1"),
            "version must be a whole number",
        ),
        (
            article_with(json!({"version": u64::MAX})),
            Some("a-1"),
            "version must be a whole number",
        ),
        (
            article_with(json!({"territory": ["EMEA"]})),
            Some("a-1"),
            "territory must be text",
        ),
    ] {
        let good = |id: &str| article_with(json!({"uuid": id}));
        let read = read(&json!({"articles": [good("a-0"), spoilt, good("a-2")]}));
        let ids: Vec<_> = read.articles.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["a-0", "a-2"], "{spoilt}");
        let [flaw] = &read.flaws[..] else {
            panic!("one flaw: {:?}", read.flaws)
        };
        assert_eq!(flaw.id.as_ref().map(ArticleId::as_str), id, "{spoilt}");
        assert_eq!(flaw.place, 1);
        assert!(flaw.what.contains(what), "{}: {what}", flaw.what);
        assert_eq!(read.entries(), 3);
    }
}

#[test]
fn a_flawed_entry_is_known_again_until_it_changes() {
    let of = |spoilt: Value| read(&json!({"articles": [spoilt]})).flaws[0].entry;
    let nameless = |title: &str| json!({"title": title});
    assert_eq!(of(nameless("x")), of(nameless("x")));
    assert_ne!(of(nameless("x")), of(nameless("y")));
}

#[test]
fn what_says_little_is_no_flaw() {
    for (change, version) in [
        (
            json!({"version": "12", "territory": "", "status": null}),
            Some(12),
        ),
        (json!({"version": null, "locales": {}}), None),
        (
            json!({"version": i64::MAX, "locales": {"en": {"content": null}}}),
            Some(u64::MAX / 2),
        ),
        (json!({"modifiedDate": "0001-01-01T00:00:00"}), None),
    ] {
        let read = read(&json!({"articles": [article_with(change)]}));
        assert_eq!(read.articles[0].version, version, "{:?}", read.flaws);
        assert_eq!(read.articles[0].territory, None);
    }
}

#[test]
fn bytes_that_are_no_text_and_half_surrogates_spoil_one_article() {
    let good = article_with(json!({"uuid": "a-0", "territory": "\u{fffd}"})).to_string();
    for (spoilt, what) in [
        (&b"\xff\xfe"[..], "UTF-8"),
        (b"\\ud800", "title must be text"),
    ] {
        let before = br#"{"uuid":"a-1","modifiedDate":"2026-01-15","locales":{"en":{"title":""#;
        let bad = [&before[..], spoilt, br#""}}}"#].concat();
        let plain = article_with(json!({})).to_string();
        let body = [br#"{"articles":["#, plain.as_bytes(), b",", &bad, b"]}"].concat();
        let read = read_bytes(&body).unwrap();
        assert_eq!((read.articles.len(), read.flaws.len()), (1, 1));
        assert!(read.flaws[0].what.contains(what), "{:?}", read.flaws);
    }
    let whole = format!("{{\"articles\":[{good}]}}");
    let read = read_bytes(whole.as_bytes()).unwrap();
    assert_eq!(read.articles[0].territory.as_deref(), Some("\u{fffd}"));
}

#[test]
fn text_comes_without_nul() {
    let body = json!({"title": "a\u{0}b", "content": "\u{0}"});
    let read = read(&json!({"articles": [article_with(json!({"locales": {"en-US": body}}))]}));
    let body = &read.articles[0].locales[&unsaid().locale];
    assert_eq!((body.title.as_str(), body.html.as_str()), ("ab", ""));
}

#[test]
fn an_answer_of_another_shape_is_unreadable_and_not_empty() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        "7",
        r#"{"articles":null}"#,
        r#"{"articles":{}}"#,
    ] {
        assert!(read_bytes(body.as_bytes()).is_err(), "{body}");
    }
    let deep = format!("{{\"articles\":[{}{}]}}", "[".repeat(200), "]".repeat(200));
    assert!(matches!(
        read_bytes(deep.as_bytes()),
        Err(Unreadable::NotJson(_))
    ));
    assert_eq!(read(&json!({"articles": []})), Articles::default());
}

#[test]
fn names_are_the_tenants() {
    let names: ArticleFields = serde_json::from_value(json!({
        "lists": ["pages"], "id": ["@id"], "locales": "languages", "title": "heading", "content": "html",
        "modified": "date.modified", "version": "revision", "territory": "region", "category": "path",
        "status": "state",
    }))
    .unwrap();
    let body = json!({"pages": [{
        "@id": "p-1", "languages": {"en": {"heading": "Cups", "html": "Two"}}, "date.modified": MODIFIED,
        "revision": "3", "region": "EMEA", "path": "cups", "state": "live",
    }]});
    let read = read_articles(body.to_string().as_bytes(), &names, &unsaid()).unwrap();
    let article = &read.articles[0];
    assert_eq!(article.version, Some(3));
    assert_eq!(article.status.as_deref(), Some("live"));
    assert_eq!(article.locales[&Locale::parse("en").unwrap()].title, "Cups");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_bytes(&bytes);
    }

    #[test]
    fn every_entry_comes_out_once(entries in proptest::collection::vec("[\\[\\]{}\":,a0 ]{0,12}", 0..8)) {
        let is_json = |text: &String| serde_json::from_str::<Value>(text).is_ok();
        let entries: Vec<String> = entries.into_iter().filter(is_json).collect();
        let body = format!("{{\"articles\":[{}]}}", entries.join(","));
        prop_assert_eq!(read_bytes(body.as_bytes()).unwrap().entries(), entries.len());
    }
}
