//! A backlog of closed segments becomes one sealed one, by one build, and nobody misses a row or sees one twice.

use std::time::Duration;

use shared::db::vector_segments::{
    MergeRules, Merged, choose_closed, drain, merge, sample_recall, seal_beside,
};
use tokio::time::Instant;

use crate::calls::{Stage, event};
use crate::keeping::{FATES, RULES, lease, merge_all, seal_together, soon};
use crate::kills::assert_tidy;
use crate::stage::{gone, read, texts};

/// From three on, up to six.
const FAN: usize = 6;
const SIX: MergeRules = MergeRules { fan: FAN, ..RULES };

/// Writes down each graph that is built.
const COUNT: &str = "CREATE TABLE builds (graph text);
    CREATE FUNCTION count_build() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO builds SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%_graph'; END $$;
    CREATE EVENT TRIGGER count_builds ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION count_build()";
const BUILDS: &str = "SELECT count(*) FROM builds";

/// Whoever builds so many rows is stopped at the end of it.
pub(crate) fn stop(rows: usize) -> String {
    format!(
        "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$ BEGIN
            IF NEW.state = 'building' AND NEW.row_count = {rows} THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NEW; END $$;
        CREATE TRIGGER stop BEFORE UPDATE ON vector_segments FOR EACH ROW EXECUTE FUNCTION stop();
        SELECT pg_advisory_lock(77)"
    )
}
pub(crate) const GO_ON: &str = "SELECT pg_advisory_unlock(77)";
const STOPPED: &str =
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 77
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Waits until somebody was stopped.
pub(crate) async fn stopped(stage: &Stage) {
    let limit = soon();
    while stage.number(STOPPED).await == 0 {
        assert!(Instant::now() < limit, "nobody is stopped");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_backlog_becomes_one_segment_by_one_build_and_finds_what_each_row_says() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("a_backlog_becomes_one").await else {
        return;
    };
    for part in 0..5 {
        let batch = (part * 10..part * 10 + 10).map(|second| {
            let name = format!("said {second}");
            event(stage.model, &name, &name, second)
        });
        stage.store(&batch.collect::<Vec<_>>()).await;
        stage.roll_over().await;
    }
    let one_by_one = read(&stage.database).await;
    assert_eq!(one_by_one.1.len(), 50);
    stage.bystander.batch_execute(COUNT).await.unwrap();
    let lease = lease(&stage.database, stage.model).await;
    let chosen = choose_closed(&stage.database, &lease, &SIX, soon()).await;
    let sealed = seal_beside(&stage.database, &lease, &chosen.unwrap(), &SIX, soon()).await;
    let Merged::Done {
        sources,
        target: Some(target),
    } = sealed.unwrap()
    else {
        panic!("it is not sealed");
    };
    assert_eq!(sources.len(), 5);
    assert_eq!(stage.number(BUILDS).await, 1, "each row once");
    assert_eq!(stage.segments().await, ["sealed 1 50"]);
    // The numbers of the chunks are the same, and so is what lies nearest.
    assert_eq!(read(&stage.database).await, one_by_one);
    let graphs = format!(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        JOIN pg_inherits h ON h.inhrelid = i.indrelid WHERE a.amname = 'hnsw' AND i.indisvalid AND c.relname = 'conversation_embeddings_{}_graph'",
        target.number()
    );
    assert_eq!(stage.lines(&graphs).await.len(), 1);
    let span = "SELECT extract(epoch FROM first_at)::int8::text, extract(epoch FROM last_at)::int8::text FROM vector_segments WHERE tier = 1";
    assert_eq!(
        stage.lines(span).await,
        ["1768473000 1768473049"],
        "questions with a time leave it out by this"
    );
    let recall = sample_recall(&stage.database, &lease, target).await;
    assert!(recall.unwrap().unwrap() > 0.95, "by its graph");
    let blocks =
        "SELECT count(*) FROM word_blocks WHERE segment NOT IN (SELECT id FROM vector_segments)";
    assert_eq!(stage.number(blocks).await, 0, "their words went along");
    let learned = "SELECT count(*) FROM segment_keepers WHERE build_paces[2] > 0";
    assert_eq!(stage.number(learned).await, 1, "how long it took is known");
    assert_tidy(&stage).await;
    // It stands in the tier above: two of those become one of the next.
    stage.closed(3, 10).await;
    seal_together(&stage.database, &lease, FAN).await.unwrap();
    merge_all(&stage.database, &lease).await;
    assert_eq!(stage.segments().await, ["sealed 2 80"]);
    assert_eq!(stage.number(BUILDS).await, 3, "two backlogs and one merge");
}

#[tokio::test]
async fn too_few_are_sealed_one_by_one_and_too_many_by_as_many_as_may() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("too_few_are_sealed").await else {
        return;
    };
    let lease = lease(&stage.database, stage.model).await;
    stage.closed(2, 5).await;
    let all = texts(&stage.database).await;
    seal_together(&stage.database, &lease, FAN).await.unwrap();
    assert_eq!(stage.segments().await, ["sealed 0 5", "sealed 0 5"]);
    assert_eq!(texts(&stage.database).await, all);
    for part in 0..8 {
        stage.fill(&format!("t{part}"), 5).await;
        stage.roll_over().await;
    }
    let all = texts(&stage.database).await;
    seal_together(&stage.database, &lease, FAN).await.unwrap();
    let expected = [
        "sealed 0 5",
        "sealed 0 5",
        "sealed 1 30",
        "sealed 0 5",
        "sealed 0 5",
    ];
    assert_eq!(stage.segments().await, expected);
    assert_eq!(texts(&stage.database).await, all);
}

