//! What is told is signed, and its receiver can tell a repeat.

use jiff::Timestamp;
use shared::Kind;
use shared::auth::Unverified;
use shared::callback::drain;
use shared::http::Headers;
use shared::testing::keyring;

use crate::receiver::{Answer, Receiver, Told, status};
use crate::stage::{NEW_KEY, OLD_KEY, Stage, caller, caller_of, keys, soon};

/// Whether a receiver that holds this key believes it.
fn is_believed(told: &Told, key: &str) -> bool {
    let secret = format!(r#"{{"standard-webhooks": ["{key}"]}}"#);
    let keyring = keyring(r#"["standard-webhooks"]"#, &secret).unwrap();
    let headers = Headers::from_pairs(told.headers.clone());
    let request = Unverified::new(headers, told.body.clone());
    request.verify(&keyring, Timestamp::now()).is_ok()
}

#[tokio::test]
async fn whoever_holds_the_new_key_or_the_old_one_believes_it() {
    let Some(stage) = Stage::set("whoever_holds").await else {
        return;
    };
    let receiver = Receiver::at("127.0.0.1", 0, |_, _| status(204, "")).await;
    let id = stage.enqueue(&receiver.url("told?a=b"), "one").await;
    let drained = stage.drain(&caller_of(receiver.port)).await;
    assert_eq!((drained.delivered, drained.again, drained.dead), (1, 0, 0));
    assert_eq!(stage.left().await, []);

    let told = &receiver.told()[0];
    assert_eq!(told.line, "POST /told?a=b HTTP/1.1");
    assert_eq!(told.headers["content-type"], "application/json");
    assert_eq!(told.headers["webhook-id"], id.to_string());
    assert_eq!(told.body, r#"{"subject":"one", "umlaut": "ü"}"#.as_bytes());
    let stranger = "whsec_c29tZWJvZHkgZWxzZSdzIGtleSBlbnRpcmVseQ==";
    assert!(is_believed(told, NEW_KEY) && is_believed(told, OLD_KEY));
    assert!(!is_believed(told, stranger));
    let mut forged = told.clone();
    forged.body.push(b' ');
    assert!(!is_believed(&forged, NEW_KEY));
}

#[tokio::test]
async fn after_a_lost_answer_it_is_told_again_under_the_same_name() {
    let Some(stage) = Stage::set("after_a_lost_answer").await else {
        return;
    };
    let rule = |number, _: &Told| match number {
        0 => Answer::Lost,
        1 => status(503, ""),
        _ => status(200, ""),
    };
    let receiver = Receiver::at("127.0.0.1", 0, rule).await;
    let id = stage.enqueue(&receiver.url(""), "one").await;
    let caller = caller_of(receiver.port);
    for expected in [(0, 1), (0, 1), (1, 0)] {
        let drained = stage.drain(&caller).await;
        assert_eq!((drained.delivered, drained.again), expected);
        stage.hurry().await;
    }
    let told = receiver.told();
    let ids: Vec<_> = told.iter().map(|one| &one.headers["webhook-id"]).collect();
    assert_eq!(ids, [&id.to_string(); 3]);
    assert!(told.iter().all(|one| is_believed(one, NEW_KEY)));
    assert_eq!(stage.left().await, []);
}

#[tokio::test]
async fn without_a_key_nothing_is_told_and_no_try_is_used_up() {
    let Some(stage) = Stage::set("without_a_key").await else {
        return;
    };
    let receiver = Receiver::at("127.0.0.1", 0, |_, _| status(200, "")).await;
    stage.enqueue(&receiver.url(""), "one").await;
    for secret in [
        "",
        "{}",
        r#"{"keys": []}"#,
        r#"{"keys": ["whsec_c2hvcnQ="]}"#,
        r#"{"keys": ["whsec_canary!"]}"#,
    ] {
        let caller = caller(&[receiver.port], &["127.0.0.1"], secret);
        let error = drain(&stage.database, &caller, soon()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Misconfigured, "{secret}");
        assert!(!error.chain().contains("canary"));
    }
    assert_eq!(receiver.connections(), 0);
    assert_eq!(stage.left().await[0].0, 0);
    let caller = caller(&[receiver.port], &["127.0.0.1"], &keys());
    assert_eq!(stage.drain(&caller).await.delivered, 1);
}
