//! The body of a request: the good, and everything that is wrong with the bad, at once.

use super::*;
use crate::domain::query::Limit;
use crate::error::Kind;

fn with(field: &str, value: impl Into<Value>) -> Value {
    let mut body = body_of(&[(0.5, 1.0)]);
    body[field] = value.into();
    body
}

fn with_snippet(field: &str, value: impl Into<Value>) -> Value {
    let mut body = body_of(&[(0.9, 1.0), (0.5, 1.0)]);
    body["snippets"][1][field] = value.into();
    body
}

#[test]
fn what_is_left_out_is_the_usual() {
    let body = json!({ "snippets": [{ "snippet_id": "a", "relevance_score": 1 }] });
    let usual = request(&body).unwrap();
    assert_eq!(usual.session_id, session());
    assert_eq!(usual.max_result_window, Limit::DEFAULT);
    assert_eq!(usual.normalization, Normalization::None);
    assert_eq!((&usual.callback_url, usual.expected_version), (&None, None));
    assert_eq!(usual.snippets[0].boost_factor, Boost::NONE);
    assert!(usual.snippets[0].metadata.is_empty());
    let mut nulls = body;
    for field in [
        "session_id",
        "max_result_window",
        "callback_url",
        "normalization",
        "expected_version",
    ] {
        nulls[field] = Value::Null;
    }
    nulls["snippets"][0]["boost_factor"] = Value::Null;
    nulls["snippets"][0]["metadata"] = Value::Null;
    assert_eq!(request(&nulls).unwrap(), usual);
}

#[test]
fn what_is_said_is_taken() {
    let body = json!({
        "session_id": "session-1", "max_result_window": 50, "callback_url": "https://example.com/told",
        "normalization": "min-max", "expected_version": 7,
        "snippets": [{ "snippet_id": "ü", "relevance_score": 0.25, "boost_factor": 10, "metadata": { "category": "billing", "": "" } }],
    });
    let taken = request(&body).unwrap();
    assert_eq!(taken.max_result_window.get(), 50);
    assert_eq!(
        taken.callback_url.unwrap().as_str(),
        "https://example.com/told"
    );
    assert_eq!(taken.normalization, Normalization::MinMax);
    assert_eq!(taken.expected_version, Some(7));
    assert_eq!(taken.snippets[0].boost_factor, Boost::MOST);
    assert_eq!(taken.snippets[0].metadata["category"], "billing");
}

#[test]
fn every_rule_names_its_place() {
    for (field, wrong) in [
        ("session_id", json!("session-2")),
        ("session_id", json!(1)),
        ("max_result_window", json!(0)),
        ("max_result_window", json!(51)),
        ("max_result_window", json!(10.5)),
        ("max_result_window", json!("10")),
        ("snippets", json!([])),
        ("snippets", Value::Null),
        ("snippets", json!({})),
        ("callback_url", json!("http://example.com")),
        ("normalization", json!("minmax")),
        ("normalization", json!(true)),
        ("expected_version", json!(-1)),
        ("expected_version", json!(1.5)),
        ("expected_version", json!(u64::MAX)),
        ("snippet", json!([])),
    ] {
        let found = pointers(request(&with(field, wrong.clone())));
        assert_eq!(found, [format!("/{field}")], "{wrong}");
    }
    for (field, wrong, place) in [
        ("snippet_id", Value::Null, ""),
        ("snippet_id", json!(""), ""),
        ("snippet_id", json!("x".repeat(257)), ""),
        ("snippet_id", json!("a\nb"), ""),
        ("snippet_id", json!("s0"), ""),
        ("relevance_score", Value::Null, ""),
        ("relevance_score", json!(1.000_1), ""),
        ("relevance_score", json!(-0.1), ""),
        ("relevance_score", json!("0.5"), ""),
        ("boost_factor", json!(10.1), ""),
        ("boost_factor", json!(-1), ""),
        ("boost_factor", json!([]), ""),
        ("metadata", json!([]), ""),
        ("metadata", json!({ "a": 1 }), "/a"),
        ("metadata", json!({ "a": null }), "/a"),
        ("metadata", json!({ "a": "x\u{0}" }), "/a"),
        ("metadata", json!({ "a\u{0}": "x" }), ""),
        ("metadata", json!({ "a": "x".repeat(4_096) }), ""),
        ("score", json!(1), ""),
    ] {
        let found = pointers(request(&with_snippet(field, wrong.clone())));
        assert_eq!(found, [format!("/snippets/1/{field}{place}")], "{wrong}");
    }
}

