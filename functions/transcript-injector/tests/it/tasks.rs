//! What invokes the function: the fixtures, and what is no task.

use std::time::Duration;

use serde_json::{Value, json};
use shared::config::Env;
use transcript_injector::Config;

use crate::world::{TIME, World, invoke};

const DRAIN: &str = include_str!("../../../../events/transcript-injector.drain.json");
const REQUEUE: &str = include_str!("../../../../events/transcript-injector.requeue.json");

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_fixtures_drain_and_bring_back() {
    let Some(world) = World::start("the_fixtures_drain", &[]).await else {
        return;
    };
    world.take("i-1", &[1]).await;
    let drained = invoke(&world.app, value(DRAIN), TIME).await.unwrap();
    assert_eq!(drained["injected"], 1);
    let requeued = invoke(&world.app, value(REQUEUE), TIME).await.unwrap();
    assert_eq!(requeued, json!({ "requeued": 0 }));
    for neither in [
        json!({}),
        json!({"ids": ["0199a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"], "reason": "HTTP 503"}),
    ] {
        let mut event = json!({ "task": "requeue" });
        event
            .as_object_mut()
            .unwrap()
            .extend(neither.as_object().unwrap().clone());
        let error = invoke(&world.app, event, TIME).await.unwrap_err();
        assert_eq!(error.error_type, "invalid");
    }
}

#[tokio::test]
async fn what_is_no_task_is_refused() {
    let Some(world) = World::start("what_is_no_task", &[]).await else {
        return;
    };
    for event in [
        json!({}),
        json!("drain"),
        json!({"task": "tick"}),
        json!({"task": "drain", "ids": []}),
        json!({"task": "requeue", "id": 1}),
    ] {
        let error = invoke(&world.app, event.clone(), TIME).await.unwrap_err();
        assert_eq!(error.error_type, "invalid", "{event}");
    }
}

#[tokio::test]
async fn a_run_without_time_begins_nothing() {
    let Some(world) = World::start("a_run_without_time", &[]).await else {
        return;
    };
    world.take("i-1", &[1]).await;
    let short = Duration::from_secs(7);
    let report = invoke(&world.app, value(DRAIN), short).await.unwrap();
    assert_eq!((&report["injected"], world.posted()), (&json!(0), 0));
}

#[tokio::test]
async fn what_is_old_goes() {
    let Some(world) = World::start("what_is_old_goes", &[("RETENTION_DAYS", "30")]).await else {
        return;
    };
    world.take("i-1", &[1]).await;
    world.take("i-2", &[1]).await;
    world.drain().await;
    let old =
        "UPDATE transcripts SET ended_at = now() - interval '31 days' WHERE interaction_id = 'i-1'";
    world.rows.batch_execute(old).await.unwrap();
    assert_eq!(world.drain().await["removed"], 1);
    assert_eq!(
        world.value::<i64>("SELECT count(*) FROM transcripts").await,
        1
    );
}

#[test]
fn a_pace_that_posts_nothing_is_refused() {
    let settings = [
        ("DATABASE_URL", "postgres://localhost/x"),
        ("CXONE_SECRET_ID", "cxone"),
        ("ERASURE_KEY_SECRET_ID", "key"),
    ];
    assert!(Config::from_env(&Env::from_pairs(settings)).is_ok());
    for (name, value) in [
        ("TRANSCRIPTS_PER_MINUTE", "0"),
        ("TRANSCRIPTS_PER_MINUTE", "inf"),
        ("TRANSCRIPTS_BURST", "0.5"),
        ("TRANSCRIPTS_BURST", "NaN"),
        ("TRANSCRIPTS_PER_HOUR", "0"),
    ] {
        let env = Env::from_pairs(settings.into_iter().chain([(name, value)]));
        let flaw = Config::from_env(&env).err().unwrap().to_string();
        assert!(flaw.contains(name), "{value}: {flaw}");
    }
}
