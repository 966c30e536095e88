//! A keeper dies at each step, and who writes and erases does so at every one of them.

use shared::db::vector_segments::{Merged, discard, merge, release};
use shared::fail_point::{self, Fate};
use tokio::time::Duration;

use crate::calls::{Stage, event};
use crate::keeping::{FATES, RULES, lease, merge_all, soon};
use crate::stage::{gone, texts};

pub(crate) const PLACES: [&str; 9] = [
    "merge.before_begun",
    "merge.begun",
    "merge.drained",
    "merge.made",
    "merge.before_built",
    "merge.built",
    "merge.before_exchanged",
    "merge.exchanged",
    "merge.before_discarded",
];

/// Nothing is left of any work.
pub(crate) async fn assert_tidy(stage: &Stage) {
    let left = "SELECT count(*) FROM pg_class c WHERE relkind = 'r' AND relname LIKE 'conversation_embeddings_%'
        AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = c.oid)";
    assert_eq!(stage.number(left).await, 0, "tables that nobody sees");
    let states = "SELECT count(*) FROM vector_segments WHERE state IN ('building', 'replaced') OR replaced_by IS NOT NULL";
    assert_eq!(stage.number(states).await, 0, "work that nobody does");
    assert_eq!(
        stage.number("SELECT count(*) FROM segment_removed").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_another_goes_on_and_what_was_erased_meanwhile_stays_away() {
    let _alone = FATES.write().await;
    let Some(stage) = Stage::set("killed_at_any_step").await else {
        return;
    };
    let mut standing = std::collections::BTreeSet::new();
    for (round, place) in PLACES.into_iter().enumerate() {
        for part in ["a", "b"] {
            standing.extend(stage.fill(&format!("{round}{part}"), 6).await);
            stage.roll_over().await;
        }
        let first = lease(&stage.database, stage.model).await;
        crate::keeping::seal_all(&stage.database, &first).await;
        fail_point::set(place, Fate::Panic);
        let database = stage.test.database().unwrap();
        let dies =
            tokio::spawn(async move { merge(&database, &first, &RULES, soon()).await.map(drop) });
        let end = dies.await;
        assert!(
            end.is_err_and(|error| error.is_panic()),
            "{place} is not reached"
        );
        fail_point::clear(place);
        assert_eq!(texts(&stage.database).await, standing, "{place}: killed");
        // Of each of the sources one is erased, and one gives way to another text.
        for part in ["a", "b"] {
            let name = format!("{round}{part}-1");
            gone(&stage.database, &name).await.unwrap();
            standing.remove(&name);
            let (changed, later) = (format!("{round}{part}-2"), format!("{round}{part}-later"));
            stage
                .store(&[event(stage.model, &changed, &later, 9)])
                .await;
            standing.remove(&changed);
            standing.insert(later);
        }
        assert_eq!(texts(&stage.database).await, standing, "{place}: changed");
        // The lease of the dead runs out.
        let expire = "UPDATE segment_keepers SET until = '-infinity'";
        stage.bystander.batch_execute(expire).await.unwrap();
        let other = stage.test.database().unwrap();
        let second = lease(&other, stage.model).await;
        merge_all(&other, &second).await;
        discard(&other, &second).await.unwrap();
        release(&other, second).await.unwrap();
        assert_eq!(texts(&stage.database).await, standing, "{place}: merged");
        assert_tidy(&stage).await;
    }
}

/// The first has built for too long, and does not know that another has the lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_keepers_do_not_meet_and_one_that_lost_its_lease_changes_nothing() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("two_keepers").await else {
        return;
    };
    stage.sealed(2, 10).await;
    let mut all = texts(&stage.database).await;
    // Whoever builds is stopped at the end of it.
    let stop = "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.state = 'building' THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NEW; END $$;
        CREATE TRIGGER stop BEFORE UPDATE ON vector_segments FOR EACH ROW EXECUTE FUNCTION stop();
        SELECT pg_advisory_lock(77)";
    stage.bystander.batch_execute(stop).await.unwrap();
    let first = lease(&stage.database, stage.model).await;
    let building = tokio::spawn({
        let database = stage.test.database().unwrap();
        async move { merge(&database, &first, &RULES, soon()).await }
    });
    let waits =
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 77
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while stage.number(waits).await == 0 {
        assert!(!building.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // All rows are copied by now, and nothing of it is committed.
    for name in ["s0-3", "s1-4"] {
        gone(&stage.database, name).await.unwrap();
        all.remove(name);
    }
    let expire = "UPDATE segment_keepers SET until = '-infinity'";
    stage.bystander.batch_execute(expire).await.unwrap();
    let other = stage.test.database().unwrap();
    let second = lease(&other, stage.model).await;
    let merged = merge(&other, &second, &RULES, soon()).await.unwrap();
    assert_eq!(merged, Merged::Later, "the first is at it");
    stage
        .bystander
        .batch_execute("SELECT pg_advisory_unlock(77)")
        .await
        .unwrap();
    let merged = building.await.unwrap().unwrap();
    assert_eq!(merged, Merged::Later, "its lease is gone");
    assert_eq!(
        stage.segments().await,
        ["sealed 0 10", "building 1 20", "sealed 0 10"]
    );
    assert_eq!(texts(&stage.database).await, all);
    merge_all(&other, &second).await;
    assert_eq!(stage.segments().await, ["sealed 1 20"]);
    assert_eq!(texts(&stage.database).await, all);
    assert_tidy(&stage).await;
}

/// It began before anybody knew that what it deletes is to be written down: so it is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_deletes_already_is_waited_for_before_anything_is_copied() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("who_deletes_already").await else {
        return;
    };
    stage.sealed(2, 10).await;
    let mut all = texts(&stage.database).await;
    let keeper = lease(&stage.database, stage.model).await;
    let hold = "BEGIN; SELECT FROM conversation_embeddings WHERE text_content = 's0-3' FOR UPDATE";
    stage.bystander.batch_execute(hold).await.unwrap();
    let others = stage.others(2);
    let erasing = tokio::spawn({
        let database = others[0].clone();
        async move { gone(&database, "s0-3").await }
    });
    // It has looked, and waits for the row.
    let looker = stage.test.bystander().await.unwrap();
    let waits = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'";
    while looker.query_typed(waits, &[]).await.unwrap().is_empty() {
        assert!(!erasing.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let merging = tokio::spawn({
        let database = others[1].clone();
        async move { merge(&database, &keeper, &RULES, soon()).await }
    });
    tokio::time::sleep(Duration::from_millis(700)).await;
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    erasing.await.unwrap().unwrap();
    let merged = merging.await.unwrap().unwrap();
    assert!(matches!(merged, Merged::Done { .. }), "{merged:?}");
    all.remove("s0-3");
    assert_eq!(texts(&stage.database).await, all);
    assert_tidy(&stage).await;
}
