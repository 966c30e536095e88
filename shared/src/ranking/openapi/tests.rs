//! The schema of a body takes what the parser takes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::error::Error;

fn schema<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap()
}

fn names(schema: &Value) -> BTreeSet<&str> {
    let properties = schema["properties"].as_object().unwrap();
    properties.keys().map(String::as_str).collect()
}

/// The fields that a parser asks for, out of its source.
fn asked_for(source: &str) -> BTreeSet<String> {
    let code: String = source.split_whitespace().collect();
    let fields = ["take(\"", "require(\""].map(|call| {
        let calls = code.split(call).skip(1);
        let names = calls.filter_map(|rest| rest.split('"').next());
        names.map(str::to_owned).collect::<Vec<_>>()
    });
    fields.into_iter().flatten().collect()
}

/// The last parts of the places at which something is wrong.
fn told(wrong: Option<&Error>) -> BTreeSet<String> {
    let violations = wrong.map(Error::violations).unwrap_or_default();
    let places = violations.iter().map(|one| one.pointer.rsplit('/').next());
    places.flatten().map(str::to_owned).collect()
}

fn ranking(body: &Value) -> Option<Error> {
    let session = SessionId::parse("s").unwrap();
    RankingRequest::parse(&session, body.to_string().as_bytes()).err()
}

fn click(body: &Value) -> Option<Error> {
    let session = SessionId::parse("s").unwrap();
    Click::parse(&session, body.to_string().as_bytes()).err()
}

#[test]
fn the_fields_of_the_schema_are_those_of_the_parser() {
    let one_snippet = |snippet: Value| ranking(&json!({ "snippets": [snippet] }));
    for (schema, source, read) in [
        (
            schema::<RankingRequest>(),
            include_str!("../request.rs"),
            &ranking as &dyn Fn(&Value) -> Option<Error>,
        ),
        (
            schema::<Snippet>(),
            include_str!("../snippet.rs"),
            &|body| one_snippet(body.clone()),
        ),
        (schema::<Click>(), include_str!("../clicks.rs"), &click),
    ] {
        assert_eq!(schema["additionalProperties"], json!(false));
        let documented = names(&schema).into_iter().map(str::to_owned);
        assert_eq!(documented.collect::<BTreeSet<_>>(), asked_for(source));
        // No field is a list of lists, so all are told of, and told that they are wrong, not that they are unknown.
        let body: Value = names(&schema)
            .into_iter()
            .map(|name| (name, json!([[]])))
            .collect();
        let error = read(&body).unwrap();
        let is_unknown = |detail: &str| detail == "is no field of this object";
        assert!(
            !error.violations().iter().any(|one| is_unknown(&one.detail)),
            "{error:?}"
        );
        let required = schema["required"].as_array().unwrap();
        let required: BTreeSet<_> = required.iter().filter_map(Value::as_str).collect();
        let missing = told(read(&json!({})).as_ref());
        assert_eq!(
            missing.iter().map(String::as_str).collect::<BTreeSet<_>>(),
            required
        );
    }
}

#[test]
fn the_limits_of_the_schema_are_those_of_the_parser() {
    let (request, snippet) = (schema::<RankingRequest>(), schema::<Snippet>());
    let metadata = &snippet["properties"]["metadata"]["anyOf"][0];
    let number = |schema: &Value| usize::try_from(schema.as_u64().unwrap()).unwrap();
    let snippet = |field: &str, value: Value| {
        let mut body = json!({ "snippet_id": "a", "relevance_score": 0.5 });
        body[field] = value;
        json!({ "snippets": [body] })
    };
    let with = |field: &str, value: Value| {
        let mut body = snippet("boost_factor", json!(1));
        body[field] = value;
        body
    };
    let keys = |count: usize| -> Value { (0..count).map(|n| (n.to_string(), json!(""))).collect() };
    let many = |count: usize| -> Value {
        let ids = (0..count).map(|n| json!({ "snippet_id": n.to_string(), "relevance_score": 0 }));
        ids.collect()
    };
    let url = |count: usize| format!("https://example.com/{}", "x".repeat(count - 20));
    for (most, body) in [
        (
            &request["properties"]["snippets"]["maxItems"],
            &(|count| json!({ "snippets": many(count) })) as &dyn Fn(usize) -> Value,
        ),
        (
            &request["properties"]["max_result_window"]["maximum"],
            &|count| with("max_result_window", json!(count)),
        ),
        (&schema::<CallbackUrl>()["maxLength"], &|count| {
            with("callback_url", json!(url(count)))
        }),
        (&schema::<SnippetId>()["maxLength"], &|count| {
            snippet("snippet_id", json!("x".repeat(count)))
        }),
        (&schema::<Boost>()["maximum"], &|count| {
            snippet("boost_factor", json!(count))
        }),
        (&metadata["maxProperties"], &|count| {
            snippet("metadata", keys(count))
        }),
        (&metadata["additionalProperties"]["maxLength"], &|count| {
            snippet("metadata", json!({ "": "x".repeat(count) }))
        }),
    ] {
        assert!(ranking(&body(number(most))).is_none(), "{most}");
        assert!(ranking(&body(number(most) + 1)).is_some(), "{most}");
    }
    let last = number(&schema::<RankPosition>()["maximum"]);
    let at = |place: usize| json!({ "snippet_id": "a", "rank_position": place, "action": "copy" });
    assert!(click(&at(last)).is_none() && click(&at(last + 1)).is_some());
}
