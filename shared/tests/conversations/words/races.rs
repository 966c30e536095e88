//! Who folds, who writes, who erases and who reads, all at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// As a queue does it: who had to wait for a lock for too long comes again, a few times. Says how often that was.
async fn store_in_the_end(database: &Database, batch: &[Prepared]) -> usize {
    for again in 0..4 {
        match store(database, batch).await {
            Ok(_) => return again,
            Err(error) => assert!(error.chain().contains("lock timeout"), "{}", error.chain()),
        }
    }
    panic!("a batch never gets its locks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_four_that_fold_one_does() {
    let Some(stage) = Stage::set("of_four_that_fold").await else {
        return;
    };
    let space = WordSpace::Conversations(stage.model);
    let handles = stage.others(4);
    for round in 0..10 {
        for number in 0..8 {
            let name = format!("conv-{round}-{number}");
            stage.store(&[event(stage.model, &name, "cups", 0)]).await;
        }
        let folds = handles.iter().cloned().map(|database| {
            tokio::spawn(async move { tend(&database, space, soon()).await.unwrap() })
        });
        for fold in folds.collect::<Vec<_>>() {
            fold.await.unwrap();
        }
        let found = assert_right(&stage.database, space, &rows_of(0), "cup").await;
        assert_eq!(found, (round + 1) * 8);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_waits_for_who_folds() {
    let Some(stage) = Stage::set("an_erasure_waits").await else {
        return;
    };
    let space = WordSpace::Conversations(stage.model);
    let handles = stage.others(2);
    for round in 0..20 {
        for number in 0..8 {
            let name = format!("conv-{round}-{number}");
            let text = if number == 5 { "xanadu" } else { "cups" };
            stage.store(&[event(stage.model, &name, text, 0)]).await;
        }
        let (folder, eraser) = (handles[0].clone(), handles[1].clone());
        let fold = tokio::spawn(async move { tend(&folder, space, soon()).await.unwrap() });
        let name = format!("conv-{round}-5");
        let erase = tokio::spawn(async move { erase_one(&eraser, &name).await.unwrap() });
        fold.await.unwrap();
        erase.await.unwrap();
        assert_eq!(blocks_with(&stage, "xanadu").await, 0, "round {round}");
        let found = assert_right(&stage.database, space, &rows_of(0), "cup").await;
        assert_eq!(found, (round + 1) * 7);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_at_once_fold_and_writers_erasers_and_readers_never_meet() {
    let Some(stage) = Stage::set("two_at_once_fold").await else {
        return;
    };
    let models = two_models(&stage).await;
    let handles = stage.others(8);
    let rounds = i64::try_from(proof_size(40, 400)).unwrap();
    let mut work = tokio::task::JoinSet::new();
    let stalled = Arc::new(AtomicUsize::new(0));
    for (writer, database) in (0_i64..).zip(handles[..3].to_vec()) {
        let stalled = Arc::clone(&stalled);
        work.spawn(async move {
            let mut random = Rng::with_seed(writer.cast_unsigned());
            for round in 0..rounds {
                let mut batch = Vec::new();
                for number in 0..3 {
                    let conversation = format!("conv-{}-{}", round / 4, random.u8(0..8));
                    let second = (round * 3 + writer) * 10 + number;
                    batch.push(random_event(&mut random, &models, &conversation, second));
                }
                let again = store_in_the_end(&database, &batch).await;
                stalled.fetch_add(again, Ordering::Relaxed);
            }
        });
    }
    for database in &handles[3..5] {
        let database = database.clone();
        work.spawn(async move {
            for _ in 0..rounds {
                for model in models {
                    tend(&database, WordSpace::Conversations(model), soon())
                        .await
                        .unwrap();
                }
            }
        });
    }
    let eraser = handles[5].clone();
    work.spawn(async move {
        for round in 0..rounds {
            erase_one(&eraser, &format!("conv-{}-{}", round / 4, round % 4))
                .await
                .unwrap();
        }
    });
    let keeper = handles[6].clone();
    work.spawn(async move {
        for round in 0..rounds / 4 {
            expire(&keeper, far(), 3).await.unwrap();
            if round % 3 == 0 {
                purge_conversations(&keeper, soon()).await.unwrap();
            }
        }
    });
    let (reader, mut random) = (handles[7].clone(), Rng::with_seed(9));
    while !work.is_empty() {
        compare(&reader, &models, &mut random).await;
        while let Some(done) = work.try_join_next() {
            done.unwrap();
        }
    }
    // A lock is waited for for five seconds: on a machine that stalls that may happen now and then, and never as a rule.
    let stalled = stalled.load(Ordering::Relaxed);
    let batches = usize::try_from(rounds * 3).unwrap();
    assert!(
        stalled * 20 <= batches,
        "{stalled} of {batches} batches met a lock that was held"
    );
    compare(&reader, &models, &mut random).await;
    assert!(purge_conversations(&stage.database, soon()).await.unwrap());
    compare(&reader, &models, &mut random).await;
    drop((reader, handles));
    stage.until_alone().await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(stage.number(deadlocks).await, 0);
}
