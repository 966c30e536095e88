//! Connections die in the middle: nothing is stored by halves, and the next try works.

use std::time::Duration;

use fault_proxy::{FaultProxy, Plan};
use shared::Kind;
use shared::db::conversations::{Stored, erase, expire, store};
use shared::db::vector_segments;
use shared::domain::ReceiptId;
use shared::testing::{TestDatabase, stage::up};

use crate::stage::{Stage, erasure_key, event, id, space};

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
                    &erasure_key(),
                    &id("conv-1"),
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

/// What happens to a cluster's name: it leads to a server that took writes, then only reads, while whoever is connected stays so; then to
/// one that writes.
#[tokio::test]
async fn after_a_failover_the_server_that_only_reads_is_given_up() {
    let (name, why) = (
        "after_a_failover",
        "a pooler keeps its own connections, which are not ours to give up",
    );
    let Some(test) = TestDatabase::create_direct(name, why).await else {
        return;
    };
    let (database, bystander) = (test.database().unwrap(), test.bystander().await.unwrap());
    up(&database).await;
    let model = vector_segments::open(&database, &space("one"))
        .await
        .unwrap();
    let said = async |text: &str| store(&database, &[event(model, text, text, 0)]).await;
    said("before").await.unwrap();
    let connected = database.connection().await.unwrap();
    let gives_way = "SET default_transaction_read_only = on";
    connected.batch_execute(gives_way).await.unwrap();
    drop(connected);
    // Nobody else has learnt of it: another server has the name, and this connection is left behind.
    said("left behind").await.unwrap();
    let leads_there = |mode: &str| {
        format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {mode}', current_database()); END $$"
        )
    };
    bystander.batch_execute(&leads_there("on")).await.unwrap();
    let connected = database.connection().await.unwrap();
    connected.batch_execute(gives_way).await.unwrap();
    drop(connected);
    for _ in 0..2 {
        let error = said("meanwhile").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Transient, "{}", error.chain());
    }
    let refused = database.connection().await.err();
    assert_eq!(
        refused.map(|error| error.kind()),
        Some(Kind::Transient),
        "whoever only asks is not let there either"
    );
    bystander.batch_execute(&leads_there("off")).await.unwrap();
    assert_eq!(said("after").await.unwrap().stored, [Stored::New]);
}

#[tokio::test]
async fn a_server_that_only_reads_from_the_middle_of_the_work_on_is_to_be_tried_again() {
    let Some(stage) = Stage::set("from_the_middle_of_the_work_on").await else {
        return;
    };
    let gives_way = "CREATE FUNCTION give_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM set_config('transaction_read_only', 'on', true); RETURN NULL; END $$;
        CREATE TRIGGER give_way AFTER INSERT ON conversation_events FOR EACH STATEMENT EXECUTE FUNCTION give_way()";
    stage.bystander.batch_execute(gives_way).await.unwrap();
    let batch = [event(stage.model, "conv-1", "one", 0)];
    let error = store(&stage.database, &batch).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Transient, "{}", error.chain());
    let goes = "DROP TRIGGER give_way ON conversation_events";
    stage.bystander.batch_execute(goes).await.unwrap();
    assert_eq!(stage.store(&batch).await, [Stored::New]);
}
