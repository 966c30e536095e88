//! Whoever deletes from a segment of which another is being made writes it down.

use shared::db::conversations::{expire, store_again};
use shared::db::embedded::fetch_missing;
use shared::db::vector_segments::{MergeRules, Merged, merge};
use shared::fail_point::{self, Fate};

use crate::calls::{Stage, event, map, reading};
use crate::keeping::{FATES, RULES, lease, seal_all, soon};
use crate::kills::assert_tidy;
use crate::stage::{BUILD, gone, texts};
use crate::together::{GO_ON, stop, stopped};

/// Whose the numbers are.
const NAMES: &str =
    "CREATE TABLE names AS SELECT event_id, conversation_id FROM conversation_embeddings";
const REMOVED: &str = "SELECT r.segment::text, n.conversation_id, r.chunk::text
    FROM segment_removed r JOIN names n USING (event_id) ORDER BY 2";
const BUILT: &str = "SELECT conversation_id FROM conversation_embeddings_90 ORDER BY 1";

#[tokio::test]
async fn every_way_to_delete_is_written_down_and_only_while_another_is_made() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("every_way_to_delete").await else {
        return;
    };
    let names = [
        "erased",
        "expired",
        "kept",
        "made-anew",
        "silent",
        "superseded",
    ];
    let batch: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(second, name)| event(stage.model, name, name, i64::try_from(second).unwrap()))
        .collect();
    stage.store(&batch).await;
    gone(&stage.database, "nobody").await.unwrap();
    let early = [event(stage.model, "early", "early", 0)];
    stage.store(&early).await;
    gone(&stage.database, "early").await.unwrap();
    assert_eq!(
        stage.number("SELECT count(*) FROM segment_removed").await,
        0
    );
    stage.bystander.batch_execute(NAMES).await.unwrap();
    stage.bystander.batch_execute(BUILD).await.unwrap();
    // Each of the ways.
    gone(&stage.database, "erased").await.unwrap();
    stage
        .store(&[event(stage.model, "superseded", "later", 100)])
        .await;
    for (name, silent) in [("made-anew", false), ("silent", true)] {
        let readings = [reading(name, 2)];
        let missing = fetch_missing(&stage.database, stage.model, &readings, None, 9);
        let stored = missing.await.unwrap().remove(0);
        let mut one = event(stage.model, name, name, 0);
        one.event = stored.event;
        one.renditions[0].map = map(2);
        if silent {
            one = crate::calls::silent(one);
        }
        store_again(&stage.database, &[(stored.id, one)])
            .await
            .unwrap();
    }
    let second = jiff::Timestamp::from_second(1_768_473_002).unwrap();
    expire(&stage.database, second, 100).await.unwrap();
    assert_eq!(
        stage.lines(REMOVED).await,
        [
            "1 erased 0",
            "1 expired 0",
            "1 made-anew 0",
            "1 silent 0",
            "1 superseded 0"
        ]
    );
    assert_eq!(
        stage.number("SELECT count(*) FROM segment_removed").await,
        5
    );
    // What the event went with is not kept in the other one until that is seen.
    let kept = ["kept", "made-anew", "silent", "superseded"];
    assert_eq!(stage.lines(BUILT).await, kept);
}

#[tokio::test]
async fn what_is_not_committed_is_not_written_down() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("what_is_not_committed").await else {
        return;
    };
    stage.fill("said", 3).await;
    stage.bystander.batch_execute(BUILD).await.unwrap();
    let forbid = "ALTER TABLE erased_conversations ADD CHECK (octet_length(conversation_mac) > 99)";
    stage.bystander.batch_execute(forbid).await.unwrap();
    let erased = gone(&stage.database, "said-1").await;
    assert!(erased.is_err());
    assert_eq!(
        stage.number("SELECT count(*) FROM segment_removed").await,
        0
    );
    assert_eq!(stage.texts().await.len(), 3);
}

/// Whoever makes another segment waits for all who began to delete before that was known: they hold the lock that tells them apart.
#[tokio::test]
async fn whoever_deletes_can_be_waited_for() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("whoever_deletes").await else {
        return;
    };
    stage.fill("said", 3).await;
    let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND mode = 'ShareLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    // It deletes, and then waits for the tombstones.
    let hold = "BEGIN; LOCK TABLE erased_conversations IN ACCESS EXCLUSIVE MODE";
    stage.bystander.batch_execute(hold).await.unwrap();
    let database = stage.test.database().unwrap();
    let erasing = tokio::spawn(async move { gone(&database, "said-1").await });
    let soon = tokio::time::Instant::now() + std::time::Duration::from_secs(4);
    while stage.number(locks).await == 0 && tokio::time::Instant::now() < soon {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(stage.number(locks).await, 1);
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    erasing.await.unwrap().unwrap();
    assert_eq!(stage.number(locks).await, 0);
}

