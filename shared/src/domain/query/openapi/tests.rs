//! The schema of a body takes what the parser takes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::error::Error;

/// The fields that a parser asks for, out of its source: the plain words in quotes.
fn asked_for(sources: [&str; 2]) -> BTreeSet<String> {
    let code = sources.map(|text| text.split("#[cfg(test)]").next().unwrap_or_default());
    let quoted = code
        .iter()
        .flat_map(|code| code.split('"').skip(1).step_by(2));
    let is_name = |text: &&str| {
        text.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    quoted.filter(is_name).map(str::to_owned).collect()
}

fn properties<T: PartialSchema>() -> serde_json::Map<String, Value> {
    let schema = serde_json::to_value(T::schema()).unwrap();
    assert_eq!(
        (&schema["required"], &schema["additionalProperties"]),
        (&json!(["query"]), &json!(false))
    );
    schema["properties"].as_object().unwrap().clone()
}

#[test]
fn the_fields_of_the_schema_are_those_of_the_parser() {
    let options = include_str!("../options.rs");
    for (asked_for, properties) in [
        (
            asked_for([include_str!("../knowledge.rs"), options]),
            properties::<KnowledgeQuery>(),
        ),
        (
            asked_for([include_str!("../conversation.rs"), options]),
            properties::<ConversationQuery>(),
        ),
    ] {
        let documented: BTreeSet<_> = properties.into_iter().map(|(name, _)| name).collect();
        assert_eq!(documented, asked_for);
    }
}

#[test]
fn the_limits_of_the_schema_are_those_of_the_parser() {
    let knowledge = |body: &Value| KnowledgeQuery::parse(body.to_string().as_bytes());
    let with = |field: &str, value: Value| {
        let mut body = json!({ "query": "reset router" });
        body[field] = value;
        knowledge(&body)
            .map(drop)
            .map_err(|error: Error| error.violations()[0].pointer.clone())
    };
    let properties = properties::<KnowledgeQuery>();
    let number = |schema: &Value| usize::try_from(schema.as_u64().unwrap()).unwrap();
    let text = serde_json::to_value(QueryText::schema()).unwrap();
    let label = serde_json::to_value(Label::schema()).unwrap();
    let (items, limit) = (&properties["statuses"], &properties["limit"]);
    let metadata = &properties["metadata"]["anyOf"][0];
    let many = |count: usize| json!(vec!["live"; count]);
    let keys = |count: usize| {
        (0..count)
            .map(|n| (n.to_string(), json!(n)))
            .collect::<Value>()
    };
    let long = |count: usize| "x".repeat(count);
    for (field, most, value) in [
        (
            "query",
            &text["maxLength"],
            &(|count| json!(long(count))) as &dyn Fn(usize) -> Value,
        ),
        ("territories", &label["maxLength"], &|count| {
            json!([long(count)])
        }),
        ("statuses", &items["maxItems"], &many),
        ("limit", &limit["maximum"], &|count| json!(count)),
        ("metadata", &metadata["maxProperties"], &keys),
        (
            "metadata",
            &metadata["propertyNames"]["maxLength"],
            &|count| json!({ (long(count)): 1 }),
        ),
        (
            "metadata",
            &metadata["additionalProperties"]["anyOf"][0]["maxLength"],
            &|count| json!({ "key": long(count) }),
        ),
    ] {
        assert_eq!(with(field, value(number(most))), Ok(()), "{field}");
        assert!(with(field, value(number(most) + 1)).is_err(), "{field}");
    }
}
