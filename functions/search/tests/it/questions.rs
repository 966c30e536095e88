//! Questions and their answers; what makes no sense is refused at once, all of it.

use serde_json::{Value, json};

use crate::world::{CONVERSATIONS, KNOWLEDGE, World, json_of, pointers, send};

const ARTICLES: &str = include_str!("../../../../events/search.knowledge.json");
const CALLS: &str = include_str!("../../../../events/search.conversations.json");

const TEXTS: [(&str, &str); 4] = [
    (
        "router",
        "Router. Hold the reset button of the router for ten seconds until the lamp is green.",
    ),
    (
        "invoice",
        "Invoices. A second invoice is cancelled, and the money is back within three days.",
    ),
    (
        "lamp",
        "Lamps. A lamp that blinks red has lost its settings.",
    ),
    (
        "again",
        "Router. Hold the reset button of the router for ten seconds, until the lamp is green!",
    ),
];

#[tokio::test]
async fn a_question_finds_the_article_and_says_why() {
    let Some(world) = World::start("a_question_finds").await else {
        return;
    };
    world.articles(&TEXTS).await;
    let event: Value = serde_json::from_str(ARTICLES).unwrap();
    let response = send(&world.app, event).await;
    assert_eq!(response.status_code, 200, "{}", response.body);
    assert_eq!(response.headers["content-type"], "application/json");
    let answer = json_of(&response);
    let best = &answer["results"][0];
    assert_eq!(
        best["article_id"], "again",
        "of two that are nearly the same, the first: {answer:#}"
    );
    assert_eq!(best["near_duplicates"], 1);
    assert_eq!(
        (&best["title"], &best["heading"]),
        (&json!("About again"), &json!("Help"))
    );
    assert_eq!(
        (&best["language"], &best["metadata"]["territory"]),
        (&json!("en-US"), &json!("US"))
    );
    let text: Vec<char> = best["text"].as_str().unwrap().chars().collect();
    let marked = |mark: &Value| -> String {
        let at = |end: &str| usize::try_from(mark[end].as_u64().unwrap()).unwrap();
        text[at("start")..at("end")].iter().collect()
    };
    let marked: Vec<_> = best["highlights"]
        .as_array()
        .unwrap()
        .iter()
        .map(marked)
        .collect();
    assert_eq!(marked, ["Router", "reset", "router"]);
    let explain = &best["explain"];
    let (vector, lexical) = (&explain["vector"], &explain["lexical"]);
    let number = |value: &Value| value.as_f64().unwrap();
    assert!(
        (number(&vector["contribution"]) + number(&lexical["contribution"])
            - number(&best["score"]))
        .abs()
            < 1e-9
    );
    let terms: f64 = lexical["terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| number(&term["score"]))
        .sum();
    assert!(
        (terms - number(&lexical["raw"])).abs() < 1e-9,
        "{explain:#}"
    );
    assert_eq!(explain["found_by"], json!(["vector", "lexical"]));
    assert_eq!(
        (&answer["vector_unavailable"], &answer["underfilled"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(answer["model"]["name"], "text-embedding-3-small");
    assert_eq!(answer["languages_used"], json!(["en-US"]));
    assert_eq!(
        (&answer["next_cursor"], &answer["generation"]),
        (&Value::Null, &json!(1))
    );
}

#[tokio::test]
async fn a_question_finds_the_conversation() {
    let Some(world) = World::start("a_question_finds_the_conversation").await else {
        return;
    };
    world
        .conversation("c-1", "Customer: I was billed twice for October.", 0)
        .await;
    world
        .conversation("c-2", "Customer: The router blinks red since the storm.", 9)
        .await;
    let event: Value = serde_json::from_str(CALLS).unwrap();
    let response = send(&world.app, event).await;
    assert_eq!(response.status_code, 200, "{}", response.body);
    let answer = json_of(&response);
    let best = &answer["results"][0];
    assert_eq!(
        (&best["conversation_id"], &best["language"]),
        (&json!("c-2"), &json!("en"))
    );
    assert_eq!(best["occurred_at"], "2026-01-15T10:30:09Z");
    assert_eq!(best["metadata"]["intent_category"], "complaint");
    assert!(
        best.get("explain").is_none() && best.get("highlights").is_none(),
        "nobody asked for it"
    );
    let none = json!({ "query": "router", "intents": ["praise"] });
    let answer = json_of(&world.post(CONVERSATIONS, &none).await);
    assert_eq!(
        (&answer["results"], &answer["underfilled"]),
        (&json!([]), &json!(true))
    );
}

/// Lambda gives back no answer of more than 6 MB, and in old rows a word without end is one piece.
#[tokio::test]
async fn an_answer_stays_small_however_long_the_stored_texts_are() {
    let Some(world) = World::start("an_answer_stays_small").await else {
        return;
    };
    for (name, rest) in [("c-1", "\u{e9}"), ("c-2", "router \" ")] {
        let text = format!(
            "Customer: The router of {name} is {}",
            rest.repeat((4 << 20) / rest.len())
        );
        world.conversation(name, &text, 0).await;
    }
    let question = json!({ "query": "router", "highlight": true, "explain": true });
    let response = world.post(CONVERSATIONS, &question).await;
    assert_eq!(response.status_code, 200);
    assert!(
        response.body.len() < 1 << 20,
        "{} bytes",
        response.body.len()
    );
    let answer = json_of(&response);
    let results = answer["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let text = result["text"].as_str().unwrap();
        assert!(text.starts_with("Customer: The router of c-") && text.len() <= 49_152);
        assert!(text.len() > 49_000, "{}", text.len());
        assert!(result["highlights"].as_array().unwrap().len() <= 1_000);
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_every_pointer() {
    let Some(world) = World::start("what_makes_no_sense").await else {
        return;
    };
    let odd = json!({ "query": " ", "limit": 0, "territories": [7], "colour": "red", "weights": { "vector": 2 } });
    let expected = [
        "/colour",
        "/limit",
        "/query",
        "/territories/0",
        "/weights/lexical",
        "/weights/vector",
    ];
    let response = world.post(KNOWLEDGE, &odd).await;
    assert_eq!(
        (response.status_code, pointers(&response)),
        (400, expected.map(str::to_owned).to_vec())
    );
    assert_eq!(response.headers["content-type"], "application/problem+json");
    let long = "x".repeat(70_000);
    for (body, status) in [
        ("", 400),
        ("[]", 400),
        ("{", 400),
        ("{\"query\": \"\\ud800\"}", 400),
        ("{\"query\": \"a\\u0000\"}", 400),
        (long.as_str(), 413),
    ] {
        for path in [KNOWLEDGE, CONVERSATIONS] {
            let response = world.post_text(path, body).await;
            assert_eq!(response.status_code, status, "{path} {}", response.body);
        }
    }
    for (method, path, status) in [
        ("GET", KNOWLEDGE, 405),
        ("POST", "/conversations/c-1", 405),
        ("POST", "/search", 404),
        ("GET", "/conversations/", 404),
    ] {
        let headers = [("x-api-key", world.key.as_str())];
        let response = send(&world.app, crate::world::event(method, path, &headers)).await;
        assert_eq!(response.status_code, status, "{method} {path}");
    }
    let empty = json_of(&world.post(KNOWLEDGE, &json!({ "query": "anything" })).await);
    assert_eq!(
        (&empty["results"], &empty["underfilled"]),
        (&json!([]), &json!(true))
    );
}

#[tokio::test]
async fn a_page_leads_to_the_next_until_something_changes() {
    let Some(world) = World::start("a_page_leads").await else {
        return;
    };
    world.articles(&TEXTS).await;
    let mut body = json!({ "query": "lamp", "limit": 2, "collapse": false });
    let first = json_of(&world.post(KNOWLEDGE, &body).await);
    body["cursor"] = first["next_cursor"].clone();
    let second = json_of(&world.post(KNOWLEDGE, &body).await);
    let ids = |answer: &Value| -> Vec<String> {
        let results = answer["results"].as_array().unwrap().iter();
        results
            .map(|one| one["article_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut all = [ids(&first), ids(&second)].concat();
    all.sort();
    assert_eq!(all, ["again", "invoice", "lamp", "router"]);
    world.articles(&[("new", "A new lamp.")]).await;
    let response = world.post(KNOWLEDGE, &body).await;
    assert_eq!(response.status_code, 409, "{}", response.body);
}
