//! What a stranger may send: refused with every pointer, or taken letter by letter; never a server error, never repeated.

use serde_json::{Value, json};
use shared::http::Response;

use crate::world::{CONVERSATIONS, KNOWLEDGE, World, event, json_of, pointers, send};

/// Words that mean something to a regular expression, a tsquery, LIKE, SQL, JSON paths or vectors, and nothing here.
const CODE: [&str; 14] = [
    "([{.*+?\\^$|",
    "(a+)+$",
    "a & b:* | !c <-> (d",
    "'",
    "' OR '1'='1' --",
    "'); DROP TABLE knowledge_chunks; --",
    "$1; SELECT pg_sleep(9)",
    "%_\\%",
    "\\x00\\u0000\\",
    "[0,1,NaN]",
    "$.a ? (@ > 1)",
    "{\"$ne\": null}",
    "</script>\u{202e}\u{feff}\u{200b}",
    "🙂 名前 e\u{301}\u{301}\u{301}",
];

fn refused(response: &Response, wrong: &[&str], sent: &str) {
    assert_eq!(response.status_code, 400, "{sent}: {}", response.body);
    assert_eq!(response.headers["content-type"], "application/problem+json");
    assert_eq!(pointers(response), wrong, "{sent}");
    // Only a plain name is repeated, for the caller to find it.
    let said = response.body.replace("\"/canary\"", "");
    assert!(!said.contains("canary"), "{said}");
}

#[tokio::test]
async fn bad_bodies_are_refused_with_every_pointer() {
    let Some(world) = World::start("bad_bodies_are_refused").await else {
        return;
    };
    let long = json!({ "query": "x".repeat(2_001) }).to_string();
    let deep = format!(r#"{{"query": {}{}}}"#, "[".repeat(70), "]".repeat(70));
    let every = r#"{"query": " ", "limit": 0, "cursor": "canary", "language": "canary canary", "metadata": {"k": []},
        "weights": {"vector": 0, "lexical": 0}, "fusion": "canary", "min_score": 2, "collapse": "yes", "canary": 1, "vector": [0.1]}"#;
    for (body, wrong) in [
        ("", &[""][..]),
        ("canary", &[""]),
        ("null", &[""]),
        ("[]", &[""]),
        ("{}", &["/query"]),
        (r#"{"query": "canary""#, &[""]),
        (r#"{"query": ""}"#, &["/query"]),
        (r#"{"query": "\u3000\t\n"}"#, &["/query"]),
        (r#"{"query": ["canary"]}"#, &["/query"]),
        (r#"{"query": "canary\u0000"}"#, &["/query"]),
        (r#"{"query": "canary\ud800"}"#, &["/query"]),
        (r#"{"query": "canary", "query": "canary"}"#, &["/query"]),
        (&long, &["/query"]),
        (&deep, &[""]),
        (
            r#"{"query": "a", "canary canary": 1, "__proto__": {}}"#,
            &["", "/__proto__"],
        ),
        (
            r#"{"query": "a", "metadata": {"a": "canary\u0000", "b": {"$gt": 1}}}"#,
            &["/metadata/a", "/metadata/b"],
        ),
        (
            every,
            &[
                "/canary",
                "/collapse",
                "/cursor",
                "/fusion",
                "/language",
                "/limit",
                "/metadata/k",
                "/min_score",
                "/query",
                "/vector",
                "/weights",
            ],
        ),
    ] {
        for path in [KNOWLEDGE, CONVERSATIONS] {
            let response = world.post_text(path, body).await;
            refused(&response, wrong, body);
        }
    }
}

#[tokio::test]
async fn code_is_only_words() {
    let Some(world) = World::start("code_is_only_words").await else {
        return;
    };
    let text = "Hold the button for ten seconds.";
    world.articles(&[("reset", text)]).await;
    world.conversation("conv-1", text, 0).await;
    for code in CODE {
        for (path, labels) in [(KNOWLEDGE, "territories"), (CONVERSATIONS, "intents")] {
            let asked = json!({ "query": code, "highlight": true, "explain": true });
            let found = world.post(path, &asked).await;
            assert_eq!(found.status_code, 200, "{code}: {}", found.body);
            for filter in [
                json!({ labels: [code] }),
                json!({ "metadata": { (code): code } }),
                json!({ "metadata": { "source": code } }),
            ] {
                let mut asked = filter.clone();
                asked["query"] = json!(text);
                let found = world.post(path, &asked).await;
                assert_eq!(found.status_code, 200, "{filter}: {}", found.body);
                assert_eq!(json_of(&found)["results"], json!([]), "{filter}");
            }
        }
    }
    let asked = json!({ "query": text });
    for path in [KNOWLEDGE, CONVERSATIONS] {
        let found = json_of(&world.post(path, &asked).await);
        assert_eq!(found["results"][0]["text"], text, "all is still there");
    }
}

#[tokio::test]
async fn odd_names_are_refused_or_unknown() {
    let Some(world) = World::start("odd_names_are_refused").await else {
        return;
    };
    for (name, status) in [
        ("%00", 400),
        ("a%0Ab", 400),
        ("%FF", 400),
        ("%20", 400),
        (&"x".repeat(256), 400),
        ("%27%20OR%201%3D1--", 404),
        ("%25", 404),
        ("..", 404),
    ] {
        let response = world.get(&format!("/conversations/{name}")).await;
        assert_eq!(response.status_code, status, "{name}: {}", response.body);
    }
}

#[tokio::test]
async fn a_body_in_base64_is_read_and_a_false_one_refused() {
    let Some(world) = World::start("a_body_in_base64").await else {
        return;
    };
    for (body, status) in [
        ("eyJxdWVyeSI6ICJhIn0=", 200),
        ("/w==", 400),
        ("canary!", 400),
    ] {
        let mut event = event("POST", KNOWLEDGE, &[("x-api-key", &world.key)]);
        event["body"] = json!(body);
        event["isBase64Encoded"] = Value::Bool(true);
        let response = send(&world.app, event).await;
        assert_eq!(response.status_code, status, "{body}: {}", response.body);
    }
}
