//! `cargo local verify-audit` as a person runs it: whole, broken, and as JSON.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};
use std::time::Duration;

use aws_double::{AwsDouble, Options};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::audit::{AnchorStore, Anchoring, Entry, EntryKind, anchor};
use shared::db::{Database, audit};
use shared::domain::ErasureKey;
use shared::testing::stage::up;
use shared::testing::{TestDatabase, aws_at};
use tokio::time::Instant;

const ID: &str = "anchors";

async fn append(database: &Database) {
    let key = ErasureKey::parse(&"k".repeat(32).into()).unwrap();
    let mut connection = database.connection().await.unwrap();
    let transaction = connection.transaction().await.unwrap();
    let entry = Entry {
        kind: EntryKind::Ranking,
        subject: "session-1",
        content: json!({ "status": 200 }),
    };
    audit::append(&transaction, &key, entry).await.unwrap();
    transaction.commit().await.unwrap();
}

fn verify(url: &str, endpoint: &str, id: &str, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(["verify-audit", "--aws", "--secret-id", id]);
    command.args(flags).env("DATABASE_URL", url);
    command.env_remove("DATABASE_SECRET_ID");
    for (name, value) in [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ] {
        command.env(name, value);
    }
    command.output().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_says_what_is_wrong_and_fails() {
    let Some(stage) = TestDatabase::create("it_says_what_is_wrong").await else {
        return;
    };
    let (database, double) = (
        stage.database().unwrap(),
        AwsDouble::start(Options::default()).unwrap(),
    );
    up(&database).await;
    let client = shared::aws::secrets_client(&aws_at(&double.endpoint()).await);
    let made = client.create_secret().name(ID).secret_string("{}");
    made.send().await.unwrap();
    for _ in 0..3 {
        append(&database).await;
    }
    let run = |flags: &[&str]| verify(&stage.url, &double.endpoint(), ID, flags);
    let stdout = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();

    let unanchored = run(&[]);
    let said = stdout(&unanchored);
    assert!(said.contains("the audit is whole"), "{said}");
    assert!(said.contains("not yet"), "nothing is anchored: {said}");
    assert_eq!(unanchored.status.code(), Some(1), "and that is no success");
    let why = String::from_utf8_lossy(&unanchored.stderr).into_owned();
    assert!(why.contains("nothing is anchored"), "{why}");
    let accepted = run(&["--unanchored"]);
    assert!(accepted.status.success(), "{accepted:?}");

    let store = AnchorStore::new(client, ID);
    let until = Instant::now() + Duration::from_mins(1);
    let old = Timestamp::now() - SignedDuration::from_mins(61);
    for (at, code) in [(old, 1), (Timestamp::now(), 0)] {
        let kept = anchor(&database, &store, at, until).await.unwrap();
        assert_eq!(kept, Anchoring::Kept);
        let anchored = run(&[]);
        assert_eq!(anchored.status.code(), Some(code), "{anchored:?}");
        let why = String::from_utf8_lossy(&anchored.stderr).into_owned();
        assert_eq!(why.contains("for more than an hour"), code == 1, "{why}");
    }
    let bystander = stage.bystander().await.unwrap();
    let forge =
        "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_stand; DELETE FROM audit_entries;
        UPDATE audit_chains SET entries = DEFAULT, head = DEFAULT";
    bystander.batch_execute(forge).await.unwrap();
    let broken = run(&[]);
    let said = stdout(&broken);
    assert_eq!(broken.status.code(), Some(1));
    let cut = "the chain was cut: the entries 1 to 3 are missing at its end";
    assert!(
        said.contains(cut) && said.contains("1 of 16 chains"),
        "{said}"
    );

    let broken = run(&["--json"]);
    let report: Value = serde_json::from_slice(&broken.stdout).unwrap();
    assert_eq!(broken.status.code(), Some(1));
    let chains = report["chains"].as_array().unwrap();
    let faults: Vec<_> = chains
        .iter()
        .filter(|chain| !chain["fault"].is_null())
        .collect();
    assert_eq!(faults.len(), 1);
    assert_eq!(
        faults[0]["fault"],
        json!({ "kind": "cut", "from": 1, "to": 3 })
    );

    let lost = verify(&stage.url, &double.endpoint(), "nowhere", &[]);
    assert_eq!(lost.status.code(), Some(1));
    let said = String::from_utf8_lossy(&lost.stderr).into_owned();
    assert!(
        said.contains("nowhere") && said.contains("what to do"),
        "{said}"
    );
}
