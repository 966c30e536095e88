//! Connections die in the middle: nothing is stored by halves, and the next try works.

use std::time::Duration;

use fault_proxy::{FaultProxy, Plan};
use shared::Kind;
use shared::db::conversations::{Stored, erase, expire, store};
use shared::domain::ReceiptId;

use crate::stage::{Stage, event, id, mac};

/// Ends whoever waits for a lock, which is in the middle of its transaction.
async fn kill_the_one_that_waits(stage: &Stage) {
    let kill = "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while stage.number(kill).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_is_killed_stores_nothing_by_halves() {
    let Some(stage) = Stage::set("a_backend_that_is_killed").await else {
        return;
    };
    let holder = stage.test.bystander().await.unwrap();
    let batch = [
        event(stage.model, "conv-1", "one", 0),
        event(stage.model, "conv-2", "two", 0),
    ];
    for table in ["conversation_embeddings", "embedded", "vector_segments"] {
        holder
            .batch_execute(&format!(
                "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
            ))
            .await
            .unwrap();
        let (database, copy) = (stage.database.clone(), batch.clone());
        let storing = tokio::spawn(async move { store(&database, &copy).await });
        kill_the_one_that_waits(&stage).await;
        let error = storing.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), Kind::Transient, "{table}: {}", error.chain());
        holder.batch_execute("COMMIT").await.unwrap();
        let left = "SELECT (SELECT count(*) FROM conversation_events) + (SELECT count(*) FROM conversation_embeddings)";
        assert_eq!(stage.number(left).await, 0, "{table}");
    }
    assert_eq!(stage.store(&batch).await, [Stored::New; 2]);
    assert_eq!(stage.texts().await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_or_expiry_that_is_killed_removes_nothing_by_halves() {
    let Some(stage) = Stage::set("an_erasure_that_is_killed").await else {
        return;
    };
    let holder = stage.test.bystander().await.unwrap();
    stage.store(&[event(stage.model, "conv-1", "one", 0)]).await;
    let far = jiff::Timestamp::from_second(2_000_000_000).unwrap();
    for is_erasure in [true, false] {
        holder
            .batch_execute("BEGIN; LOCK TABLE embedding_claims IN ACCESS EXCLUSIVE MODE")
            .await
            .unwrap();
        let database = stage.database.clone();
        let removing = tokio::spawn(async move {
            if is_erasure {
                erase(
                    &database,
                    &id("conv-1"),
                    &mac("conv-1"),
                    ReceiptId::generate(),
                )
                .await
                .map(|tombstone| tombstone.removed)
            } else {
                expire(&database, far, 9).await
            }
        });
        kill_the_one_that_waits(&stage).await;
        assert_eq!(removing.await.unwrap().unwrap_err().kind(), Kind::Transient);
        holder.batch_execute("COMMIT").await.unwrap();
        assert_eq!(stage.texts().await, ["one"]);
        assert_eq!(
            stage
                .number("SELECT count(*) FROM erased_conversations")
                .await,
            0
        );
    }
    assert_eq!(
        expire(&stage.database, far, 9)
            .await
            .unwrap()
            .conversation_events,
        1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_answer_is_lost_one_effect_comes_of_it() {
    let Some(stage) = Stage::set("whatever_answer_is_lost").await else {
        return;
    };
    let wire = FaultProxy::start(stage.test.address().await.unwrap(), Plan::none()).unwrap();
    let database = stage.test.database_through(wire.address()).unwrap();
    let mut late = 0;
    for round in 0..60_u64 {
        let batch = [event(stage.model, &format!("conv-{round}"), "said", 0)];
        wire.set_plan(Plan {
            seed: round,
            lose_answer: 0.1,
            ..Plan::none()
        });
        let mut failed = false;
        let outcome = loop {
            match store(&database, &batch).await {
                Ok(kept) => break kept.stored[0],
                Err(error) => assert_eq!(error.kind(), Kind::Transient, "{}", error.chain()),
            }
            failed = true;
        };
        assert!(failed || outcome == Stored::New);
        late += usize::from(outcome == Stored::Duplicate);
    }
    assert!(late > 0, "in some round it was the answer of the COMMIT");
    assert_eq!(
        stage
            .number("SELECT count(*) FROM conversation_events")
            .await,
        60
    );
    assert_eq!(
        stage
            .number("SELECT count(*) FROM conversation_embeddings")
            .await,
        60
    );
}
