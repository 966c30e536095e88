//! What each request is answered, and what is then on the queue.

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::testing;

use crate::world::{BEARER, KEY, PATH, World, bearer, json_of, keyring, pointers};

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn an_event_becomes_one_message_with_the_raw_bytes() {
    let world = World::start().await;
    let event = fixture(include_str!("../../../../events/data-action-webhook.json"));
    let body = event["body"].as_str().unwrap().to_owned();
    let response = world.send(event).await;
    assert_eq!(response.status_code, 202, "{}", response.body);
    let queued = world.queued();
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0].body().unwrap(), body.as_bytes());
    let receipt = json_of(&response);
    assert_eq!(receipt["receipt_id"], json!(queued[0].receipt_id));
    assert_eq!(receipt["event_key"], json!(queued[0].event_key));
    assert_eq!(receipt["conversation_id"], json!("conv-8842-abc"));
}

#[tokio::test]
async fn a_base64_event_is_verified_and_kept_as_its_raw_bytes() {
    let world = World::start().await;
    let plain = fixture(include_str!("../../../../events/data-action-webhook.json"));
    let response = world
        .send(fixture(include_str!(
            "../../../../events/data-action-webhook.base64.json"
        )))
        .await;
    assert_eq!(response.status_code, 202, "{}", response.body);
    assert_eq!(
        world.queued()[0].body().unwrap(),
        plain["body"].as_str().unwrap().as_bytes()
    );
}

#[tokio::test]
async fn headers_that_were_doubled_and_joined_are_read() {
    let world = World::start().await;
    let mut event = fixture(include_str!(
        "../../../../events/data-action-webhook.joined-headers.json"
    ));
    let body = event["body"].as_str().unwrap().to_owned();
    assert_eq!(
        world.send(event.clone()).await.status_code,
        401,
        "the fixture's own signatures are forged"
    );
    let right = testing::signed(&keyring(KEY), "msg_1", Timestamp::now(), &body);
    for (name, value) in right {
        let joined = if name == "webhook-signature" {
            format!("v1,{}=,{value}", "A".repeat(43))
        } else {
            value
        };
        event["headers"][name] = json!(joined);
    }
    assert_eq!(world.send(event.clone()).await.status_code, 202);
    event["headers"]["webhook-id"] = json!("msg_1,msg_1");
    assert_eq!(
        world.send(event).await.status_code,
        401,
        "a doubled id is nobody's"
    );
}

#[tokio::test]
async fn a_repeat_has_the_same_event_key_whatever_its_spacing() {
    let world = World::start().await;
    let body = testing::conversation(1, 500);
    let spaced = serde_json::to_string_pretty(&fixture(&body)).unwrap();
    let other = testing::conversation(2, 500);
    let mut keys = Vec::new();
    for body in [&body, &spaced, &other] {
        keys.push(json_of(&world.post(body).await)["event_key"].clone());
    }
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
}

