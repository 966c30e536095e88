//! Merges, which take long: what is closed does not wait for them, and a model at which one fails costs the others nothing.

use std::time::Duration;

use serde_json::json;
use shared::db::vector_segments::{fetch_all, open, release, take_lease};
use tokio::time::Instant;

use crate::calls::space;
use crate::world::{PLENTY, World, invoke};

/// A merge of two times thirty rows stops at the end of its build, with its snapshot, until whoever holds the lock lets it go on.
const STOP: &str = "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$ BEGIN
        IF NEW.state = 'building' AND NEW.row_count = 60 THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NEW; END $$;
    CREATE TRIGGER stop BEFORE UPDATE ON vector_segments FOR EACH ROW EXECUTE FUNCTION stop();
    SELECT pg_advisory_lock(77)";
const STOPPED: &str =
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 77
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const CLOSED: &str = "SELECT count(*) FROM vector_segments WHERE state = 'closed'";

/// Waits until the number is as wanted, for longer than any of this takes.
async fn until(world: &World, number: &str, wanted: i64) {
    let limit = Instant::now() + PLENTY / 2;
    while world.stage.number(number).await != wanted {
        assert!(Instant::now() < limit, "{number}: never {wanted}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_closed_while_a_merge_builds_is_sealed_meanwhile() {
    let Some(world) = World::start("while_a_merge_builds").await else {
        return;
    };
    let two = open(&world.stage.database, &space("two")).await.unwrap();
    world.close(world.stage.model, 2, 30).await;
    world.keep().await;
    world.stage.bystander.batch_execute(STOP).await.unwrap();
    let keeper = world.merging().await;
    let keep = json!({ "task": "keep" });
    let task = keep.clone();
    let keeping = tokio::spawn(async move { invoke(&keeper, task, PLENTY).await });
    until(&world, STOPPED, 1).await;
    world.close(world.stage.model, 3, 20).await;
    world.close(two, 1, 20).await;
    // Of the same model by who merges, of the other one by somebody else.
    let other = invoke(&world.app, keep, PLENTY).await.unwrap();
    until(&world, CLOSED, 0).await;
    assert!(!keeping.is_finished(), "{other}");
    assert_eq!(
        world.stage.number(STOPPED).await,
        1,
        "the merge is where it was"
    );
    // Two that are merged, one of the other model, and three or fewer: which of them waited together is a matter of moments.
    let (sealed, graphs) = (world.count("sealed").await, world.graphs().await);
    assert!(
        (5..=6).contains(&sealed) && graphs == sealed,
        "{sealed} {graphs}"
    );
    let go_on = "SELECT pg_advisory_unlock(77)";
    world.stage.bystander.batch_execute(go_on).await.unwrap();
    let report = keeping.await.unwrap().unwrap();
    let line = &report["models"][0];
    let meanwhile = i64::try_from(line["sealed"].as_array().unwrap().len()).unwrap();
    assert_eq!(meanwhile, sealed - 3, "{report}");
    let tiers = "SELECT tier::text, row_count::text FROM vector_segments WHERE model_id = 1 AND state = 'sealed' ORDER BY tier";
    assert_eq!(
        world.stage.lines(tiers).await,
        ["0 20", "2 100"],
        "{report}"
    );
    assert_eq!(
        line["replaced"], 6,
        "five become two, two of them one: {report}"
    );
    let rows = "SELECT count(DISTINCT (model_id, event_id)) FROM conversation_embeddings";
    assert_eq!(world.stage.number(rows).await, 140);
    let all = "SELECT count(*) FROM conversation_embeddings";
    assert_eq!(world.stage.number(all).await, 140, "each once");
    assert_eq!(
        world.count("building").await + world.count("replaced").await,
        0
    );
}

#[tokio::test]
async fn a_model_whose_merge_fails_costs_the_others_nothing() {
    let Some(world) = World::start("whose_merge_fails").await else {
        return;
    };
    let two = open(&world.stage.database, &space("two")).await.unwrap();
    for model in [world.stage.model, two] {
        world.close(model, 2, 20).await;
    }
    world.keep().await;
    let fail =
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON vector_segments FOR EACH ROW
            WHEN (NEW.state = 'building' AND NEW.model_id = 1) EXECUTE FUNCTION fail()";
    world.stage.bystander.batch_execute(fail).await.unwrap();
    let keep = json!({ "task": "keep" });
    let keeper = world.merging().await;
    invoke(&keeper, keep.clone(), PLENTY).await.unwrap_err();
    let tiers = "SELECT model_id::text, tier::text, row_count::text FROM vector_segments WHERE state = 'sealed' ORDER BY id";
    let sealed = ["1 0 20", "1 0 20", "2 1 40"];
    assert_eq!(world.stage.lines(tiers).await, sealed);
    let go_on = "DROP TRIGGER fail ON vector_segments";
    world.stage.bystander.batch_execute(go_on).await.unwrap();
    invoke(&keeper, keep, PLENTY).await.unwrap();
    assert_eq!(world.stage.lines(tiers).await, ["2 1 40", "1 1 40"]);
}

/// Two segments wait to become one: 40 rows of 4 numbers take 100 seconds by the pace of before, and a quarter more to be safe.
async fn slow_merge(name: &str) -> Option<World> {
    let world = World::start(name).await?;
    world.close(world.stage.model, 2, 20).await;
    world.keep().await;
    let slow = "UPDATE segment_keepers SET build_paces[2] = 1.6";
    world.stage.bystander.batch_execute(slow).await.unwrap();
    Some(world)
}

#[tokio::test]
async fn a_merge_that_would_not_end_in_time_is_told_and_not_begun() {
    let Some(world) = slow_merge("would_not_end_in_time").await else {
        return;
    };
    let (keeper, keep) = (world.merging().await, json!({ "task": "keep" }));
    let report = invoke(&keeper, keep.clone(), PLENTY).await.unwrap();
    assert_eq!(report["merge_needs_s"], 125, "{report}");
    assert_eq!(
        (world.count("sealed").await, world.count("building").await),
        (2, 0)
    );
    let report = invoke(&keeper, keep, 5 * PLENTY).await.unwrap();
    assert_eq!(
        (&report["merge_needs_s"], world.count("sealed").await),
        (&json!(0), 1),
        "{report}"
    );
}

/// A keeper that is stopped in the middle of a build learns what that would have taken, and fails at nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_that_time_was_too_short_for_is_told_by_the_next_keeper() {
    let Some(world) = World::start("time_was_too_short_for").await else {
        return;
    };
    world.close(world.stage.model, 2, 30).await;
    world.keep().await;
    world.stage.bystander.batch_execute(STOP).await.unwrap();
    let keeper = world.merging().await;
    // As little as a merge is begun with, and some seconds for a busy machine.
    let short = Duration::from_secs(45);
    let record = json!({ "messageId": "m-1", "body": r#"{"version":1,"model":1}"# });
    let woken = json!({ "Records": [record] });
    let answer = invoke(&keeper, woken, short).await.unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
    assert_eq!(world.count("building").await, 1, "it was begun");
    let go_on = "SELECT pg_advisory_unlock(77)";
    world.stage.bystander.batch_execute(go_on).await.unwrap();
    let keep = json!({ "task": "keep" });
    let report = invoke(&keeper, keep.clone(), short).await.unwrap();
    assert!(report["merge_needs_s"].as_u64() > Some(30), "{report}");
    assert_eq!(
        (world.count("sealed").await, world.count("building").await),
        (2, 0),
        "{report}"
    );
    invoke(&keeper, keep, 3 * PLENTY).await.unwrap();
    assert_eq!(world.count("sealed").await, 1);
}

#[tokio::test]
async fn a_merge_that_waits_is_not_denied_by_who_could_not_look() {
    let Some(world) = slow_merge("not_denied_by_who_could_not_look").await else {
        return;
    };
    let (keeper, keep) = (world.merging().await, json!({ "task": "keep" }));
    // Somebody else is at the model.
    let lease = take_lease(&world.stage.database, world.stage.model, PLENTY).await;
    let lease = lease.unwrap().unwrap();
    let report = invoke(&keeper, keep.clone(), PLENTY).await.unwrap();
    assert_eq!(report["models"][0]["is_busy"], true, "{report}");
    assert_eq!(report["merge_needs_s"], json!(null), "{report}");
    release(&world.stage.database, lease).await.unwrap();
    // There is no time to begin one.
    let report = invoke(&keeper, keep.clone(), PLENTY / 3).await.unwrap();
    assert_eq!(report["merge_needs_s"], json!(null), "{report}");
    let report = invoke(&keeper, keep, PLENTY).await.unwrap();
    assert_eq!(report["merge_needs_s"], 125, "{report}");
}

/// Who reads what is to go keeps from its place what is built already.
#[tokio::test]
async fn what_is_built_and_does_not_get_its_place_is_told() {
    let Some(world) = World::start("does_not_get_its_place").await else {
        return;
    };
    world.close(world.stage.model, 2, 20).await;
    let report = world.keep().await;
    assert_eq!(report["swap_waits_s"], 0, "{report}");
    let reads = "BEGIN; SELECT count(*) FROM conversation_embeddings";
    let reader = world.stage.test.bystander().await.unwrap();
    reader.batch_execute(reads).await.unwrap();
    let (keeper, keep) = (world.merging().await, json!({ "task": "keep" }));
    let short = Duration::from_secs(40);
    let report = invoke(&keeper, keep.clone(), short).await.unwrap();
    assert!(report["swap_waits_s"].as_i64() > Some(15), "{report}");
    assert_eq!(world.count("building").await, 1);
    reader.batch_execute("COMMIT").await.unwrap();
    let report = invoke(&keeper, keep, PLENTY).await.unwrap();
    assert_eq!(report["swap_waits_s"], 0, "{report}");
    assert_eq!(world.count("sealed").await, 1);
}

#[tokio::test]
async fn how_well_a_graph_finds_is_told_of_each_that_is_new() {
    let Some(world) = World::start("how_well_a_graph_finds").await else {
        return;
    };
    world.close(world.stage.model, 3, 50).await;
    world.keep().await;
    invoke(&world.merging().await, json!({ "task": "keep" }), PLENTY)
        .await
        .unwrap();
    let told = "SELECT tier::text, (recall > 0.9)::text, (recall_at > created_at)::text FROM vector_segments
        WHERE state = 'sealed' ORDER BY tier";
    assert_eq!(
        world.stage.lines(told).await,
        ["0 true true", "1 true true"]
    );
    // What is asked is no empty form: a graph that finds nothing is told as such.
    let listed = fetch_all(&world.stage.database).await.unwrap();
    let recalls = listed.iter().filter_map(|one| one.recall);
    assert!(
        recalls.clone().count() == 2 && recalls.clone().all(|one| one <= 1.0),
        "{listed:?}"
    );
}
