//! Where vectors go: a fresh segment per model, made once.

use shared::db::embedding_models::{activate, fetch_active};
use shared::db::{Database, vector_segments};
use shared::testing::TestDatabase;

use crate::stage::{Stage, event, space, up};

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
    assert_eq!(stage.number(partitions).await, 21);
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
    let stored = shared::db::conversations::store(&old, &[event(model, "conv-1", "one", 0)]).await;
    assert_eq!(stored.unwrap().len(), 1);
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

/// What a sealer will do: the fresh segment takes no more, another stands in its place.
const SEAL: &str = "WITH sealed AS (UPDATE vector_segments SET state = 'sealed' WHERE state = 'fresh' RETURNING 1) SELECT FROM sealed";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measure_sealing() {
    let Some(stage) = Stage::set("measure_sealing").await else {
        return;
    };
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writers = stage
        .others(8)
        .into_iter()
        .enumerate()
        .map(|(writer, database)| {
            let (stop, model) = (stop.clone(), stage.model);
            tokio::spawn(async move {
                let (mut stored, mut failed) = (0, 0);
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    let one = event(model, &format!("conv-{writer}-{stored}"), "said", 0);
                    match shared::db::conversations::store(&database, &[one]).await {
                        Ok(_) => stored += 1,
                        Err(_) => failed += 1,
                    }
                }
                (stored, failed)
            })
        });
    let writers: Vec<_> = writers.collect();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    for _ in 0..5 {
        let start = std::time::Instant::now();
        stage
            .bystander
            .batch_execute(&format!(
                "BEGIN; SET LOCAL lock_timeout = '10s'; {SEAL}; ROLLBACK"
            ))
            .await
            .unwrap_or_else(|e| println!("{e}"));
        println!("waited {:?}", start.elapsed());
        let _ = stage.bystander.batch_execute("ROLLBACK").await;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for writer in writers {
        println!("{:?}", writer.await.unwrap());
    }
}