#[tokio::test]
async fn numbers_that_a_float_cannot_tell_apart_are_two_events() {
    let world = World::start().await;
    let mut keys = Vec::new();
    for number in ["123456789012345678901", "123456789012345678902"] {
        let body = testing::conversation(1, 300).replacen(
            "\"data\":{",
            &format!("\"data\":{{\"order\":{number},"),
            1,
        );
        keys.push(json_of(&world.post(&body).await)["event_key"].clone());
    }
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn nobody_gets_in_without_a_key_and_nothing_is_parsed_before() {
    let world = World::start().await;
    for body in ["{", "", &testing::conversation(1, 500)] {
        for headers in [
            vec![],
            vec![("authorization".to_owned(), format!("Bearer {BEARER}x"))],
        ] {
            let response = world.send(testing::http_event(PATH, &headers, body)).await;
            assert_eq!(response.status_code, 401);
            assert_eq!(response.headers["www-authenticate"], "Bearer");
        }
    }
    assert_eq!(world.queued().len(), 0);
}

#[tokio::test]
async fn every_broken_rule_is_listed_and_nothing_is_echoed() {
    let world = World::start().await;
    let body = json!({ "event": 7, "timestamp": "canary-4711", "data": ["canary-4711"], "extra": "canary-4711" });
    let response = world.post(&body.to_string()).await;
    assert_eq!(response.status_code, 400);
    assert_eq!(response.headers["content-type"], "application/problem+json");
    assert_eq!(
        pointers(&response),
        ["/conversationId", "/data", "/event", "/timestamp"]
    );
    assert!(!response.body.contains("canary"), "{}", response.body);
    assert_eq!(world.queued().len(), 0);
}

#[tokio::test]
async fn what_is_no_event_is_refused() {
    let world = World::start().await;
    let good = || fixture(&testing::conversation(1, 400));
    let with = |name: &str, value: Value| {
        let mut body = good();
        body[name] = value;
        body.to_string()
    };
    for (body, pointer) in [
        ("{".to_owned(), ""),
        ("[]".to_owned(), ""),
        ("null".to_owned(), ""),
        ("\u{feff}{}".to_owned(), ""),
        (
            format!("{{\"data\":{}{}}}", "[".repeat(64), "]".repeat(64)),
            "",
        ),
        (with("conversationId", json!("")), "/conversationId"),
        (
            with("conversationId", json!("a\u{fffe}")),
            "/conversationId",
        ),
        (with("conversationId", json!("a\u{0}b")), "/conversationId"),
        (
            with("conversationId", json!("x".repeat(256))),
            "/conversationId",
        ),
        (
            with("timestamp", json!("2026-01-15T10:30:00")),
            "/timestamp",
        ),
        (
            with("timestamp", json!("2026-13-15T10:30:00Z")),
            "/timestamp",
        ),
        (with("event", json!(" ")), "/event"),
        (with("data", Value::Null), "/data"),
    ] {
        let response = world.post(&body).await;
        assert_eq!(response.status_code, 400, "{body}");
        assert_eq!(pointers(&response), [pointer], "{body}");
    }
}

#[tokio::test]
async fn json_is_read_whatever_the_content_type_says() {
    let world = World::start().await;
    for content_type in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/json; charset=utf-8",
    ] {
        let mut headers = bearer();
        headers.push(("content-type".to_owned(), content_type.to_owned()));
        let response = world
            .send(testing::http_event(
                PATH,
                &headers,
                &testing::conversation(1, 400),
            ))
            .await;
        assert_eq!(response.status_code, 202, "{content_type}");
    }
}

#[tokio::test]
async fn sizes_encodings_methods_and_paths_have_their_statuses() {
    let world = World::start().await;
    let body = testing::conversation(1, 400);
    assert_eq!(
        world
            .post(&testing::conversation(1, 5_000_000))
            .await
            .status_code,
        413
    );
    assert_eq!(
        world
            .post(&testing::conversation(1, 1_200_000))
            .await
            .status_code,
        202,
        "it compresses"
    );
    let mut headers = bearer();
    headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
    assert_eq!(
        world
            .send(testing::http_event(PATH, &headers, &body))
            .await
            .status_code,
        415
    );
    assert_eq!(
        world
            .send(testing::http_event("/webhooks/other", &bearer(), &body))
            .await
            .status_code,
        404
    );
    let mut get = testing::http_event(PATH, &bearer(), &body);
    get["requestContext"]["http"]["method"] = json!("GET");
    let response = world.send(get).await;
    assert_eq!(
        (response.status_code, response.headers["allow"].as_str()),
        (405, "POST")
    );
    let mut odd = testing::http_event(PATH, &bearer(), "not base64!");
    odd["isBase64Encoded"] = json!(true);
    assert_eq!(world.send(odd).await.status_code, 400);
    let staged = testing::http_event(&format!("/prod{PATH}"), &bearer(), &body);
    assert_eq!(
        world.send(staged).await.status_code,
        202,
        "behind a stage or a base path"
    );
    assert_eq!(
        world.send(json!({})).await.status_code,
        404,
        "an event from nowhere"
    );
}

#[tokio::test]
async fn the_correlation_id_goes_from_the_caller_to_the_queue_and_back() {
    let world = World::start().await;
    let mut headers = bearer();
    headers.push(("X-Correlation-Id".to_owned(), "call-42".to_owned()));
    let response = world
        .send(testing::http_event(
            PATH,
            &headers,
            &testing::conversation(1, 400),
        ))
        .await;
    assert_eq!(response.headers["x-correlation-id"], "call-42");
    assert_eq!(world.queued_correlation_id().await, "call-42");
    headers.pop();
    headers.push(("X-Correlation-Id".to_owned(), "\" injected".to_owned()));
    let response = world.send(testing::http_event(PATH, &headers, "{}")).await;
    assert_eq!(
        response.headers["x-correlation-id"], "request-1",
        "an unsound one is not taken over"
    );
}
