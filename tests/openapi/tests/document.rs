//! The committed document is what the types say, and leaves no route out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs::read_to_string;

use serde_json::Value;
use shared::auth::Scope;

fn document() -> Value {
    serde_json::from_str(&openapi::document().unwrap()).unwrap()
}

#[test]
fn the_committed_document_is_what_the_types_say() {
    let committed = read_to_string(openapi::PATH).unwrap_or_default();
    let is_same = committed == openapi::document().unwrap();
    assert!(
        is_same,
        "docs/openapi.json is old; `cargo local openapi` writes it"
    );
}

#[test]
fn every_production_route_is_in_it() {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sam/template.yaml");
    let template = read_to_string(template).unwrap();
    let after = |line: &str, key: &str| line.trim().strip_prefix(key).map(str::to_owned);
    let paths = template.lines().filter_map(|line| after(line, "Path: "));
    let methods = template.lines().filter_map(|line| after(line, "Method: "));
    let production: BTreeSet<_> = paths.zip(methods.map(|one| one.to_lowercase())).collect();
    let document = document();
    let routes = document["paths"].as_object().unwrap().iter();
    let documented = routes.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(|method| (path.clone(), method.clone()))
    });
    assert_eq!(documented.collect::<BTreeSet<_>>(), production);
}

#[test]
fn what_it_asks_for_is_defined() {
    let document = document();
    let schemes = &document["components"]["securitySchemes"];
    let mut scopes = BTreeSet::new();
    let items = document["paths"].as_object().unwrap().values();
    for operation in items.flat_map(|item| item.as_object().unwrap().values()) {
        for requirement in operation["security"].as_array().unwrap() {
            for (scheme, wanted) in requirement.as_object().unwrap() {
                assert!(schemes[scheme].is_object(), "{scheme}");
                scopes.extend(
                    wanted
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|one| one.as_str().unwrap().to_owned()),
                );
            }
        }
    }
    assert!(scopes.contains("knowledge:refresh"));
    for scope in scopes {
        assert!(scope.parse::<Scope>().is_ok(), "{scope} is no scope");
    }
    for reference in references(&document) {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// Every `$ref` below a value.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter()
                .chain(fields.values().flat_map(references))
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