/// It was copied already, and nobody lets what was built take its place.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_erased_during_a_build_does_not_wait_for_the_next_keeper() {
    let _alone = FATES.write().await;
    let Some(stage) = Stage::set("erased_during_a_build").await else {
        return;
    };
    stage.sealed(2, 6).await;
    stage.bystander.batch_execute(&stop(12)).await.unwrap();
    fail_point::set("merge.built", Fate::Panic);
    let keeper = lease(&stage.database, stage.model).await;
    let building = tokio::spawn({
        let database = stage.test.database().unwrap();
        async move { merge(&database, &keeper, &RULES, soon()).await }
    });
    stopped(&stage).await;
    gone(&stage.database, "s0-3").await.unwrap();
    stage.bystander.batch_execute(GO_ON).await.unwrap();
    let ended = building.await;
    fail_point::clear("merge.built");
    assert!(
        ended.as_ref().is_err_and(tokio::task::JoinError::is_panic),
        "{ended:?}"
    );
    assert_eq!(stage.tables_with("s0-3").await, [""; 0]);
    assert_eq!(stage.tables_with("s0-4").await.len(), 3, "it was built");
}

/// Whoever writes down what it deleted is stopped in the middle of it.
const STOP_DELETERS: &str =
    "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$ BEGIN
        PERFORM pg_advisory_xact_lock(77); RETURN NEW; END $$;
    CREATE TRIGGER stop AFTER INSERT ON segment_removed FOR EACH ROW EXECUTE FUNCTION stop();
    SELECT pg_advisory_lock(77)";

/// A merge is begun, somebody makes an event of its sources anew, and the merge is given up before that is committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_back_does_not_go_by_what_was_written_down_for_a_merge_that_was_given_up() {
    let _alone = FATES.write().await;
    let Some(stage) = Stage::set("written_down_for_a_merge_that_was_given_up").await else {
        return;
    };
    stage.sealed(2, 10).await;
    let all = texts(&stage.database).await;
    fail_point::set("merge.begun", Fate::Unwind);
    let keeper = lease(&stage.database, stage.model).await;
    let begun = tokio::spawn({
        let database = stage.test.database().unwrap();
        async move { merge(&database, &keeper, &RULES, soon()).await }
    });
    let ended = begun.await;
    fail_point::clear("merge.begun");
    assert!(ended.is_err(), "{ended:?}");
    stage.bystander.batch_execute(STOP_DELETERS).await.unwrap();
    let readings = [reading("s1-3", 2)];
    let missing = fetch_missing(&stage.database, stage.model, &readings, None, 9);
    let stored = missing.await.unwrap().remove(0);
    let mut anew = event(stage.model, "s1-3", "s1-3", 0);
    anew.event = stored.event;
    anew.renditions[0].map = map(2);
    let making = tokio::spawn({
        let database = stage.test.database().unwrap();
        async move { store_again(&database, &[(stored.id, anew)]).await }
    });
    stopped(&stage).await;
    // By this pace it would take hours, and the keeper that died is as good as one whose lease has run out.
    let lost = "UPDATE segment_keepers SET until = '-infinity', build_paces[2] = 0.001";
    stage.bystander.batch_execute(lost).await.unwrap();
    let keeper = lease(&stage.database, stage.model).await;
    let given_up = merge(&stage.database, &keeper, &RULES, soon()).await;
    assert!(matches!(given_up, Ok(Merged::TooLarge(_))), "{given_up:?}");
    stage.bystander.batch_execute(GO_ON).await.unwrap();
    making.await.unwrap().unwrap();
    let written = "SELECT count(*) FROM segment_removed";
    assert_eq!(stage.number(written).await, 1, "for nobody any more");
    // It came back into the fresh segment, which now becomes one with that in which it had been.
    stage.roll_over().await;
    seal_all(&stage.database, &keeper).await;
    let fast = "UPDATE segment_keepers SET build_paces[2] = 1e6";
    stage.bystander.batch_execute(fast).await.unwrap();
    let three = MergeRules { fan: 3, ..RULES };
    let merged = merge(&stage.database, &keeper, &three, soon()).await;
    let merged = merged.unwrap();
    assert!(
        matches!(&merged, Merged::Done { sources, .. } if sources.len() == 3),
        "{merged:?}"
    );
    assert_eq!(texts(&stage.database).await, all);
    assert_tidy(&stage).await;
}
