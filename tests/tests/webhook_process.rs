//! The webhook as a process: what it logs, whether it survives a freeze, whether foreign clients get in.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::path::Path;
use std::process::Command as Blocking;
use std::time::{Duration, Instant};

use aws_double::{AwsDouble, Options};
use end_to_end::canary::leaks;
use end_to_end::{Answer, Function, binary};
use fault_proxy::{FaultProxy, Plan};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use shared::{aws, testing};
use tokio::process::Command;

const PATH: &str = "/webhooks/data-action";
const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BEARER: &str = "canary-bearer-0123456789";

struct World {
    double: AwsDouble,
    wire: FaultProxy,
    function: Function,
    folder: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        Self::start_over(Plan::none()).await
    }

    /// Starts behind a wire that misbehaves from the first byte.
    async fn start_over(plan: Plan) -> Self {
        let double = AwsDouble::start(Options::default()).unwrap();
        let wire = FaultProxy::start(double.address(), plan).unwrap();
        let sdk = testing::aws_at(&double.endpoint()).await;
        let queue = aws::queue_client(&sdk)
            .create_queue()
            .queue_name("conversations")
            .send()
            .await
            .unwrap();
        let keys =
            serde_json::json!({ "standard-webhooks": [KEY], "bearer": [BEARER] }).to_string();
        testing::create_secrets(&sdk, &[("keys", &keys)]).await;
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(binary("data-action-webhook").unwrap());
        command.env_clear().envs([
            (
                "AWS_ENDPOINT_URL",
                format!("http://{}", wire.address()).as_str(),
            ),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "canary-access-key"),
            ("AWS_SECRET_ACCESS_KEY", "canary-secret-key"),
            ("CONVERSATIONS_QUEUE_URL", queue.queue_url().unwrap()),
            ("WEBHOOK_KEYS_SECRET_ID", "keys"),
            ("WEBHOOK_SCHEMES", r#"["standard-webhooks", "bearer"]"#),
            ("LOG_LEVEL", "trace"),
            ("RUST_LOG", "trace"),
        ]);
        let log = File::create(folder.path().join("log")).unwrap();
        let function = Function::spawn(command, &log).await.unwrap();
        Self {
            double,
            wire,
            function,
            folder,
        }
    }

    async fn post(&self, headers: &[(String, String)], body: &str) -> u64 {
        let event = testing::http_event(PATH, headers, body).to_string();
        status(&self.function.invoke(event).await.unwrap())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.function.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }
}

fn status(answer: &Answer) -> u64 {
    assert!(answer.is_ok, "{:?}", answer.body);
    serde_json::from_slice::<Value>(&answer.body).unwrap()["statusCode"]
        .as_u64()
        .unwrap()
}

fn bearer(key: &str) -> Vec<(String, String)> {
    vec![("authorization".to_owned(), format!("Bearer {key}"))]
}

#[tokio::test]
async fn no_secret_and_no_personal_text_is_in_the_log_at_trace() {
    let world = World::start().await;
    let body = testing::conversation(1, 400)
        .replace("A cup is missing", "canary-subject mail canary@example.org");
    let keyring = testing::keyring(
        r#"["standard-webhooks"]"#,
        &format!(r#"{{"standard-webhooks": ["{KEY}"]}}"#),
    )
    .unwrap();
    let signed = testing::signed(&keyring, "msg_1", jiff::Timestamp::now(), &body);
    let signature = signed
        .iter()
        .find(|(name, _)| name == "webhook-signature")
        .unwrap()
        .1
        .clone();
    assert_eq!(world.post(&signed, &body).await, 202);
    assert_eq!(world.post(&bearer(BEARER), &body).await, 202);
    assert_eq!(
        world.post(&bearer("canary-wrong-0123456789"), &body).await,
        401
    );
    assert_eq!(
        world
            .post(&bearer(BEARER), "{\"event\": \"canary-event\"")
            .await,
        400
    );
    assert_eq!(
        world
            .post(&bearer(BEARER), "{\"event\": [\"canary-event\"]}")
            .await,
        400
    );
    world
        .double
        .fail_rate("SendMessage", aws_double::Fault::Status(503), 1.0, 1);
    assert_eq!(world.post(&bearer(BEARER), &body).await, 503);
    let log = world.log();
    assert!(
        log.contains("\"enqueued\"") && log.contains("conversation.id"),
        "it logs at all: {log}"
    );
    let key = KEY.trim_start_matches("whsec_");
    assert_eq!(leaks(&log, &[key, &signature, "example.org"]), [""; 0]);
}

#[tokio::test]
async fn an_answer_with_a_key_that_cannot_be_read_is_not_logged_whole() {
    let cut = r#"{"ARN": "arn", "Name": "keys", "SecretString": "canary-key-canary-key"#;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close\r\ncontent-length";
    let answer_bytes = format!("{head}: {}\r\n\r\n{cut}", cut.len()).into_bytes();
    let world = World::start_over(Plan {
        answer: 1.0,
        answer_bytes,
        ..Plan::none()
    })
    .await;
    assert_eq!(
        world
            .post(&bearer(BEARER), &testing::conversation(1, 400))
            .await,
        503
    );
    let log = world.log();
    assert!(log.contains("Secrets Manager failed"), "{log}");
    assert_eq!(leaks(&log, &[]), [""; 0]);
}

/// The most memory that a process ever held, in megabytes, where the kernel tells.
fn peak_megabytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1_024)
}

