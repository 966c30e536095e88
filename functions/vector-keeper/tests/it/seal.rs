//! What is closed is sealed, of every model, whoever else is at it.

use serde_json::json;
use shared::db::vector_segments::{open, take_lease};

use crate::calls::space;
use crate::world::{PLENTY, World, invoke};

#[tokio::test]
async fn everything_that_is_closed_is_sealed_and_the_next_one_is_made() {
    let Some(world) = World::start("everything_that_is_closed").await else {
        return;
    };
    let two = open(&world.stage.database, &space("two")).await.unwrap();
    world.close(world.stage.model, 3, 20).await;
    world.close(two, 2, 20).await;
    let gone = "DELETE FROM vector_segments WHERE state = 'next'";
    world.stage.bystander.batch_execute(gone).await.unwrap();
    let report = world.keep().await;
    let models = report["models"].as_array().unwrap();
    assert_eq!(models.len(), 2, "{report}");
    assert!(
        models
            .iter()
            .all(|line| line["prepared"] == true && line["is_busy"] == false)
    );
    assert_eq!(world.count("sealed").await, 5);
    assert_eq!(world.graphs().await, 5);
    assert_eq!(
        (world.count("next").await, world.count("fresh").await),
        (2, 2)
    );
    let again = world.keep().await;
    for line in again["models"].as_array().unwrap() {
        assert_eq!(
            (&line["prepared"], &line["sealed"]),
            (&json!(false), &json!([])),
            "{again}"
        );
    }
}

#[tokio::test]
async fn what_is_closed_is_sealed_although_the_next_one_cannot_be_made() {
    let Some(world) = World::start("although_the_next_one_cannot").await else {
        return;
    };
    world.close(world.stage.model, 2, 20).await;
    let fail = "DELETE FROM vector_segments WHERE state = 'next';
        CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON vector_segments FOR EACH ROW WHEN (NEW.state = 'next') EXECUTE FUNCTION fail()";
    world.stage.bystander.batch_execute(fail).await.unwrap();
    let keep = json!({ "task": "keep" });
    let failed = invoke(&world.app, keep, PLENTY).await.unwrap_err();
    assert_eq!(failed.error_type, "misconfigured", "it is told");
    assert_eq!(
        (world.count("sealed").await, world.count("closed").await),
        (2, 0)
    );
}

#[tokio::test]
async fn a_backlog_becomes_one_segment_and_the_others_of_it_are_told_as_gone() {
    let Some(world) = World::start("a_backlog_becomes_one_segment").await else {
        return;
    };
    let two = open(&world.stage.database, &space("two")).await.unwrap();
    world.close(world.stage.model, 5, 20).await;
    world.close(two, 3, 20).await;
    let before = world.stage.texts().await;
    let report = world.keep().await;
    let [one, other] = [0, 1].map(|model| &report["models"][model]);
    assert_eq!(one["sealed"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(
        (&one["replaced"], &one["merged"]),
        (&json!(5), &json!([])),
        "{report}"
    );
    assert_eq!(other["sealed"].as_array().unwrap().len(), 3, "{report}");
    assert_eq!(
        (&other["replaced"], &report["closed"]),
        (&json!(0), &json!(0)),
        "{report}"
    );
    let told = "SELECT model_id::text, tier::text, row_count::text, (recall > 0.9)::text FROM vector_segments
        WHERE state NOT IN ('next', 'fresh') ORDER BY model_id, id";
    assert_eq!(
        world.stage.lines(told).await,
        ["1 1 100 true", "2 0 20 true", "2 0 20 true", "2 0 20 true"]
    );
    assert_eq!(
        (world.graphs().await, world.stage.texts().await),
        (4, before)
    );
    let again = world.keep().await;
    assert_eq!(again["models"][0]["replaced"], 0, "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keepers_that_come_at_once_seal_each_once_and_none_fails() {
    let Some(world) = World::start("keepers_that_come_at_once").await else {
        return;
    };
    world.close(world.stage.model, 3, 50).await;
    let mut keepers = Vec::new();
    for _ in 0..4 {
        let app = world.another().await;
        let task = json!({ "task": "keep" });
        keepers.push(tokio::spawn(async move {
            invoke(&app, task, PLENTY).await.unwrap()
        }));
    }
    let mut sealed = Vec::new();
    for keeper in keepers {
        let report = keeper.await.unwrap();
        sealed.extend(report["models"][0]["sealed"].as_array().unwrap().clone());
    }
    sealed.sort_by_key(serde_json::Value::as_i64);
    assert_eq!(
        sealed,
        [1, 2, 3].map(serde_json::Value::from),
        "one of them had the lease at a time"
    );
    assert_eq!((world.count("sealed").await, world.graphs().await), (3, 3));
}

#[tokio::test]
async fn a_model_that_another_keeper_has_is_left_to_it() {
    let Some(world) = World::start("left_to_it").await else {
        return;
    };
    world.close(world.stage.model, 1, 5).await;
    let lease = take_lease(&world.stage.database, world.stage.model, PLENTY).await;
    assert!(lease.unwrap().is_some());
    let report = world.keep().await;
    assert_eq!(report["models"][0]["is_busy"], true, "{report}");
    assert_eq!(
        (&report["closed"], world.count("closed").await),
        (&json!(1), 1)
    );
    let late = "UPDATE segment_keepers SET until = clock_timestamp()";
    world.stage.bystander.batch_execute(late).await.unwrap();
    world.keep().await;
    assert_eq!(world.count("sealed").await, 1);
}
