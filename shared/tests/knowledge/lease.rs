//! One worker at a time, by the database's clock; whoever lost the lease writes nothing.

use std::time::Duration;

use shared::Kind;
use shared::db::knowledge::store_page;
use shared::db::knowledge_links::{store_checks, sweep};
use shared::db::knowledge_runs::{self, Ending};
use shared::db::knowledge_sync::{fetch_watermark, prolong, release, take_lease};
use shared::domain::RunState;

use crate::stage::{LONG, Stage, at, json, linked, live, page};

const EXPIRE: &str = "UPDATE knowledge_sync SET lease_until = now() - interval '1 second'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_takers_one_has_the_lease() {
    let Some(stage) = Stage::set("of_many_takers").await else {
        return;
    };
    for round in 0..20 {
        let takers = (0..6).map(|_| {
            let database = stage.test.database().unwrap();
            tokio::spawn(async move { take_lease(&database, LONG).await.unwrap() })
        });
        let mut taken = Vec::new();
        for taker in takers.collect::<Vec<_>>() {
            taken.extend(taker.await.unwrap());
        }
        assert_eq!(taken.len(), 1, "round {round}");
        release(&stage.database, taken.remove(0)).await.unwrap();
    }
}

#[tokio::test]
async fn a_lease_ends_by_the_databases_clock_and_writing_prolongs_it() {
    let Some(stage) = Stage::set("a_lease_ends").await else {
        return;
    };
    let worker = stage.worker().await;
    let take = async || take_lease(&stage.database, LONG).await.unwrap();
    assert!(take().await.is_none());
    stage.bystander.batch_execute(EXPIRE).await.unwrap();
    worker.store(&page([])).await;
    assert!(take().await.is_none(), "the write prolonged it");
    stage.bystander.batch_execute(EXPIRE).await.unwrap();
    prolong(&worker.database, &worker.lease).await.unwrap();
    assert!(take().await.is_none(), "without a write");
    let left = "SELECT extract(epoch FROM lease_until - now())::bigint FROM knowledge_sync";
    assert!((590..=600).contains(&stage.number(left).await));
    stage.bystander.batch_execute(EXPIRE).await.unwrap();
    assert!(take().await.is_some(), "it was over");
    assert!(take().await.is_none());
}

#[tokio::test]
async fn a_short_lease_runs_out() {
    let Some(stage) = Stage::set("a_short_lease").await else {
        return;
    };
    let span = Duration::from_secs(2);
    assert!(take_lease(&stage.database, span).await.unwrap().is_some());
    assert!(take_lease(&stage.database, span).await.unwrap().is_none());
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert!(take_lease(&stage.database, span).await.unwrap().is_some());
}

#[tokio::test]
async fn who_lost_the_lease_writes_nothing() {
    let Some(stage) = Stage::set("who_lost_the_lease").await else {
        return;
    };
    let old = stage.worker().await;
    old.store(&page([(
        "a",
        linked(stage.model, "one", &["https://x.example/"]),
    )]))
    .await;
    stage.bystander.batch_execute(EXPIRE).await.unwrap();
    let new = take_lease(&stage.database, LONG).await.unwrap().unwrap();
    let (before, until) = (stage.everything().await, lease_until(&stage).await);
    let ending = Ending {
        state: RunState::Done,
        counts: json("{}"),
        error: None,
        watermark: Some(at(9)),
    };
    let (database, lease, run) = (&old.database, &old.lease, old.run);
    let changed = page([
        ("a", live(stage.model, "two")),
        ("b", live(stage.model, "b")),
    ]);
    let failures = [
        store_page(database, lease, run, &changed).await.map(drop),
        knowledge_runs::next(database, lease).await.map(drop),
        knowledge_runs::finish(database, lease, run, &ending).await,
        store_checks(database, lease, &[], false).await.map(drop),
        sweep(database, lease).await.map(drop),
        prolong(database, lease).await,
    ];
    for (place, failure) in failures.into_iter().enumerate() {
        assert_eq!(failure.unwrap_err().kind(), Kind::Conflict, "{place}");
    }
    release(database, old.lease).await.unwrap();
    assert_eq!(stage.everything().await, before);
    assert_eq!(fetch_watermark(&stage.database).await.unwrap(), None);
    assert_eq!(
        lease_until(&stage).await,
        until,
        "nor did it touch the lease"
    );
    let went_on = knowledge_runs::next(&stage.database, &new).await.unwrap();
    assert_eq!(went_on.unwrap().id, run, "the next worker goes on");
}

async fn lease_until(stage: &Stage) -> Vec<String> {
    stage
        .lines("SELECT lease_until::text FROM knowledge_sync")
        .await
}

/// Two that write under one lease, as no two should: they come one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_that_cross_never_wait_in_a_circle() {
    let Some(stage) = Stage::set("writers_that_cross").await else {
        return;
    };
    let worker = stage.worker().await;
    let others = [0, 1].map(|_| stage.test.database().unwrap());
    for round in 0..30 {
        let texts = format!("text{round} shared");
        let one = page([
            ("a", linked(stage.model, &texts, &["https://x.example/"])),
            ("b", live(stage.model, &texts)),
        ]);
        let other = page([
            ("b", linked(stage.model, "shared", &["https://x.example/"])),
            ("a", live(stage.model, "shared")),
        ]);
        let (one, other) = tokio::join!(
            store_page(&others[0], &worker.lease, worker.run, &one),
            store_page(&others[1], &worker.lease, worker.run, &other)
        );
        one.and(other)
            .unwrap_or_else(|error| panic!("round {round}: {}", error.chain()));
    }
    drop((worker, others));
    stage.until_alone().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(stage.number(deadlocks).await, 0);
}

/// The write that is just being committed is not overtaken by a taker, though its lease is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_the_lease_in_the_middle_of_a_write() {
    let Some(stage) = Stage::set("nobody_takes_the_lease").await else {
        return;
    };
    let worker = stage.worker().await;
    stage.bystander.batch_execute(EXPIRE).await.unwrap();
    let blocker = stage.test.bystander().await.unwrap();
    let lock = "BEGIN; LOCK TABLE knowledge_vectors IN ACCESS EXCLUSIVE MODE";
    blocker.batch_execute(lock).await.unwrap();
    let changed = page([("a", live(stage.model, "one"))]);
    let writing = tokio::spawn(async move { worker.store(&changed).await });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while stage.number(waits).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let taken = take_lease(&stage.database, LONG).await.unwrap();
    assert!(taken.is_none(), "and it did not wait");
    blocker.batch_execute("COMMIT").await.unwrap();
    assert!(writing.await.unwrap());
    let taken = take_lease(&stage.database, LONG).await.unwrap();
    assert!(taken.is_none(), "the write prolonged it");
}
