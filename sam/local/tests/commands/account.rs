//! An account of AWS: a stand-in for Lambda that checks every signature, and answers as told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::{Said, run};

const SECRET: &str = "a-secret-that-nobody-sees";

#[derive(Clone)]
struct Lambda {
    address: String,
    seen: Arc<Mutex<Vec<(String, Value)>>>,
    /// What is answered; each once, the last one for ever.
    answers: Arc<Mutex<Vec<(u16, bool, Value)>>>,
}

impl Lambda {
    async fn start(answers: &[(u16, bool, Value)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let lambda = Self {
            address: listener.local_addr().unwrap().to_string(),
            seen: Arc::default(),
            answers: Arc::new(Mutex::new(answers.to_vec())),
        };
        let routes = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(invoke))
            .with_state(lambda.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        lambda
    }

    async fn run(&self, arguments: &[&str]) -> Said {
        let endpoint = format!("http://{}", self.address);
        let variables = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
        ];
        let said = run(arguments, &variables).await;
        assert!(!format!("{said:?}").contains(SECRET), "{said:?}");
        said
    }

    fn seen(&self) -> Vec<(String, Value)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn invoke(
    State(lambda): State<Lambda>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_signed(&name, &headers, &body) {
        return (StatusCode::FORBIDDEN, r#"{"Message": "the signature"}"#).into_response();
    }
    let task = serde_json::from_slice(&body).unwrap();
    lambda.seen.lock().unwrap().push((name, task));
    let mut answers = lambda.answers.lock().unwrap();
    let (code, failed, answer) = match answers.len() {
        1 => answers[0].clone(),
        _ => answers.remove(0),
    };
    let code = StatusCode::from_u16(code).unwrap();
    if failed {
        let header = [("x-amz-function-error", "Unhandled")];
        return (code, header, answer.to_string()).into_response();
    }
    (code, answer.to_string()).into_response()
}

fn hex(bytes: &[u8]) -> String {
    let bytes = bytes.iter();
    bytes.fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The signature of version 4, as its description says, without the library under test.
fn is_signed(name: &str, headers: &HeaderMap, body: &[u8]) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    };
    let authorization = text("authorization");
    let part = |name: &str| {
        let rest = authorization.split(name).nth(1).unwrap_or_default();
        rest.split(',').next().unwrap_or_default().to_owned()
    };
    let (scope, signed, signature) = (
        part("Credential="),
        part("SignedHeaders="),
        part("Signature="),
    );
    let Some(scope) = scope.strip_prefix("AKIDEXAMPLE/") else {
        return false;
    };
    let lines = signed
        .split(';')
        .map(|one| format!("{one}:{}\n", text(one)));
    let request = format!(
        "POST\n/2015-03-31/functions/{name}/invocations\n\n{}\n{signed}\n{}",
        lines.collect::<String>(),
        hex(&Sha256::digest(body))
    );
    let date = text("x-amz-date");
    let wanted = format!("{}/eu-central-1/lambda/aws4_request", &date[..8]);
    let digest = hex(&Sha256::digest(request));
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}");
    let key = scope
        .split('/')
        .fold(format!("AWS4{SECRET}").into_bytes(), |key, part| {
            mac(&key, part)
        });
    scope == wanted && signed.contains("host") && hex(&mac(&key, &to_sign)) == signature
}

#[tokio::test]
async fn a_conversation_is_erased_in_an_account() {
    let receipt = json!({"receipt_id": "r-1", "conversation_mac": "ab", "erased_at": "2026-01-15T10:30:00Z",
        "removed": {"conversation_events": 2}});
    let lambda = Lambda::start(&[(200, false, receipt.clone())]).await;
    let said = lambda.run(&["erase", "conv-1", "--aws"]).await;
    assert!(
        said.code == Some(1) && said.err.contains("--yes"),
        "{said:?}"
    );
    assert!(lambda.seen().is_empty(), "nobody said yes");
    let said = lambda
        .run(&["erase", "conv-1", "--yes", "--aws", "--json"])
        .await;
    assert_eq!(said.json(), receipt);
    let said = lambda
        .run(&["erase", "conv-1", "--yes", "--aws", "--stack", "other"])
        .await;
    assert!(
        said.code == Some(0) && said.out.contains("2 conversation_events"),
        "{said:?}"
    );
    assert!(!said.err.contains("Nothing at all"), "{said:?}");
    let task = json!({"task": "erase", "conversation_id": "conv-1"});
    assert_eq!(
        lambda.seen(),
        [
            (
                "cxone-memory-conversation-embedder".to_owned(),
                task.clone()
            ),
            ("other-conversation-embedder".to_owned(), task),
        ]
    );
}