#[tokio::test]
async fn four_megabytes_of_the_smallest_parts_fit_the_functions_memory() {
    let world = World::start().await;
    for part in ["{\"\":0},", "[],", "0,", "{\"a\":[\"\"]},"] {
        let parts = part.repeat(4_000_000 / part.len());
        let data = format!("\"data\":{{\"x\":[{parts}0],");
        let body = testing::conversation(1, 300).replacen("\"data\":{", &data, 1);
        assert_eq!(world.post(&bearer(BEARER), &body).await, 202, "{part}");
    }
    let Some(peak) = peak_megabytes(world.function.id().unwrap()) else {
        return testing::skip(
            "four_megabytes_of_the_smallest_parts",
            "the kernel does not tell a peak",
        );
    };
    assert!(peak < 200, "{peak} MB of the 256 that the template gives");
}

#[tokio::test]
async fn a_frozen_environment_answers_when_it_thaws() {
    let world = World::start().await;
    let body = testing::conversation(1, 400);
    assert_eq!(world.post(&bearer(BEARER), &body).await, 202);
    for _ in 0..3 {
        world.signal(Signal::STOP);
        tokio::time::sleep(Duration::from_secs(testing::proof_size(1, 60) as u64)).await;
        // What was open when it froze is gone when it thaws.
        world.wire.down();
        world.wire.up();
        world.signal(Signal::CONT);
        assert_eq!(world.post(&bearer(BEARER), &body).await, 202);
    }
}

#[tokio::test]
async fn the_python_client_of_standard_webhooks_signs_and_is_accepted() {
    let test = "the_python_client_of_standard_webhooks";
    let Some(wheels) = testing::setting("PYTHON_WHEELS") else {
        return testing::skip(test, "PYTHON_WHEELS is not set; `cargo local test` sets it");
    };
    let world = World::start().await;
    let body = testing::conversation(1, 400);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sign.py");
    let signed = Blocking::new("python3")
        .arg(script)
        .args([KEY, "msg_python", &body])
        .env("PYTHONPATH", wheels)
        .output();
    let signed = signed.unwrap();
    assert!(
        signed.status.success(),
        "{}",
        String::from_utf8_lossy(&signed.stderr)
    );
    let headers: std::collections::BTreeMap<String, String> =
        serde_json::from_slice(&signed.stdout).unwrap();
    let mut headers: Vec<_> = headers.into_iter().collect();
    assert_eq!(world.post(&headers, &body).await, 202);
    headers
        .iter_mut()
        .find(|(name, _)| name == "webhook-id")
        .unwrap()
        .1 = "msg_other".to_owned();
    assert_eq!(world.post(&headers, &body).await, 401);
}

#[tokio::test]
async fn what_is_wrong_with_the_settings_is_said_at_once_and_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let log = File::create(folder.path().join("log")).unwrap();
    let mut command = Command::new(binary("data-action-webhook").unwrap());
    command.env_clear().envs([
        ("WEBHOOK_SCHEMES", "[\"magic\"]"),
        ("KEYS_TTL_SECONDS", "soon"),
    ]);
    let function = Function::spawn(command, &log).await.unwrap();
    let names = [
        "CONVERSATIONS_QUEUE_URL",
        "WEBHOOK_KEYS_SECRET_ID",
        "WEBHOOK_SCHEMES",
        "KEYS_TTL_SECONDS",
    ];
    let started = Instant::now();
    loop {
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        if names.iter().all(|name| log.contains(name)) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{log}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let event = testing::http_event(PATH, &[], "{}").to_string();
    assert!(
        tokio::time::timeout(Duration::from_secs(2), function.invoke(event))
            .await
            .is_err(),
        "it cannot serve"
    );
}
