//! Bodies that no tree of JSON can hold: what is doubled, half a character, or too large for a float.

use serde_json::json;

use super::*;

#[test]
fn what_only_bytes_can_say_is_refused() {
    for (body, pointer) in [
        (&br#"{"query": "a", "query": "b"}"#[..], "/query"),
        (br#"{"query": "a", "qu\u0065ry": "b"}"#, "/query"),
        (
            br#"{"query": "a", "weights": {"vector": 1, "vector": 0, "lexical": 1}}"#,
            "/weights/vector",
        ),
        (
            br#"{"query": "a", "metadata": {"k": 1, "k": 2}}"#,
            "/metadata/k",
        ),
        (br#"{"query": "\ud800"}"#, "/query"),
        (
            br#"{"query": "a", "territories": ["\udc00x"]}"#,
            "/territories/0",
        ),
        (br#"{"query": "a", "metadata": {"\ud800": 1}}"#, "/metadata"),
        (br#"{"query": "a", "\ud800": 1}"#, ""),
        (br#"{"query": "a", "min_score": 1e999}"#, "/min_score"),
        (br#"{"query": "a", "limit": 1e2}"#, "/limit"),
        (br#"{"query": "a", "limit": 10.000001}"#, "/limit"),
        (
            br#"{"query": "a", "limit": 99999999999999999999999}"#,
            "/limit",
        ),
        (
            br#"{"query": "a", "metadata": {"n": 1e999}}"#,
            "/metadata/n",
        ),
        (
            br#"{"query": "a", "metadata": {"n": 1e-999}}"#,
            "/metadata/n",
        ),
        (
            br#"{"query": "a", "metadata": {"n": 11111111111111111111111111111111111111111}}"#,
            "/metadata/n",
        ),
        (br#"{"query": NaN}"#, ""),
        (br"[]", ""),
        (br#""query""#, ""),
        (b"", ""),
        (b"{\"query\": \"\xff\"}", ""),
    ] {
        let text = String::from_utf8_lossy(body);
        assert_eq!(pointers(KnowledgeQuery::parse(body)), [pointer], "{text}");
        assert!(ConversationQuery::parse(body).is_err(), "{text}");
    }
    let long = vec![b' '; MOST_BYTES + 1];
    assert!(matches!(
        KnowledgeQuery::parse(&long),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn json_knows_one_kind_of_number() {
    for limit in ["20", "20.0", "2e1", "2.0E+1"] {
        let body = format!(r#"{{"query": "a", "limit": {limit}}}"#);
        let query = KnowledgeQuery::parse(body.as_bytes()).unwrap();
        assert_eq!(query.options.limit.get(), 20, "{limit}");
    }
}

#[test]
fn a_number_of_the_metadata_stays_as_it_was_written() {
    let written = br#"{"query": "a", "metadata": {"a": 123456789012345678901, "b": -0.10, "c": 0e5, "d": 1e300, "e": "\u00e9\""}}"#;
    let query = KnowledgeQuery::parse(written).unwrap();
    let expected = r#"{"a":123456789012345678901,"b":-0.10,"c":0e5,"d":1e300,"e":"é\""}"#;
    assert_eq!(query.metadata.to_json(), expected);
    let keys: serde_json::Map<_, _> = (0..21).map(|n| (format!("k{n}"), json!(n))).collect();
    assert_eq!(pointers(knowledge(&with("metadata", keys))), ["/metadata"]);
    let none = knowledge(&with("metadata", json!({}))).unwrap();
    assert!(none.metadata.is_empty(), "no key asks for nothing");
}