#[tokio::test]
async fn a_backlog_of_which_nothing_is_left_goes_and_says_nothing_of_the_pace() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("a_backlog_of_which_nothing").await else {
        return;
    };
    stage.closed(3, 2).await;
    for name in texts(&stage.database).await {
        gone(&stage.database, &name).await.unwrap();
    }
    let lease = lease(&stage.database, stage.model).await;
    seal_together(&stage.database, &lease, FAN).await.unwrap();
    assert_eq!(stage.segments().await, ["sealed 1 0"]);
    let learned = "SELECT count(*) FROM segment_keepers WHERE build_paces[2] IS NOT NULL";
    assert_eq!(stage.number(learned).await, 0);
    merge_all(&stage.database, &lease).await;
    assert_eq!(stage.segments().await, Vec::<String>::new());
    assert_tidy(&stage).await;
}

/// It builds for longer than its lease, if nobody sees to that, and does not know that another has taken it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_build_keeps_its_lease_and_one_that_lost_it_is_not_disturbed_and_changes_nothing() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("a_long_build_keeps").await else {
        return;
    };
    stage.closed(3, 10).await;
    let mut all = texts(&stage.database).await;
    stage.bystander.batch_execute(&stop(30)).await.unwrap();
    let first = lease(&stage.database, stage.model).await;
    // 30 rows of 4 numbers take 10 seconds at this pace, and a quarter more to be safe.
    let slow = "UPDATE segment_keepers SET build_paces[2] = 12";
    stage.bystander.batch_execute(slow).await.unwrap();
    let building = tokio::spawn({
        let database = stage.test.database().unwrap();
        async move { seal_together(&database, &first, FAN).await }
    });
    stopped(&stage).await;
    let lasts = "SELECT count(*) FROM segment_keepers WHERE until > clock_timestamp() + interval '35 seconds'";
    assert_eq!(
        stage.number(lasts).await,
        1,
        "thirty seconds, and the build"
    );
    for name in ["s0-3", "s2-4"] {
        gone(&stage.database, name).await.unwrap();
        all.remove(name);
    }
    let lost = "UPDATE segment_keepers SET until = '-infinity', build_paces[2] = 1";
    stage.bystander.batch_execute(lost).await.unwrap();
    let other = stage.test.database().unwrap();
    let second = lease(&other, stage.model).await;
    // By this pace it would be given up, but for the one that builds it.
    let several = seal_together(&other, &second, FAN).await.unwrap();
    assert_eq!((several, stage.number(STOPPED).await), (0, 1));
    stage.bystander.batch_execute(GO_ON).await.unwrap();
    assert_eq!(building.await.unwrap().unwrap(), 0, "its lease is gone");
    assert_eq!(
        stage.segments().await,
        ["closed 0 -", "building 1 30", "closed 0 -", "closed 0 -"]
    );
    assert_eq!(texts(&stage.database).await, all);
    seal_together(&other, &second, FAN).await.unwrap();
    assert_eq!(stage.segments().await, ["sealed 1 30"], "as it was built");
    assert_eq!(texts(&stage.database).await, all);
    assert_tidy(&stage).await;
}

