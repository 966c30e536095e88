//! Bodies of requests as they come: the good, the bad, and any other.

mod bytes;
mod properties;

use serde_json::{Value, json};

use super::*;
use crate::error::Error;
use crate::validation::Violation;

fn knowledge(body: &Value) -> Result<KnowledgeQuery, Error> {
    KnowledgeQuery::parse(body.to_string().as_bytes())
}

fn conversations(body: &Value) -> Result<ConversationQuery, Error> {
    ConversationQuery::parse(body.to_string().as_bytes())
}

/// Whoever breaks rules is told of at least one.
fn wrongs<T>(parsed: Result<T, Error>) -> Vec<Violation> {
    match parsed {
        Ok(_) => Vec::new(),
        Err(error) => {
            assert!(!error.violations().is_empty(), "{error}");
            error.violations().to_vec()
        }
    }
}

fn pointers<T>(parsed: Result<T, Error>) -> Vec<String> {
    wrongs(parsed)
        .into_iter()
        .map(|wrong| wrong.pointer)
        .collect()
}

fn with(field: &str, value: impl Into<Value>) -> Value {
    let mut body = json!({ "query": "reset router" });
    body[field] = value.into();
    body
}

#[test]
fn a_text_alone_asks_for_the_usual() {
    let usual = KnowledgeQuery::new(QueryText::parse("reset router").unwrap());
    assert_eq!(
        knowledge(&json!({ "query": " reset router " })).unwrap(),
        usual
    );
    assert_eq!(
        (usual.options.limit.get(), usual.options.collapse),
        (10, true)
    );
    let nulls = [
        "limit",
        "cursor",
        "language",
        "territories",
        "categories",
        "statuses",
        "modified_from",
        "modified_to",
        "metadata",
        "weights",
        "fusion",
        "min_score",
        "collapse",
        "highlight",
        "explain",
    ];
    let mut body = json!({ "query": "reset router" });
    for name in nulls {
        body[name] = Value::Null;
    }
    assert_eq!(knowledge(&body).unwrap(), usual, "null counts as left out");
    assert_eq!(pointers(knowledge(&json!({ "query": null }))), ["/query"]);
}

#[test]
fn every_field_of_a_knowledge_query_is_read() {
    let query = knowledge(&json!({
        "query": "reset router", "limit": 50, "language": "FR_ca", "territories": ["CA", "BE", "CA"], "categories": ["x"],
        "statuses": ["published"], "modified_from": "2026-01-01T00:00:00+01:00", "modified_to": "2026-02-01T00:00:00Z",
        "metadata": { "version": 3, "beta": false, "owner": "support" }, "weights": { "vector": 1, "lexical": 0.25 },
        "fusion": "rrf", "min_score": 0.2, "collapse": false, "highlight": true, "explain": true,
    }));
    let query = query.unwrap();
    assert_eq!(query.language.unwrap().as_str(), "fr-CA");
    assert_eq!(query.territories.as_strs(), ["BE", "CA"]);
    assert_eq!(
        (query.categories.as_strs(), query.statuses.as_strs()),
        (vec!["x"], vec!["published"])
    );
    assert_eq!(
        query.modified.from().unwrap().to_string(),
        "2025-12-31T23:00:00Z"
    );
    assert_eq!(
        query.modified.to().unwrap().to_string(),
        "2026-02-01T00:00:00Z"
    );
    assert_eq!(
        query.metadata.to_json(),
        r#"{"beta":false,"owner":"support","version":3}"#
    );
    let options = query.options;
    assert_eq!(
        (options.limit.get(), options.fusion),
        (50, Some(Fusion::ReciprocalRank))
    );
    assert!((options.weights.unwrap().vector_share() - 0.8).abs() < 1e-12);
    assert!((options.min_score.get() - 0.2).abs() < 1e-12);
    assert!(!options.collapse && options.highlight && options.explain);
}

#[test]
fn every_field_of_a_conversation_query_is_read() {
    let query = conversations(&json!({
        "query": "refund", "intents": ["billing_dispute"], "contains_pii": false, "from": "2026-01-01T00:00:00Z",
        "to": "2026-01-01T00:00:00Z", "sources": ["cxone_data_action"], "metadata": { "n": 1.50 }, "conversation_id": "conv-1",
        "language": "de",
    }));
    let query = query.unwrap();
    assert_eq!(
        (query.intents.as_strs(), query.contains_pii),
        (vec!["billing_dispute"], Some(false))
    );
    assert_eq!(query.occurred.from(), query.occurred.to());
    assert_eq!(
        (query.sources.as_strs(), query.language.unwrap().as_str()),
        (vec!["cxone_data_action"], "de")
    );
    assert_eq!(query.conversation_id.unwrap().as_str(), "conv-1");
    assert_eq!(
        pointers(conversations(&with("territories", json!(["CA"])))),
        ["/territories"]
    );
    assert_eq!(
        pointers(knowledge(&with("intents", json!(["x"])))),
        ["/intents"]
    );
}