#[tokio::test]
async fn whoever_erases_what_is_not_there_is_told() {
    let receipt = json!({"receipt_id": "r-1", "conversation_mac": "ab", "erased_at": "2026-01-15T10:30:00Z",
        "removed": {"conversation_events": 0, "transcripts": 0}});
    let lambda = Lambda::start(&[(200, false, receipt)]).await;
    let said = lambda.run(&["erase", "conv-1", "--yes", "--aws"]).await;
    assert!(
        said.code == Some(0) && said.err.contains("Nothing at all"),
        "{said:?}"
    );
}

fn report(done: u64, left: u64) -> (u16, bool, Value) {
    let models = json!([{"provider": "openai", "name": "small", "dimensions": 1_536, "done": done, "left": left, "failed": 0}]);
    let report = json!({"models": models, "finished": left == 0});
    (200, false, report)
}

#[tokio::test]
async fn it_is_repeated_until_nothing_is_left_and_then_switched() {
    let active = |lacking: u64| {
        (
            200,
            false,
            json!({"active": {"name": "small"}, "lacking": lacking}),
        )
    };
    let all = [report(10, 20), report(20, 10), report(30, 0), active(0)];
    let lambda = Lambda::start(&all).await;
    let said = lambda
        .run(&["reembed", "--switch", "small", "--aws", "--json"])
        .await;
    let told = said.json();
    assert_eq!(
        (&told["finished"], &told["active"]["name"]),
        (&json!(true), &json!("small"))
    );
    let tasks: Vec<_> = lambda.seen().into_iter().map(|(_, task)| task).collect();
    let again = json!({"task": "reembed"});
    let switch = json!({"task": "switch_model", "model": "small"});
    let way = [&again, &again, &again, &switch];
    assert_eq!(tasks.iter().collect::<Vec<_>>(), way);

    // What was stored without the model while it was switched is filled too.
    let all = [report(30, 0), active(2), report(32, 0)];
    let lambda = Lambda::start(&all).await;
    let said = lambda
        .run(&["reembed", "--switch", "small", "--aws", "--json"])
        .await;
    let told = said.json();
    assert_eq!(
        (&told["models"][0]["done"], &told["active"]["name"]),
        (&json!(32), &json!("small"))
    );
    let tasks: Vec<_> = lambda.seen().into_iter().map(|(_, task)| task).collect();
    assert_eq!(tasks.iter().collect::<Vec<_>>(), [&again, &switch, &again]);

    let stuck = Lambda::start(&[report(10, 20)]).await;
    let said = stuck.run(&["reembed", "--aws"]).await;
    assert!(
        said.code == Some(1) && said.err.contains("20 events are left"),
        "{said:?}"
    );
    assert!(stuck.seen().len() < 6, "it does not go on for ever");
}

