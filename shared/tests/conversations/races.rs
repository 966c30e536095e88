//! Many at once: one effect, nobody waits in a circle, and what was erased stays away.

use std::sync::Arc;

use shared::Kind;
use shared::db::Database;
use shared::db::conversations::{self, Prepared, Stored, erase, expire, store, store_again};
use shared::db::embedded::fetch_missing;
use shared::domain::ReceiptId;

use crate::erase::remnants;
use crate::stage::{Stage, erasure_key, event, id, map, reading};

/// Those who worked go, for each connection hands in its counts when it ends, or by and by.
async fn assert_no_deadlock(stage: &Stage, handles: Vec<Database>) {
    drop(handles);
    stage.until_alone().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(stage.number(deadlocks).await, 0);
}

/// As a queue does it: what failed for now comes again.
async fn store_in_the_end(database: &Database, batch: &[Prepared]) -> Vec<Stored> {
    loop {
        match store(database, batch).await {
            Ok(kept) => return kept.stored,
            Err(error) => assert_eq!(error.kind(), Kind::Transient, "{}", error.chain()),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_copies_have_one_effect() {
    let Some(stage) = Stage::set("a_thousand_copies").await else {
        return;
    };
    let handles = stage.others(8);
    let one = Arc::new([event(stage.model, "conv-1", "one", 0)]);
    let copies = (0..1_000).map(|number| {
        let (database, one) = (handles[number % 8].clone(), Arc::clone(&one));
        tokio::spawn(async move { store_in_the_end(&database, &*one).await[0] })
    });
    let mut new = 0;
    for copy in copies.collect::<Vec<_>>() {
        new += usize::from(copy.await.unwrap() == Stored::New);
    }
    assert_eq!(new, 1);
    assert_eq!(stage.states().await, ["one searchable"]);
    assert_eq!(stage.texts().await, ["one"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_that_cross_never_wait_in_a_circle() {
    let Some(stage) = Stage::set("batches_that_cross").await else {
        return;
    };
    let handles = stage.others(4);
    for round in 0..200 {
        let there: Vec<_> = (0..4)
            .map(|number| event(stage.model, &format!("conv-{number}"), "said", round))
            .collect();
        let mut back = there.clone();
        back.reverse();
        let later: Vec<_> = back
            .iter()
            .rev()
            .map(|one| {
                event(
                    stage.model,
                    one.event.conversation_id.as_str(),
                    "later",
                    round,
                )
            })
            .collect();
        let batches = [
            there,
            back,
            later.clone(),
            later.into_iter().rev().collect(),
        ];
        let runs = handles
            .iter()
            .cloned()
            .zip(batches)
            .map(|(database, batch)| {
                tokio::spawn(async move { store(&database, &batch).await.unwrap().stored })
            });
        let mut new = 0;
        for run in runs.collect::<Vec<_>>() {
            new += run
                .await
                .unwrap()
                .iter()
                .filter(|stored| **stored == Stored::New)
                .count();
        }
        assert_eq!(new, 8, "round {round}");
    }
    assert_eq!(
        stage
            .number("SELECT count(*) FROM conversation_embeddings")
            .await,
        4
    );
    assert_no_deadlock(&stage, handles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erasure_wins_over_whatever_is_being_stored() {
    let Some(stage) = Stage::set("erasure_wins").await else {
        return;
    };
    let handles = stage.others(3);
    for round in 0..100 {
        let name = format!("conv-{round}");
        let first = event(stage.model, &name, "canary first", 1);
        stage.store(std::slice::from_ref(&first)).await;
        let batch = [event(stage.model, &name, "canary second", 2), first];
        let storing = tokio::spawn({
            let database = handles[0].clone();
            async move { store(&database, &batch).await.unwrap().stored }
        });
        let erasing = tokio::spawn({
            let (database, name) = (handles[1].clone(), name.clone());
            async move {
                erase(&database, &erasure_key(), &id(&name), ReceiptId::generate())
                    .await
                    .unwrap()
                    .removed
            }
        });
        let (stored, removed) = (storing.await.unwrap(), erasing.await.unwrap());
        let before = stored[0] == Stored::New;
        assert_eq!(
            removed.conversation_events,
            if before { 2 } else { 1 },
            "round {round}"
        );
    }
    assert_eq!(remnants(&stage, &["conv-", "canary"]).await, [""; 0]);
    assert_no_deadlock(&stage, handles).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retention_beside_everything_else_leaves_nothing_behind() {
    let Some(stage) = Stage::set("retention_beside").await else {
        return;
    };
    let handles = stage.others(4);
    let far = jiff::Timestamp::from_second(2_000_000_000).unwrap();
    for round in 0..60 {
        let batch: Vec<_> = (0..6)
            .map(|number| {
                event(
                    stage.model,
                    &format!("conv-{round}-{}", number % 3),
                    "said",
                    number,
                )
            })
            .collect();
        stage.store(&batch).await;
        let readings = [reading(batch[0].event.event.as_str(), 2)];
        let standing = fetch_missing(&stage.database, stage.model, &readings, None, 9);
        let again: Vec<_> = standing
            .await
            .unwrap()
            .into_iter()
            .map(|stored| {
                let mut one = event(
                    stage.model,
                    stored.event.conversation_id.as_str(),
                    "said",
                    0,
                );
                one.event = stored.event;
                one.renditions[0].map = map(2);
                (stored.id, one)
            })
            .collect();
        let later: Vec<_> = (0..3)
            .map(|number| event(stage.model, &format!("conv-{round}-{number}"), "later", 9))
            .collect();
        let name = format!("conv-{round}-0");
        let [a, b, c, d] = [0, 1, 2, 3].map(|number| handles[number].clone());
        let runs = [
            tokio::spawn(async move { expire(&a, far, 5).await.map(drop) }),
            tokio::spawn(async move { store_again(&b, &again).await.map(drop) }),
            tokio::spawn(async move { store(&c, &later).await.map(drop) }),
            tokio::spawn(async move {
                erase(&d, &erasure_key(), &id(&name), ReceiptId::generate())
                    .await
                    .map(drop)
            }),
        ];
        for run in runs {
            let done = run.await.unwrap();
            done.unwrap_or_else(|error| panic!("round {round}: {}", error.chain()));
        }
        conversations::expire(&stage.database, far, 1_000)
            .await
            .unwrap();
        for table in ["conversation_events", "conversation_embeddings", "embedded"] {
            assert_eq!(
                stage.number(&format!("SELECT count(*) FROM {table}")).await,
                0,
                "{table}, round {round}"
            );
        }
    }
    assert_no_deadlock(&stage, handles).await;
}