#[test]
fn each_field_is_checked() {
    let long = "x".repeat(256);
    let many: Vec<_> = (0..51).map(|number| number.to_string()).collect();
    for (field, wrong, pointer) in [
        ("query", json!(7), ""),
        ("query", json!(" \n "), ""),
        ("query", json!("a\u{0}b"), ""),
        ("query", json!("x".repeat(2_001)), ""),
        ("limit", json!(0), ""),
        ("limit", json!(51), ""),
        ("limit", json!(-1), ""),
        ("limit", json!(1.5), ""),
        ("limit", json!("10"), ""),
        ("cursor", json!("?"), ""),
        ("cursor", json!(1), ""),
        ("language", json!("no language"), ""),
        ("language", json!(["fr"]), ""),
        ("territories", json!([]), ""),
        ("territories", json!("CA"), ""),
        ("territories", json!({ "0": "CA" }), ""),
        ("territories", json!(many), ""),
        ("territories", json!(["CA", 7]), "/1"),
        ("territories", json!([""]), "/0"),
        ("territories", json!([null]), "/0"),
        ("territories", json!([long]), "/0"),
        ("territories", json!(["a\nb"]), "/0"),
        ("modified_from", json!("yesterday"), ""),
        ("modified_from", json!("2026-01-01T00:00:00"), ""),
        ("modified_to", json!("-000044-03-15T12:00:00Z"), ""),
        ("modified_to", json!(1_700_000_000), ""),
        ("metadata", json!([]), ""),
        ("metadata", json!({ "a": null }), "/a"),
        ("metadata", json!({ "a": ["b"] }), "/a"),
        ("metadata", json!({ "a": {} }), "/a"),
        ("metadata", json!({ "a": "x\u{0}" }), "/a"),
        ("metadata", json!({ "a": "x".repeat(501) }), "/a"),
        ("metadata", json!({ "": 1 }), ""),
        ("metadata", json!({ "x".repeat(65): 1 }), ""),
        ("metadata", json!({ "a\u{0}": 1 }), ""),
        ("weights", json!(0.5), ""),
        ("weights", json!({ "vector": 0, "lexical": 0 }), ""),
        ("weights", json!({ "vector": 1 }), "/lexical"),
        (
            "weights",
            json!({ "vector": 1.01, "lexical": 1 }),
            "/vector",
        ),
        ("weights", json!({ "vector": "1", "lexical": 1 }), "/vector"),
        (
            "weights",
            json!({ "vector": 1, "lexical": 1, "other": 1 }),
            "/other",
        ),
        ("fusion", json!("Weighted"), ""),
        ("min_score", json!(1.1), ""),
        ("min_score", json!("NaN"), ""),
        ("collapse", json!("true"), ""),
        ("highlight", json!(1), ""),
        ("explain", json!([]), ""),
        ("vector", json!([0.1]), ""),
    ] {
        assert_eq!(
            pointers(knowledge(&with(field, wrong.clone()))),
            [format!("/{field}{pointer}")],
            "{wrong}"
        );
    }
    for (field, wrong) in [
        ("contains_pii", json!("yes")),
        ("conversation_id", json!("")),
        ("from", json!("now")),
    ] {
        assert_eq!(
            pointers(conversations(&with(field, wrong))),
            [format!("/{field}")]
        );
    }
}

#[test]
fn the_end_is_told_that_it_lies_before_the_beginning() {
    let mut body = with("modified_from", "2026-01-02T00:00:00Z");
    body["modified_to"] = json!("2026-01-01T23:59:59Z");
    assert_eq!(pointers(knowledge(&body)), ["/modified_to"]);
    body["modified_to"] = json!("2026-01-01T23:00:00-01:00");
    assert!(
        knowledge(&body).is_ok(),
        "instants are compared, not letters"
    );
}

#[test]
fn all_is_told_at_once_and_nothing_is_quoted() {
    let body = json!({
        "limit": "canary", "territories": [1, "ok", 2], "weights": { "lexical": 2, "canary here": 1 }, "nonsense": "canary",
        "canary here": 1,
    });
    let found = wrongs(knowledge(&body));
    let places: Vec<_> = found.iter().map(|wrong| wrong.pointer.as_str()).collect();
    let expected = [
        "",
        "/limit",
        "/nonsense",
        "/query",
        "/territories/0",
        "/territories/2",
        "/weights",
        "/weights/lexical",
        "/weights/vector",
    ];
    assert_eq!(places, expected);
    assert!(!format!("{found:?}").contains("canary"));
    let many: serde_json::Map<_, _> = (0..2_000).map(|n| (format!("f{n}"), json!(1))).collect();
    assert_eq!(
        wrongs(knowledge(&Value::from(many))).len(),
        50,
        "an answer has to stay small"
    );
}

#[test]
fn a_cursor_belongs_to_what_decides_the_ranking() {
    let digest = |field: &str, value: Value| knowledge(&with(field, value)).unwrap().digest();
    let usual = digest("limit", json!(10));
    for (field, value) in [
        ("limit", json!(20)),
        ("highlight", json!(true)),
        ("explain", json!(true)),
        ("collapse", json!(true)),
    ] {
        assert_eq!(digest(field, value), usual, "{field}");
    }
    for (field, value) in [
        ("query", json!("reset")),
        ("language", json!("fr")),
        ("territories", json!(["CA"])),
        ("categories", json!(["CA"])),
        ("statuses", json!(["CA"])),
        ("modified_from", json!("2026-01-01T00:00:00Z")),
        ("modified_to", json!("2026-01-01T00:00:00Z")),
        ("metadata", json!({ "a": 1 })),
        ("metadata", json!({ "a": "1" })),
        ("weights", json!({ "vector": 1, "lexical": 1 })),
        ("fusion", json!("rrf")),
        ("min_score", json!(0.5)),
        ("collapse", json!(false)),
    ] {
        assert_ne!(digest(field, value), usual, "{field}");
    }
    let same = conversations(&json!({ "query": "reset router" })).unwrap();
    assert_ne!(
        same.digest(),
        usual,
        "the two searches have no cursor in common"
    );
}