#[tokio::test]
async fn what_would_not_end_in_time_is_not_begun_together_and_given_up_if_it_was() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("would_not_end_together").await else {
        return;
    };
    stage.closed(4, 10).await;
    let lease = lease(&stage.database, stage.model).await;
    let within = async |seconds: u64| {
        let until = Instant::now() + Duration::from_secs(seconds);
        choose_closed(&stage.database, &lease, &SIX, until)
            .await
            .unwrap()
    };
    // A segment of 40 numbers takes a second, with what is added to be safe.
    let pace = "UPDATE segment_keepers SET build_paces[2] = 50";
    stage.bystander.batch_execute(pace).await.unwrap();
    assert_eq!(within(20).await.len(), 4);
    let three = within(4).await;
    assert_eq!(three.len(), 3, "half of six is enough");
    assert_eq!(within(2).await.len(), 1);
    let slow = "UPDATE segment_keepers SET build_paces[2] = 0.5";
    stage.bystander.batch_execute(slow).await.unwrap();
    assert_eq!(
        within(100_000).await.len(),
        1,
        "the oldest waits for minutes, not for hours"
    );
    // One is begun, and stops at the end of its time.
    stage.bystander.batch_execute(&stop(30)).await.unwrap();
    drain(&stage.database, soon()).await.unwrap();
    let until = Instant::now() + Duration::from_secs(2);
    let merged = seal_beside(&stage.database, &lease, &three, &SIX, until)
        .await
        .unwrap();
    assert_eq!(merged, Merged::Later);
    stage.bystander.batch_execute(GO_ON).await.unwrap();
    let states = stage.segments().await;
    assert!(states.contains(&"building 1 -".to_owned()), "{states:?}");
    assert_eq!(
        within(100_000).await.len(),
        3,
        "what was begun is gone on with, if there is time"
    );
    assert_eq!(within(20).await.len(), 1, "or else given up");
    assert_eq!(stage.segments().await, ["closed 0 -"; 4]);
    assert_tidy(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_sealed_while_a_merge_builds() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("while_a_merge_builds_a_backlog").await else {
        return;
    };
    stage.sealed(2, 20).await;
    stage.bystander.batch_execute(&stop(40)).await.unwrap();
    let keeper = lease(&stage.database, stage.model).await;
    let merging = async {
        let merging = stage.test.database().unwrap();
        merge(&merging, &keeper, &RULES, soon()).await.unwrap()
    };
    let sealing = async {
        stopped(&stage).await;
        for part in 0..3 {
            stage.fill(&format!("t{part}"), 10).await;
            stage.roll_over().await;
        }
        let all = texts(&stage.database).await;
        let several = seal_together(&stage.database, &keeper, FAN).await.unwrap();
        assert_eq!((several, stage.number(STOPPED).await), (1, 1));
        assert_eq!(texts(&stage.database).await, all);
        stage.bystander.batch_execute(GO_ON).await.unwrap();
        all
    };
    let (merged, all) = tokio::join!(merging, sealing);
    assert!(matches!(merged, Merged::Done { .. }), "{merged:?}");
    assert_eq!(stage.segments().await, ["sealed 1 40", "sealed 1 30"]);
    assert_eq!(texts(&stage.database).await, all);
    assert_tidy(&stage).await;
}