#[test]
fn the_limits_are_exact() {
    let many = |count: usize| body_of(&vec![(0.5, 1.0); count]);
    assert!(request(&many(500)).is_ok());
    assert_eq!(pointers(request(&many(501))), ["/snippets"]);
    let keys = |count: usize| -> Value {
        let keys = (0..count).map(|key| (key.to_string(), json!("v")));
        keys.collect()
    };
    assert!(request(&with_snippet("metadata", keys(50))).is_ok());
    assert_eq!(
        pointers(request(&with_snippet("metadata", keys(51)))),
        ["/snippets/1/metadata"]
    );
    assert!(request(&with_snippet("metadata", json!({ "a": "x".repeat(4_095) }))).is_ok());
    assert!(request(&with_snippet("snippet_id", "ü".repeat(256))).is_ok());
    let long = vec![b' '; (1 << 20) + 1];
    let error = RankingRequest::parse(&session(), &long).unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
}

#[test]
fn an_id_is_taken_once_even_where_all_else_is_wrong() {
    let body = json!({ "snippets": [
        { "snippet_id": "a", "relevance_score": 2 },
        { "snippet_id": "b", "relevance_score": 1 },
        { "snippet_id": "a" },
        { "snippet_id": "b", "relevance_score": 1 },
        { "snippet_id": "B", "relevance_score": 1 },
    ] });
    let expected = [
        "/snippets/0/relevance_score",
        "/snippets/2/relevance_score",
        "/snippets/2/snippet_id",
        "/snippets/3/snippet_id",
    ];
    assert_eq!(pointers(request(&body)), expected);
}

#[test]
fn all_is_told_at_once_and_nothing_is_quoted() {
    let body = json!({
        "session_id": "canary", "max_result_window": "canary", "callback_url": "canary", "normalization": "canary",
        "expected_version": "canary", "canary here": 1,
        "snippets": ["canary", { "snippet_id": 1, "boost_factor": "canary", "metadata": { "canary here": 1 } }],
    });
    let error = request(&body).unwrap_err();
    let expected = [
        "",
        "/callback_url",
        "/expected_version",
        "/max_result_window",
        "/normalization",
        "/session_id",
        "/snippets/0",
        "/snippets/1/boost_factor",
        "/snippets/1/metadata",
        "/snippets/1/relevance_score",
        "/snippets/1/snippet_id",
    ];
    let found: Vec<_> = error
        .violations()
        .iter()
        .map(|wrong| &wrong.pointer)
        .collect();
    assert_eq!(found, expected);
    assert!(!format!("{:?}", error.violations()).contains("canary"));
}

#[test]
fn what_only_bytes_can_say_is_refused() {
    for (body, pointer) in [
        (&br#"{"snippets": [], "snippets": [{"snippet_id": "a", "relevance_score": 1}]}"#[..], "/snippets"),
        (br#"{"snippets": [{"snippet_id": "a", "snippet_id": "b", "relevance_score": 1}]}"#, "/snippets/0/snippet_id"),
        (br#"{"snippets": [{"snippet_id": "a", "relevance_score": 1e999}]}"#, "/snippets/0/relevance_score"),
        (br#"{"snippets": [{"snippet_id": "\ud800", "relevance_score": 1}]}"#, "/snippets/0/snippet_id"),
        (br#"{"snippets": [{"snippet_id": "a", "relevance_score": 1, "metadata": {"k": "1", "k": "2"}}]}"#, "/snippets/0/metadata/k"),
        (br#"{"snippets": [{"snippet_id": "a", "relevance_score": 1}], "normalization": NaN}"#, ""),
        (b"[]", ""),
        (b"", ""),
    ] {
        let text = String::from_utf8_lossy(body);
        assert_eq!(pointers(RankingRequest::parse(&session(), body)), [pointer], "{text}");
    }
}
