//! Where vectors go: a fresh segment per model, made once.

use std::time::Duration;

use shared::db::conversations::store;
use shared::db::embedding_models::{activate, fetch_active};
use shared::db::vector_segments::{drain, fetch_closed, prepare_next, roll_over};
use shared::db::{Database, vector_segments};
use shared::testing::TestDatabase;
use shared::testing::stage::up;
use tokio::time::Instant;

use crate::stage::{DIMENSIONS, Stage, event, space};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_open_the_same_spaces_at_once_and_each_is_made_once() {
    let Some(stage) = Stage::set("eight_open").await else {
        return;
    };
    for round in 0..10 {
        let names = [format!("a{round}"), format!("b{round}")];
        let opened = stage
            .others(8)
            .into_iter()
            .enumerate()
            .map(|(turn, database)| {
                let name = names[turn % 2].clone();
                tokio::spawn(async move {
                    (
                        turn % 2,
                        vector_segments::open(&database, &space(&name))
                            .await
                            .unwrap(),
                    )
                })
            });
        let mut models = [const { Vec::new() }; 2];
        for one in opened.collect::<Vec<_>>() {
            let (which, model) = one.await.unwrap();
            models[which].push(model);
        }
        assert!(
            models
                .iter()
                .all(|same| same.iter().all(|model| *model == same[0]))
        );
        assert_ne!(models[0][0], models[1][0]);
    }
    assert_eq!(
        stage.number("SELECT count(*) FROM embedding_models").await,
        21
    );
    assert_eq!(
        stage
            .number("SELECT count(*) FROM vector_segments WHERE state = 'fresh'")
            .await,
        21
    );
    assert_eq!(
        stage
            .number("SELECT count(*) FROM embedding_models WHERE active")
            .await,
        1
    );
    let partitions =
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'conversation_embeddings'::regclass";
    assert_eq!(
        stage.number(partitions).await,
        42,
        "one that is fresh, and the next one"
    );
}

#[tokio::test]
async fn a_segment_takes_only_its_models_vectors() {
    let Some(stage) = Stage::set("a_segment_takes").await else {
        return;
    };
    let checks = "SELECT pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = 'conversation_embeddings_1'::regclass AND contype = 'c' ORDER BY 1";
    assert_eq!(
        stage.lines(checks).await,
        [
            "CHECK (((embedding IS NULL) OR (vector_dims(embedding) = 4)))",
            "CHECK ((model_id = 1))",
            "CHECK ((octet_length(content_hash) = 32))",
            "CHECK ((segment = 1))",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_database_ever_opened_has_one_active_model() {
    let Some(test) = TestDatabase::create("the_first_ever").await else {
        return;
    };
    up(&test.database().unwrap()).await;
    let opened = (0..8).map(|number| {
        let database = test.database().unwrap();
        tokio::spawn(async move {
            vector_segments::open(&database, &space(&format!("model {number}")))
                .await
                .unwrap()
        })
    });
    for one in opened.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let (_, active) = fetch_active(&test.database().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert!(active.name.starts_with("model "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_one_model_is_active_however_many_switch() {
    let Some(stage) = Stage::set("exactly_one_model").await else {
        return;
    };
    assert_eq!(
        fetch_active(&stage.database).await.unwrap(),
        Some((stage.model, space("one"))),
        "the first"
    );
    let two = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    let three = vector_segments::open(&stage.database, &space("three"))
        .await
        .unwrap();
    activate(&stage.database, two).await.unwrap();
    assert_eq!(
        fetch_active(&stage.database).await.unwrap(),
        Some((two, space("two")))
    );
    activate(&stage.database, stage.model).await.unwrap();
    assert_eq!(
        fetch_active(&stage.database).await.unwrap(),
        Some((stage.model, space("one"))),
        "and back"
    );
    let models = [stage.model, two, three];
    let switchers = stage
        .others(6)
        .into_iter()
        .enumerate()
        .map(|(turn, database)| {
            tokio::spawn(async move {
                for round in 0..60 {
                    activate(&database, models[(turn + round) % 3])
                        .await
                        .unwrap();
                }
            })
        });
    let switchers: Vec<_> = switchers.collect();
    while !switchers.iter().all(tokio::task::JoinHandle::is_finished) {
        assert_eq!(
            stage
                .number("SELECT count(*) FROM embedding_models WHERE active")
                .await,
            1
        );
    }
    for switcher in switchers {
        switcher.await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_is_older_than_the_migration_stores_vectors() {
    let Some(test) = TestDatabase::create("older_than_the_migration").await else {
        return;
    };
    let old: Database = test.database().unwrap();
    drop(old.connection().await.unwrap());
    up(&test.database().unwrap()).await;
    let model = vector_segments::open(&old, &space("one")).await.unwrap();
    let stored = store(&old, &[event(model, "conv-1", "one", 0)]).await;
    assert_eq!(stored.unwrap().stored.len(), 1);
}

#[tokio::test]
async fn a_database_without_the_schema_says_what_to_do() {
    let Some(test) = TestDatabase::create("without_the_schema").await else {
        return;
    };
    let error = vector_segments::open(&test.database().unwrap(), &space("one"))
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        shared::Kind::Misconfigured,
        "{}",
        error.chain()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_roll_over_to_the_next_segment_and_none_fails_or_waits() {
    let Some(stage) = Stage::set("writers_roll_over").await else {
        return;
    };
    let writers = stage.others(8).into_iter().enumerate();
    let writers = writers.map(|(writer, database)| {
        let model = stage.model;
        tokio::spawn(async move {
            for number in 0..100 {
                let one = event(model, &format!("conv-{writer}-{number}"), "said", 0);
                let kept = store(&database, &[one]).await;
                let kept = kept.unwrap_or_else(|error| panic!("{}", error.chain()));
                if kept.fills[0].values >= 100 * i64::from(DIMENSIONS) {
                    roll_over(&database, &kept.fills[0]).await.unwrap();
                    // Whoever is in the way does the same.
                    let _ = prepare_next(&database, model).await;
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        let drained = Instant::now() + Duration::from_secs(10);
        let closed = fetch_closed(&stage.database, stage.model).await.unwrap();
        assert!(drain(&stage.database, drained).await.unwrap());
        let mut before = Vec::new();
        for segment in &closed {
            let count = format!(
                "SELECT count(*) FROM conversation_embeddings_{}",
                segment.number()
            );
            before.push((stage.number(&count).await, count));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        for (then, count) in before {
            assert_eq!(
                stage.number(&count).await,
                then,
                "what was drained takes no more: {count}"
            );
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let rows = "SELECT count(*) FROM conversation_embeddings";
    assert_eq!(stage.number(rows).await, 800);
    let most = "SELECT max(rows) FROM (SELECT count(*) AS rows FROM conversation_embeddings GROUP BY segment) s";
    let most = stage.number(most).await;
    // How far a segment is filled beyond its measure depends on who waits for the next one.
    assert!((100..400).contains(&most), "{most} in one");
}