#[tokio::test]
async fn a_run_is_told_where_the_one_before_stopped_also_after_one_that_failed_for_now() {
    let place = json!({"model": 2, "event": 600_000, "failed": 0});
    let models = json!([{"provider": "openai", "name": "small", "dimensions": 1_536, "failed": 0}]);
    let uncounted = json!({"models": models, "finished": false, "after": place});
    let late = json!({"errorType": "transient", "errorMessage": "the time is over"});
    let answers = [
        (200, false, uncounted),
        (200, true, late.clone()),
        report(9, 0),
    ];
    let lambda = Lambda::start(&answers).await;
    let told = lambda.run(&["reembed", "--aws", "--json"]).await.json();
    assert_eq!(told["finished"], true);
    let tasks: Vec<_> = lambda.seen().into_iter().map(|(_, task)| task).collect();
    let (first, behind) = (
        json!({"task": "reembed"}),
        json!({"task": "reembed", "after": place}),
    );
    assert_eq!(tasks, [first, behind.clone(), behind]);

    let down = Lambda::start(&[(200, true, late)]).await;
    let said = down.run(&["reembed", "--aws"]).await;
    assert!(
        said.code == Some(1) && said.err.contains("the time is over"),
        "{said:?}"
    );
    assert_eq!(down.seen().len(), 4, "it does not go on for ever");
}

#[tokio::test]
async fn a_replay_goes_on_until_all_events_wait() {
    let step = json!({"events": 5_000, "after": 5_000});
    let rest = json!({"events": 7});
    let lambda = Lambda::start(&[(200, false, step), (200, false, rest), report(9, 0)]).await;
    let told = lambda
        .run(&["replay", "--all", "--aws", "--json"])
        .await
        .json();
    assert_eq!(told["events"], 5_007);
    let tasks: Vec<_> = lambda.seen().into_iter().map(|(_, task)| task).collect();
    let behind = json!({"task": "replay", "after": 5_000});
    assert_eq!(
        tasks,
        [
            json!({"task": "replay"}),
            behind,
            json!({"task": "reembed"})
        ]
    );
}

#[tokio::test]
async fn a_replay_says_which_events_and_never_all_by_accident() {
    let lambda = Lambda::start(&[(200, false, json!({"events": 3})), report(3, 0)]).await;
    let arguments = [
        "replay",
        "--from",
        "2026-01-01T00:00:00Z",
        "--aws",
        "--json",
    ];
    let told = lambda.run(&arguments).await.json();
    assert_eq!(
        (&told["events"], &told["finished"]),
        (&json!(3), &json!(true))
    );
    let task = json!({"task": "replay", "from": "2026-01-01T00:00:00Z"});
    assert_eq!(lambda.seen()[0].1, task);
    for wrong in [
        &["replay", "--aws"][..],
        &["replay", "--all", "--conversation", "a", "--aws"],
        &["replay", "--from", "yesterday", "--aws"],
        &["erase", "--aws"],
        &["erase", "conv-1", "--stack", "other"],
        &[
            "sync",
            "--dry-run",
            "--url",
            "https://example.org",
            "--key-env",
            "KEY",
        ],
    ] {
        let said = lambda.run(wrong).await;
        assert_eq!(said.code, Some(2), "{wrong:?}: {said:?}");
    }
    assert_eq!(lambda.seen().len(), 2, "nothing else was asked for");
}

#[tokio::test]
async fn what_a_function_fails_with_is_said() {
    let failed =
        json!({"errorType": "invalid", "errorMessage": "/model is not a configured model"});
    let lambda = Lambda::start(&[(200, true, failed)]).await;
    let said = lambda.run(&["reembed", "--aws"]).await;
    assert!(
        said.code == Some(1) && said.err.contains("is not a configured model"),
        "{said:?}"
    );
    let nobody = Lambda::start(&[(404, false, json!({"Message": "Function not found"}))]).await;
    let said = nobody.run(&["sync", "--dry-run", "--aws"]).await;
    assert!(
        said.code == Some(1) && said.err.contains("check --stack"),
        "{said:?}"
    );
    let changes = json!([{"article": "a-1", "change": "gone", "detail": null}]);
    let found = json!({"kind": "reconcile", "is_whole": true, "gone": 1, "held": "too much", "changes": changes});
    let lambda = Lambda::start(&[(200, false, found)]).await;
    let said = lambda.run(&["sync", "--dry-run", "--aws"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    for word in ["gone      a-1", "Would change: 1", "too much"] {
        assert!(said.out.contains(word), "{word}: {said:?}");
    }
}
