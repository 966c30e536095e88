//! A keeper dies at each step, and who writes and erases does so at every one of them.

use std::collections::BTreeSet;

use shared::Error;
use shared::db::Database;
use shared::db::vector_segments::{Lease, Merged, discard, fetch_closed, merge, release};
use shared::fail_point::{self, Fate};
use tokio::time::Duration;

use crate::calls::{Stage, event};
use crate::keeping::{FATES, RULES, lease, merge_all, seal_all, seal_together, soon};
use crate::signs::{SIGNS, assert_no_signs_are_of_nobody, assert_signs_are_those_of_rows};
use crate::stage::{gone, texts};
use crate::together::{GO_ON, stop, stopped};

const PLACES: [&str; 9] = [
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
    assert_signs_are_those_of_rows(stage).await;
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

/// What a keeper is doing when it dies.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// Sealed segments become one.
    Merge,
    /// Closed ones do, from half of so many on.
    Backlog { fan: usize },
}

impl Work {
    /// The segments that a round begins with.
    fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Merge => &["a", "b"],
            Self::Backlog { .. } => &["a", "b", "c", "d"],
        }
    }

    async fn begin(self, database: &Database, lease: &Lease) {
        match self {
            Self::Merge => seal_all(database, lease).await,
            Self::Backlog { .. } => {}
        }
    }

    async fn go_on(self, database: &Database, lease: &Lease) -> Result<(), Error> {
        match self {
            Self::Merge => merge(database, lease, &RULES, soon()).await.map(drop),
            Self::Backlog { fan } => seal_together(database, lease, fan).await.map(drop),
        }
    }

    /// Somebody dies at each place of it in turn, and somebody else ends it.
    async fn is_survived(self, stage: &Stage) {
        let mut standing = BTreeSet::new();
        for (round, place) in PLACES.into_iter().enumerate() {
            for part in self.parts() {
                standing.extend(stage.fill(&format!("s{round}{part}"), 6).await);
                stage.roll_over().await;
            }
            self.dies(stage, place).await;
            assert_eq!(texts(&stage.database).await, standing, "{place}: killed");
            // Of each of the sources one is erased, and one gives way to another text.
            for part in self.parts() {
                let name = format!("s{round}{part}-1");
                gone(&stage.database, &name).await.unwrap();
                assert_eq!(stage.tables_with(&name).await, [""; 0], "{place}");
                assert_no_signs_are_of_nobody(stage, place).await;
                standing.remove(&name);
                let (changed, later) =
                    (format!("s{round}{part}-2"), format!("s{round}{part}-later"));
                let batch = [event(stage.model, &changed, &later, 9)];
                stage.store(&batch).await;
                standing.remove(&changed);
                standing.insert(later);
            }
            assert_eq!(texts(&stage.database).await, standing, "{place}: changed");
            self.is_ended(stage).await;
            assert_eq!(texts(&stage.database).await, standing, "{place}: ended");
            assert_tidy(stage).await;
        }
    }

    async fn dies(self, stage: &Stage, place: &'static str) {
        let first = lease(&stage.database, stage.model).await;
        self.begin(&stage.database, &first).await;
        fail_point::set(place, Fate::Unwind);
        let database = stage.test.database().unwrap();
        let end = tokio::spawn(async move { self.go_on(&database, &first).await }).await;
        assert!(
            end.is_err_and(|error| error.is_panic()),
            "{place} is not reached"
        );
        fail_point::clear(place);
        // The lease of the dead runs out.
        let expire = "UPDATE segment_keepers SET until = '-infinity'";
        stage.bystander.batch_execute(expire).await.unwrap();
    }

    async fn is_ended(self, stage: &Stage) {
        let other = stage.test.database().unwrap();
        let second = lease(&other, stage.model).await;
        self.go_on(&other, &second).await.unwrap();
        let waiting = fetch_closed(&other, stage.model).await.unwrap();
        assert_eq!(waiting, [], "all are sealed");
        merge_all(&other, &second).await;
        discard(&other, &second).await.unwrap();
        release(&other, second).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_another_goes_on_and_what_was_erased_meanwhile_stays_away() {
    let _alone = FATES.write().await;
    let Some(stage) = Stage::set("killed_at_any_step").await else {
        return;
    };
    Work::Merge.is_survived(&stage).await;
}

/// The same where vectors are large, whose signs stand in tables of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_signs_stay_those_of_the_rows_that_stand() {
    let _alone = FATES.write().await;
    let Some(stage) = Stage::set_large("killed_at_any_step_signs").await else {
        return;
    };
    Work::Merge.is_survived(&stage).await;
    assert!(!stage.lines(SIGNS).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_of_a_backlog_signs_stay_those_of_the_rows_that_stand() {
    let _alone = FATES.write().await;
    let Some(stage) = Stage::set_large("killed_at_any_step_of_a_backlog_signs").await else {
        return;
    };
    Work::Backlog { fan: 6 }.is_survived(&stage).await;
    assert!(!stage.lines(SIGNS).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_step_of_a_backlog_another_goes_on_and_what_was_erased_stays_away() {
    let _alone = FATES.write().await;
    let Some(stage) = Stage::set("killed_at_any_step_of_a_backlog").await else {
        return;
    };
    Work::Backlog { fan: 6 }.is_survived(&stage).await;
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
    stage.bystander.batch_execute(&stop(20)).await.unwrap();
    let first = lease(&stage.database, stage.model).await;
    let building = tokio::spawn({
        let database = stage.test.database().unwrap();
        async move { merge(&database, &first, &RULES, soon()).await }
    });
    stopped(&stage).await;
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
    stage.bystander.batch_execute(GO_ON).await.unwrap();
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
    let begun = "SELECT FROM vector_segments WHERE state = 'building'";
    while looker.query_typed(begun, &[]).await.unwrap().is_empty() {
        assert!(!merging.is_finished());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Whoever waits for nobody has copied the row by then.
    tokio::time::sleep(Duration::from_millis(500)).await;
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    erasing.await.unwrap().unwrap();
    let merged = merging.await.unwrap().unwrap();
    assert!(matches!(merged, Merged::Done { .. }), "{merged:?}");
    all.remove("s0-3");
    assert_eq!(texts(&stage.database).await, all);
    assert_tidy(&stage).await;
}
