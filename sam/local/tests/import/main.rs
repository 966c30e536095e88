//! `cargo local import` against a webhook that misbehaves: every line arrives, whatever happens to it or to the import.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod webhook;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use fault_proxy::{FaultProxy, Plan};
use serde_json::Value;
use shared::testing;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use webhook::{KEY, Mood, Webhook};

const WELL: Mood = |_| None;

/// A folder with `count` conversations in `past.ndjson`.
struct Past {
    folder: tempfile::TempDir,
}

impl Past {
    fn of(count: usize) -> Self {
        let lines = (1..=count).map(|number| testing::conversation(number, 400) + "\n");
        Self::with(lines.collect::<String>().as_bytes())
    }

    fn with(bytes: &[u8]) -> Self {
        let past = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::write(past.file(), bytes).unwrap();
        past
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("past.ndjson")
    }

    fn progress(&self) -> Value {
        let path = self.folder.path().join("past.ndjson.import.json");
        let record: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        record["progress"].clone()
    }

    fn report(&self) -> Vec<Value> {
        let path = self.folder.path().join("past.ndjson.refused.ndjson");
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn command(file: &Path, address: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command
        .arg("import")
        .arg(file)
        .arg("--url")
        .arg(format!("http://{address}/webhooks/data-action"))
        .args(["--key-env", "IMPORT_TEST_KEY"])
        .args(arguments)
        .env("IMPORT_TEST_KEY", KEY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn import(file: &Path, address: SocketAddr, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(file, address, arguments).output();
    said(
        tokio::time::timeout(Duration::from_mins(5), output)
            .await
            .unwrap()
            .unwrap(),
    )
}

fn said(output: Output) -> (Option<i32>, String) {
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

async fn start_and_wait(file: &Path, webhook: &Webhook, accepted: usize) -> Child {
    let child = command(file, webhook.address, &[]).spawn().unwrap();
    until_accepted(webhook, accepted).await;
    child
}

async fn until_accepted(webhook: &Webhook, count: usize) {
    let reached = async {
        while webhook.accepted().len() < count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(5), reached)
        .await
        .unwrap();
}

/// How many requests came, when no more do: what was on its way when an import died still arrives.
async fn when_still(webhook: &Webhook) -> usize {
    let mut before = webhook.requests();
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = webhook.requests();
        if now == before {
            return now;
        }
        before = now;
    }
}

#[tokio::test]
async fn every_line_arrives_over_a_line_that_fails_in_every_way() {
    let webhook = Webhook::start(|number| match number % 40 {
        3 | 21 => Some((503, "0")),
        9 => Some((429, "1")),
        17 => Some((502, "soon")),
        30 => Some((500, "")),
        _ => None,
    })
    .await;
    let plan = Plan {
        seed: 7,
        cut_before: 0.04,
        lose_answer: 0.04,
        refuse: 0.05,
        ..Plan::none()
    };
    let wire = FaultProxy::start(webhook.address, plan).unwrap();
    let count = testing::proof_size(600, 3_000);
    let past = Past::of(count);
    let (code, text) = import(&past.file(), wire.address(), &[]).await;
    assert_eq!(code, Some(0), "{text}");
    let accepted = webhook.accepted();
    assert_eq!(accepted.len(), count);
    assert!(
        accepted.values().sum::<usize>() > count,
        "answers were lost, so lines came twice"
    );
    assert!((2..=8).contains(&webhook.most_at_once()));
    assert_eq!(past.progress()["lines"], count);
    assert_eq!(
        past.progress()["offset"],
        std::fs::metadata(past.file()).unwrap().len()
    );
}

#[tokio::test]
async fn a_killed_import_goes_on_where_it_was() {
    let webhook = Webhook::start(WELL).await;
    let count = 6_000;
    let past = Past::of(count);
    let mut child = start_and_wait(&past.file(), &webhook, 2_500).await;
    child.kill().await.unwrap();
    let before = when_still(&webhook).await;
    let known = usize::try_from(past.progress()["lines"].as_u64().unwrap()).unwrap();
    assert!(known > 0 && known <= webhook.accepted().len(), "{known}");
    let (code, text) = import(&past.file(), webhook.address, &[]).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(&format!("Going on behind line {known}.")),
        "{text}"
    );
    assert_eq!(webhook.accepted().len(), count);
    assert_eq!(
        webhook.requests() - before,
        count - known,
        "exactly the lines behind that one"
    );
}

#[tokio::test]
async fn who_interrupts_it_can_go_on() {
    let webhook = Webhook::start(WELL).await;
    let past = Past::of(3_000);
    let child = start_and_wait(&past.file(), &webhook, 200).await;
    let id = i32::try_from(child.id().unwrap()).unwrap();
    let id = rustix::process::Pid::from_raw(id).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let (code, text) = said(child.wait_with_output().await.unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("Run the same command again"), "{text}");
    assert!(
        past.progress()["lines"].as_u64().unwrap() >= 190,
        "kept at the end"
    );
    assert_eq!(import(&past.file(), webhook.address, &[]).await.0, Some(0));
    assert_eq!(webhook.accepted().len(), 3_000);
    let before = webhook.requests();
    let (code, text) = import(&past.file(), webhook.address, &[]).await;
    assert_eq!(webhook.requests(), before, "nothing is left to be sent");
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("Nothing was sent") && text.contains("--restart sends all again"),
        "{text}"
    );
    assert!(!text.contains("Going on"), "{text}");
    let (code, text) = import(&past.file(), webhook.address, &["--restart"]).await;
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("Nothing was sent"), "{text}");
    assert_eq!(webhook.requests(), before + 3_000);
}

#[tokio::test]
async fn refused_lines_are_reported_by_number_and_rule_and_by_nothing_else() {
    let webhook = Webhook::start(WELL).await;
    let good = testing::conversation(1, 400);
    let mut lines = vec![good.clone().into_bytes()];
    lines.push(b"\r".to_vec());
    lines.push(b"{\"event\": \"canary\", \"timestamp\": 5}".to_vec());
    lines.push(b"{\"canary\": \xff}".to_vec());
    lines.push(b"{\"canary".to_vec());
    lines.push(format!("{{\"canary\": \"{}\"}}", "x".repeat(4_200_000)).into_bytes());
    lines.push(testing::conversation(2, 4_100_000).into_bytes());
    lines.push((testing::conversation(3, 400) + "\r").into_bytes());
    lines.extend((0..8).map(|_| b"[]".to_vec()));
    lines.push(testing::conversation(4, 400).into_bytes());
    let past = Past::with(&lines.join(&b'\n'));
    for _ in 0..2 {
        let (code, text) = import(&past.file(), webhook.address, &[]).await;
        assert_eq!(code, Some(1), "{text}");
        for wanted in [
            "line 3: 400 /conversationId is required",
            "line 4: it is not UTF-8",
            "line 5: 400 it is not JSON",
        ] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert!(
            text.contains("line 14") && !text.contains("line 15"),
            "the first ten: {text}"
        );
        let report = past.report();
        let numbers: Vec<_> = report
            .iter()
            .map(|line| line["line"].as_u64().unwrap())
            .collect();
        assert_eq!(numbers, [3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16]);
        assert_eq!(report[0]["reasons"][0]["pointer"], "/conversationId");
        assert!(!format!("{text}{report:?}").contains("canary"), "{text}");
    }
    let mut ids: Vec<_> = webhook.accepted().into_keys().collect();
    ids.sort();
    assert_eq!(ids, ["conv-1", "conv-2", "conv-3", "conv-4"]);
}

#[tokio::test]
async fn a_wrong_key_or_a_wrong_route_stops_it_at_once_and_loses_nothing() {
    let webhook = Webhook::start(WELL).await;
    let past = Past::of(500);
    let mut wrong = command(&past.file(), webhook.address, &[]);
    wrong.env("IMPORT_TEST_KEY", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let (code, text) = said(wrong.output().await.unwrap());
    assert_eq!(code, Some(1));
    assert!(
        text.contains("the webhook answered 401") && !text.contains("AAAA"),
        "{text}"
    );
    assert!(webhook.requests() <= 8 && past.progress()["lines"] == 0);
    let mut elsewhere = command(&past.file(), webhook.address, &["--restart"]);
    elsewhere.args(["--url", "http://127.0.0.1:1/"]);
    assert_eq!(
        said(elsewhere.output().await.unwrap()).0,
        Some(2),
        "one url"
    );
    assert_eq!(import(&past.file(), webhook.address, &[]).await.0, Some(0));
    assert_eq!(webhook.accepted().len(), 500);
}

#[tokio::test]
async fn another_content_or_another_destination_is_said_and_restart_begins_anew() {
    let webhook = Webhook::start(WELL).await;
    let other = Webhook::start(WELL).await;
    let past = Past::of(20);
    assert_eq!(import(&past.file(), webhook.address, &[]).await.0, Some(0));
    let (code, text) = import(&past.file(), other.address, &[]).await;
    assert!(
        code == Some(1) && text.contains("another destination"),
        "{text}"
    );
    std::fs::write(past.file(), testing::conversation(99, 400)).unwrap();
    let (code, text) = import(&past.file(), webhook.address, &[]).await;
    assert!(
        code == Some(1) && text.contains("another content"),
        "{text}"
    );
    let (code, text) = import(&past.file(), webhook.address, &["--restart"]).await;
    assert_eq!(code, Some(0), "{text}");
    assert_eq!((webhook.accepted().len(), other.requests()), (21, 0));
}

#[tokio::test]
async fn standard_input_is_read_and_can_be_interrupted_while_it_waits() {
    let webhook = Webhook::start(WELL).await;
    let mut command = command(Path::new("-"), webhook.address, &["--parallel", "2"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: String = (1..=300)
        .map(|number| testing::conversation(number, 400) + "\n")
        .collect();
    input.write_all(lines.as_bytes()).await.unwrap();
    input.write_all(b"[]").await.unwrap();
    drop(input);
    let (code, text) = said(child.wait_with_output().await.unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("line 301: 400 it must be a JSON object"),
        "{text}"
    );
    assert_eq!((webhook.accepted().len(), webhook.most_at_once()), (300, 2));

    let mut child = command.spawn().unwrap();
    let mut held = child.stdin.take().unwrap();
    // When this one has arrived, signals are listened to.
    let one = testing::conversation(301, 400) + "\n";
    held.write_all(one.as_bytes()).await.unwrap();
    until_accepted(&webhook, 301).await;
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await;
    assert_eq!(ended.unwrap().unwrap().code(), Some(1));
    drop(held);
}
