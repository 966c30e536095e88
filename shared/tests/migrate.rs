//! Migrations against a real Postgres: several at once, one killed, an old code, a held lock.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use shared::Kind;
use shared::db::migrate::{MIGRATIONS, Migration, current_version, migrate};
use shared::testing::TestDatabase;
use tokio::time::Instant;

const SLOW: &[Migration] = &[
    Migration {
        version: 1,
        name: "table",
        sql: "CREATE TABLE steps (name text)",
    },
    Migration {
        version: 2,
        name: "slow",
        sql: "INSERT INTO steps VALUES ('slow'); SELECT pg_sleep(0.3)",
    },
    Migration {
        version: 3,
        name: "last",
        sql: "INSERT INTO steps VALUES ('last')",
    },
];

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(15)
}

async fn count(test: &TestDatabase, table: &str) -> i64 {
    let client = test.bystander().await.unwrap();
    client
        .query_one(&format!("SELECT count(*) FROM {table}"), &[])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn an_empty_database_comes_up_and_a_second_run_changes_nothing() {
    let Some(test) = TestDatabase::create("an_empty_database_comes_up").await else {
        return;
    };
    let database = test.database().unwrap();
    let first = migrate(&database, MIGRATIONS, soon()).await.unwrap();
    assert_eq!(
        (first.from, first.to),
        (0, i32::try_from(MIGRATIONS.len()).unwrap())
    );
    assert!(first.pgvector.is_some());
    let second = migrate(&database, MIGRATIONS, soon()).await.unwrap();
    assert_eq!((second.from, second.applied.len()), (first.to, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_at_once_apply_each_step_once() {
    let Some(test) = TestDatabase::create("five_at_once").await else {
        return;
    };
    let runs: Vec<_> = (0..5)
        .map(|_| {
            let database = test.database().unwrap();
            tokio::spawn(async move { migrate(&database, SLOW, soon()).await.unwrap() })
        })
        .collect();
    let mut applied = 0;
    for run in runs {
        let report = run.await.unwrap();
        assert_eq!(report.to, 3);
        applied += report.applied.len();
    }
    assert_eq!((applied, count(&test, "steps").await), (3, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migrator_that_is_killed_leaves_nothing_half_done() {
    let Some(test) = TestDatabase::create("a_migrator_that_is_killed").await else {
        return;
    };
    let runs: Vec<_> = (0..5)
        .map(|_| {
            let database = test.database().unwrap();
            tokio::spawn(async move { migrate(&database, SLOW, soon()).await })
        })
        .collect();
    let bystander = test.bystander().await.unwrap();
    let kill = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%pg_sleep(0.3)%' AND pid <> pg_backend_pid()";
    let mut killed = 0;
    while killed == 0 {
        killed = bystander
            .query_one(kill, &[])
            .await
            .unwrap()
            .get::<_, i64>(0);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut applied = 0;
    for run in runs {
        let report = run.await.unwrap().unwrap();
        assert_eq!(report.to, 3, "the killed one tried again");
        applied += report.applied.len();
    }
    assert_eq!(applied, 3);
    assert_eq!(count(&test, "steps").await, 2);
    assert_eq!(current_version(&test.database().unwrap()).await.unwrap(), 3);
}

#[tokio::test]
async fn old_code_leaves_a_newer_schema_and_says_so() {
    let Some(test) = TestDatabase::create("old_code_leaves_a_newer_schema").await else {
        return;
    };
    let database = test.database().unwrap();
    migrate(&database, SLOW, soon()).await.unwrap();
    let report = migrate(&database, &SLOW[..1], soon()).await.unwrap();
    assert_eq!((report.from, report.to, report.applied.len()), (3, 3, 0));
    assert!(report.note.unwrap().contains("the newer schema stays"));
    let edited = "UPDATE schema_migrations SET sha256 = 'other' WHERE version = 1";
    let client = test.bystander().await.unwrap();
    client.batch_execute(edited).await.unwrap();
    let error = migrate(&database, &SLOW[..1], soon()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
}

#[tokio::test]
async fn a_step_that_fails_is_named_and_rolled_back() {
    const BROKEN: &[Migration] = &[Migration {
        version: 1,
        name: "broken",
        sql: "CREATE TABLE left_over (); SELECT 1 / 0",
    }];
    let Some(test) = TestDatabase::create("a_step_that_fails").await else {
        return;
    };
    let database = test.database().unwrap();
    let error = migrate(&database, BROKEN, soon()).await.unwrap_err();
    assert!(
        error.to_string().contains("migration 1 (broken)")
            && error.chain().contains("division by zero"),
        "{error}"
    );
    let client = test.bystander().await.unwrap();
    let left: bool = client
        .query_one("SELECT to_regclass('left_over') IS NOT NULL", &[])
        .await
        .unwrap()
        .get(0);
    assert!(!left);
    assert_eq!(current_version(&database).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_table_stalls_no_writer_for_long() {
    const ALTER: &[Migration] = &[Migration {
        version: 1,
        name: "alter",
        sql: "CREATE TABLE patience AS SELECT extract(epoch FROM current_setting('lock_timeout')::interval)::float8 AS seconds;
            ALTER TABLE busy ADD COLUMN b int",
    }];
    let Some(test) = TestDatabase::create("a_held_table").await else {
        return;
    };
    let (reader, writer) = (
        test.bystander().await.unwrap(),
        test.bystander().await.unwrap(),
    );
    reader
        .batch_execute("CREATE TABLE busy (a int)")
        .await
        .unwrap();
    reader
        .batch_execute("BEGIN; SELECT * FROM busy")
        .await
        .unwrap();
    writer
        .batch_execute("SET statement_timeout = '5s'")
        .await
        .unwrap();
    let database = test.database().unwrap();
    let run = tokio::spawn(async move { migrate(&database, ALTER, soon()).await });
    for _ in 0..30 {
        // Behind a queued ALTER TABLE, an insert would wait for the reader; Postgres itself is the stopwatch here. It is a coarse one, because
        // a machine that is busy may stall everybody for a while.
        writer
            .batch_execute("INSERT INTO busy (a) VALUES (1)")
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(70)).await;
    }
    assert!(!run.is_finished());
    reader.batch_execute("COMMIT").await.unwrap();
    assert_eq!(run.await.unwrap().unwrap().applied, ["alter"]);
    // No writer waits for longer than the step does, however fast the machine is.
    let patience = writer.query_one("SELECT seconds FROM patience", &[]).await;
    let patience: f64 = patience.unwrap().get(0);
    assert!(patience > 0.0 && patience < 1.0, "{patience} s");
}

/// The step that makes an index over all events, and how far a database is before it.
const ROLLUPS: usize = 15;
const BEFORE: &[Migration] = MIGRATIONS.split_at(ROLLUPS - 1).0;

/// What `docs/deploy.md` says, between these words.
fn documented<'a>(before: &str, after: &str, page: &'a str) -> &'a str {
    let rest = page.split_once(before).unwrap().1;
    rest.split_once(after).unwrap().0
}

#[tokio::test]
async fn the_index_of_a_large_database_can_be_made_beforehand_as_the_docs_say() {
    let Some(test) = TestDatabase::create("the_index_of_a_large_database").await else {
        return;
    };
    let database = test.database().unwrap();
    migrate(&database, BEFORE, soon()).await.unwrap();
    let (client, writer) = (
        test.bystander().await.unwrap(),
        test.bystander().await.unwrap(),
    );
    let page = include_str!("../../docs/deploy.md");
    let index = documented("-c 'CREATE INDEX", "'", page);
    client
        .batch_execute(&format!("CREATE INDEX{index}"))
        .await
        .unwrap();
    let error = migrate(&database, MIGRATIONS, soon()).await.unwrap_err();
    assert!(
        error.chain().contains("migration 15 (rollups)"),
        "the index alone does not help: {error}"
    );

    let left_out = documented("grep -v '^", "' $STEP", page);
    let step = &MIGRATIONS[ROLLUPS - 1];
    let lines = step.sql.lines().filter(|line| !line.starts_with(left_out));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len() + 1, step.sql.lines().count());
    let digest: [u8; 32] = Sha256::digest(step.sql).into();
    let digest = shared::domain::hex(&digest);
    let note = documented("echo \"INSERT", "$(sha256sum", page);
    // Somebody writes all the while.
    writer
        .batch_execute(&format!("BEGIN; {EVENT}"))
        .await
        .unwrap();
    let rest = format!(
        "BEGIN; SET lock_timeout = '1s'; {}; INSERT{note}{digest}'); COMMIT",
        lines.join("\n")
    );
    client.batch_execute(&rest).await.unwrap();
    writer.batch_execute("COMMIT").await.unwrap();

    let report = migrate(&database, MIGRATIONS, soon()).await.unwrap();
    assert_eq!(report.from, 15);
    assert_eq!(report.to, i32::try_from(MIGRATIONS.len()).unwrap());
    let valid = "pg_index WHERE indexrelid = 'conversation_events_stored'::regclass AND indisvalid";
    assert_eq!(count(&test, valid).await, 1);
}

const EVENT: &str = "INSERT INTO conversation_events (event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw_event,
        raw_masked, supersedes, state)
    VALUES (sha256('e'), 'c', 'said', now(), now(), gen_random_uuid(), '{}', false, true, 'searchable')";

#[tokio::test]
async fn a_database_that_is_down_is_transient_and_said_soon() {
    let database =
        shared::db::Database::new("postgres://u:p@127.0.0.1:9/d".parse().unwrap(), None).unwrap();
    let error = migrate(
        &database,
        MIGRATIONS,
        Instant::now() + Duration::from_secs(3),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Transient);
}

#[tokio::test]
async fn a_database_that_wakes_up_is_waited_for() {
    let Some(test) = TestDatabase::create("a_database_that_wakes_up").await else {
        return;
    };
    let server = test.address().await.unwrap();
    let wire = fault_proxy::FaultProxy::start(server, fault_proxy::Plan::none()).unwrap();
    wire.down();
    let database = test.database_through(wire.address()).unwrap();
    let run = tokio::spawn(async move { migrate(&database, MIGRATIONS, soon()).await });
    tokio::time::sleep(Duration::from_millis(600)).await;
    wire.up();
    assert_eq!(
        usize::try_from(run.await.unwrap().unwrap().to).unwrap(),
        MIGRATIONS.len()
    );
}

#[tokio::test]
async fn what_a_person_must_change_is_not_called_transient() {
    // PgBouncer 1.18 says so in words, and its SQLSTATE is 08P01, which stands for what passes.
    let why = "of a database that is not there a pooler gives no SQLSTATE of its own";
    let test = TestDatabase::create_direct("what_a_person_must_change", why).await;
    let Some(test) = test else {
        return;
    };
    let absent: shared::db::DatabaseUrl = format!("{}_absent", test.url).parse().unwrap();
    let database = shared::db::Database::new(absent, None).unwrap();
    let error = migrate(&database, MIGRATIONS, soon()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Misconfigured);
    assert!(error.to_string().contains("3D000"), "{error}");
}
