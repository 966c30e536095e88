//! Whatever comes in, the answer is never the server's fault.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use shared::testing;

use crate::world::{BEARER, PATH, World};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,30}".prop_map(Value::from),
        Just(json!("2026-01-15T10:30:00Z")),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(
                "event|timestamp|conversationId|data|.{0,8}",
                inner,
                0..6
            )
            .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A valid event with one field replaced: most pass all the way to the queue.
fn almost_valid() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        Just("event"),
        Just("timestamp"),
        Just("conversationId"),
        Just("data"),
        Just("other")
    ];
    let odd = prop_oneof![
        3 => any_json(),
        1 => Just(json!("a\u{fffe}b\u{ffff}")),
        1 => Just(json!({ "deep": [[[[{ "x": "\u{0}\u{fffe}" }]]]] })),
        1 => (1_usize..200_000).prop_map(|size| json!({ "long": "x".repeat(size) })),
    ];
    (field, odd, 0_usize..1_000).prop_map(|(field, odd, number)| {
        let mut body: Value = serde_json::from_str(&testing::conversation(number, 400)).unwrap();
        body[field] = odd;
        body.to_string()
    })
}

fn any_body() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => almost_valid(),
        2 => any_json().prop_map(|value| value.to_string()),
        1 => any_json().prop_flat_map(|value| {
            let text: Vec<char> = value.to_string().chars().collect();
            (Just(text.clone()), 0..=text.len()).prop_map(|(text, cut)| text[..cut].iter().collect())
        }),
        1 => ".{0,200}",
        1 => "[\\[{\\]}\":,]{0,300}",
    ]
}

fn any_event() -> impl Strategy<Value = Value> {
    let authorization = prop_oneof![12 => Just(format!("Bearer {BEARER}")), 1 => ".{0,40}"];
    let path = prop_oneof![20 => Just(PATH.to_owned()), 1 => "/[a-z/.%]{0,20}"];
    let method = prop_oneof![20 => Just("POST"), 1 => Just("GET"), 1 => Just("")];
    let others = proptest::collection::hash_map(
        "webhook-(id|timestamp|signature)|content-type|content-encoding|.{0,9}",
        ".{0,40}",
        0..4,
    );
    let encoded = prop_oneof![
        4 => any_body().prop_map(|body| (body, false)),
        4 => any_body().prop_map(|body| (STANDARD.encode(body), true)),
        1 => any_body().prop_map(|body| (body, true)),
    ];
    (authorization, path, method, encoded, others).prop_map(
        |(auth, path, method, (body, base64), others)| {
            let mut headers = json!(others);
            headers["authorization"] = json!(auth);
            json!({
                "rawPath": path, "headers": headers, "body": body, "isBase64Encoded": base64,
                "requestContext": { "http": { "method": method, "path": path }, "requestId": "r" },
            })
        },
    )
}

#[test]
fn no_request_is_answered_with_a_server_error() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::start());
    let cases = u32::try_from(testing::proof_size(3_000, 100_000)).unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let accepted = std::cell::Cell::new(0);
    let outcome = runner.run(&any_event(), |event| {
        let response = runtime.block_on(world.send(event));
        prop_assert!(response.status_code < 500, "{}", response.status_code);
        accepted.set(accepted.get() + u32::from(response.status_code == 202));
        Ok(())
    });
    outcome.unwrap();
    assert!(
        accepted.get() * 20 > cases,
        "only {} of {cases} got as far as the queue",
        accepted.get()
    );
}
