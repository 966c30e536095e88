//! A report that looks at what was there before it keeps no keeper for as long as it runs.

use std::time::Duration;

use shared::db::vector_segments::{
    Merged, Sealing, fetch_closed, is_hindered, merge, seal, seal_beside, take_lease,
};
use tokio::time::{Instant, sleep, timeout};

use crate::calls::Stage;
use crate::keeping::{FATES, RULES, soon};
use crate::stage::texts;

/// It looks at something else, and goes on for hours.
const REPORT: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM conversation_events";

/// Under so short a lease nobody waits for long.
const BRIEF: Duration = Duration::from_secs(3);

/// Far longer than that.
const LONG: Duration = Duration::from_secs(30);

const BUILDS: &str = "SELECT count(*) FROM pg_stat_progress_create_index
    WHERE datname = current_database() AND phase LIKE 'waiting%'";

/// Waits until so many builds wait for the report.
async fn until_builds(client: &tokio_postgres::Client, count: i64) {
    let limit = soon();
    while client
        .query_one(BUILDS, &[])
        .await
        .unwrap()
        .get::<_, i64>(0)
        != count
    {
        assert!(Instant::now() < limit, "never {count}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_graph_that_waits_for_a_report_is_given_up_and_made_beside() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("waits_for_a_report").await else {
        return;
    };
    stage.closed(1, 10).await;
    let all = texts(&stage.database).await;
    let other = stage.test.bystander().await.unwrap();
    other.batch_execute(REPORT).await.unwrap();
    let lease = take_lease(&stage.database, stage.model, BRIEF).await;
    let lease = lease.unwrap().unwrap();
    let closed = fetch_closed(&stage.database, stage.model).await.unwrap();
    let sealing = timeout(LONG, seal(&stage.database, &lease, closed[0])).await;
    assert_eq!(sealing.unwrap().unwrap(), Sealing::Busy);
    until_builds(&stage.bystander, 0).await;
    let limit = soon();
    while !is_hindered(&stage.database, closed[0]).await.unwrap() {
        assert!(Instant::now() < limit, "it is built in its place again");
        sleep(Duration::from_millis(100)).await;
    }
    let sealed = seal_beside(&stage.database, &lease, &closed, &RULES, soon()).await;
    let sealed = sealed.unwrap();
    assert!(matches!(sealed, Merged::Done { .. }), "{sealed:?}");
    assert_eq!(stage.segments().await, ["sealed 0 10"]);
    assert_eq!(texts(&stage.database).await, all);
}

/// It is left of a keeper that is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_does_not_wait_for_a_graph_that_waits_for_a_report() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("a_merge_does_not_wait").await else {
        return;
    };
    stage.sealed(2, 10).await;
    stage.closed(1, 10).await;
    let all = texts(&stage.database).await;
    let other = stage.test.bystander().await.unwrap();
    other.batch_execute(REPORT).await.unwrap();
    let closed = fetch_closed(&stage.database, stage.model).await.unwrap();
    let number = closed[0].number();
    let build = format!(
        "CREATE INDEX CONCURRENTLY conversation_embeddings_{number}_graph ON conversation_embeddings_{number}
            USING hnsw ((embedding::halfvec(4)) halfvec_cosine_ops)"
    );
    let builder = stage.test.bystander().await.unwrap();
    let building = tokio::spawn(async move { builder.batch_execute(&build).await });
    until_builds(&stage.bystander, 1).await;
    let lease = take_lease(&stage.database, stage.model, BRIEF).await;
    let lease = lease.unwrap().unwrap();
    let until = Instant::now() + LONG;
    let merged = merge(&stage.database, &lease, &RULES, until).await.unwrap();
    assert!(matches!(merged, Merged::Done { .. }), "{merged:?}");
    assert!(building.await.unwrap().is_err(), "it was stopped");
    assert_eq!(stage.segments().await, ["sealed 1 20", "closed 0 -"]);
    assert_eq!(texts(&stage.database).await, all);
}
