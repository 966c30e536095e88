//! What has expired as a whole goes as a whole.

use std::time::Duration;

use jiff::Timestamp;
use shared::db::conversations::expire;
use shared::db::vector_segments::{
    Dropped, Merged, choose_closed, drop_expired, merge, sample_recall, seal_beside,
};
use shared::db::words::{WordSpace, purge_conversations};
use shared::fail_point::{self, Fate};
use tokio::time::Instant;

use crate::brute_force::assert_right;
use crate::calls::{Stage, event};
use crate::keeping::{FATES, RULES, lease, merge_all, seal_all, soon};
use crate::stage::{gone, texts};

const ROWS: &str =
    "SELECT doc, analysis, text_content FROM conversation_embeddings WHERE model_id = 1";

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_768_473_000 + second).unwrap()
}

/// Two sealed segments, one of the first ten seconds, one of the second ten.
async fn set(name: &str) -> Option<Stage> {
    let stage = Stage::set(name).await?;
    for part in 0..2 {
        let batch = (part * 10..part * 10 + 10).map(|second| {
            let name = format!("said {second}");
            event(stage.model, &name, &name, second)
        });
        stage.store(&batch.collect::<Vec<_>>()).await;
        stage.roll_over().await;
    }
    let lease = lease(&stage.database, stage.model).await;
    seal_all(&stage.database, &lease).await;
    shared::db::vector_segments::release(&stage.database, lease)
        .await
        .unwrap();
    Some(stage)
}

#[tokio::test]
async fn a_segment_goes_with_its_last_event_and_no_sooner() {
    let _calm = FATES.read().await;
    let Some(stage) = set("a_segment_goes").await else {
        return;
    };
    gone(&stage.database, "said 3").await.unwrap();
    for (before, segments, rows, left) in [(9, 0, 0, 19), (10, 1, 9, 10), (19, 0, 0, 10)] {
        let dropped = drop_expired(&stage.database, second(before), soon())
            .await
            .unwrap();
        assert_eq!(dropped, Dropped { segments, rows }, "before {before}");
        assert_eq!(texts(&stage.database).await.len(), left, "before {before}");
        let space = WordSpace::Conversations(stage.model);
        let found = assert_right(&stage.database, space, ROWS, "said 5 said 15").await;
        assert_eq!(found, left, "no word of it is found");
    }
    // Their events go as ever, and of the words nothing stays.
    let removed = expire(&stage.database, second(10), 100).await.unwrap();
    assert_eq!(
        (removed.conversation_events, removed.conversation_embeddings),
        (9, 0)
    );
    assert!(purge_conversations(&stage.database, soon()).await.unwrap());
    assert_eq!(stage.number("SELECT count(*) FROM word_dead").await, 0);
    assert_eq!(
        stage
            .number("SELECT sum(chunks)::int8 FROM word_blocks")
            .await,
        10
    );
    let lease = lease(&stage.database, stage.model).await;
    merge_all(&stage.database, &lease).await;
    assert_eq!(stage.segments().await, ["sealed 0 10"]);
    let tables = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'conversation_embeddings_%'";
    assert_eq!(stage.number(tables).await, 3, "sealed, fresh, next");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_or_in_the_way_it_stays_whole() {
    let _alone = FATES.write().await;
    let Some(stage) = set("killed_or_in_the_way").await else {
        return;
    };
    for place in ["merge.before_exchanged"] {
        fail_point::set(place, Fate::Unwind);
        let database = stage.test.database().unwrap();
        let dies =
            tokio::spawn(
                async move { drop_expired(&database, second(10), soon()).await.map(drop) },
            );
        assert!(dies.await.is_err_and(|error| error.is_panic()), "{place}");
        fail_point::clear(place);
        assert_eq!(texts(&stage.database).await.len(), 20);
        assert_eq!(stage.number("SELECT count(*) FROM word_dead").await, 0);
    }
    let reads = "BEGIN; SELECT count(*) FROM conversation_embeddings";
    stage.bystander.batch_execute(reads).await.unwrap();
    let dropped = drop_expired(&stage.database, second(10), soon())
        .await
        .unwrap();
    assert_eq!(dropped, Dropped::default());
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    // Then its rows are deleted as ever, and what is empty goes.
    expire(&stage.database, second(10), 100).await.unwrap();
    assert_eq!(texts(&stage.database).await.len(), 10);
}

/// What was made ready is not given up for somebody who is through in a moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_for_a_moment_is_waited_for() {
    let _calm = FATES.read().await;
    let Some(stage) = set("who_reads_for_a_moment").await else {
        return;
    };
    let reader = stage.test.bystander().await.unwrap();
    let reads = "BEGIN; SELECT count(*) FROM conversation_embeddings";
    reader.batch_execute(reads).await.unwrap();
    let drops = stage.test.database().unwrap();
    let dropping = tokio::spawn(async move { drop_expired(&drops, second(10), soon()).await });
    wait(&stage, 1).await;
    // It has failed for the first time by then.
    tokio::time::sleep(Duration::from_millis(100)).await;
    reader.batch_execute("COMMIT").await.unwrap();
    let dropped = dropping.await.unwrap().unwrap();
    let whole = Dropped {
        segments: 1,
        rows: 10,
    };
    assert_eq!(dropped, whole);
    assert_eq!(texts(&stage.database).await.len(), 10);
}

/// Both want to let go what is empty: who comes second does not wait for what never comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keeper_that_finds_gone_what_was_to_go_does_not_wait_for_it() {
    let _calm = FATES.read().await;
    let Some(stage) = set("finds_gone_what_was_to_go").await else {
        return;
    };
    for number in 0..10 {
        let name = format!("said {number}");
        gone(&stage.database, &name).await.unwrap();
    }
    stage.bystander.batch_execute("ANALYZE").await.unwrap();
    let lease = lease(&stage.database, stage.model).await;
    let holder = stage.test.bystander().await.unwrap();
    let hold = "BEGIN; UPDATE segment_keepers SET until = until";
    holder.batch_execute(hold).await.unwrap();
    let [keeps, drops] = [(); 2].map(|()| stage.test.database().unwrap());
    let began = Instant::now();
    let merging = tokio::spawn(async move {
        let until = Instant::now() + Duration::from_mins(1);
        merge(&keeps, &lease, &RULES, until).await
    });
    wait(&stage, 1).await;
    let dropped = drop_expired(&drops, second(10), soon()).await.unwrap();
    assert_eq!((dropped.segments, dropped.rows), (1, 0));
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(merging.await.unwrap().unwrap(), Merged::Later);
    assert!(began.elapsed() < Duration::from_secs(30), "it waited");
}

#[tokio::test]
async fn what_went_whole_stands_in_no_table_before_any_keeper_comes() {
    let _calm = FATES.read().await;
    let Some(stage) = set("what_went_whole_stands").await else {
        return;
    };
    let dropped = drop_expired(&stage.database, second(10), soon()).await;
    assert_eq!(dropped.unwrap().segments, 1);
    let left = stage.tables_with("said 3").await;
    assert_eq!(left, ["conversation_events"], "its event stands");
    gone(&stage.database, "said 3").await.unwrap();
    assert_eq!(stage.tables_with("said 3").await, [""; 0]);
}

/// Waits until so many wait for others.
async fn wait(stage: &Stage, count: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let limit = soon();
    while stage.number(waiting).await < count {
        assert!(tokio::time::Instant::now() < limit, "nobody waits");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Somebody was erased while all were named dead: the segment stands without them, goes the next time, and leaves nothing.
async fn is_right_in_the_end(stage: &Stage, dropped: Dropped) {
    assert_eq!(dropped, Dropped::default(), "one of them is gone already");
    // The first try may still be on its way back, and then nobody else works at the segment.
    let (limit, mut again) = (soon(), Dropped::default());
    while again == Dropped::default() {
        assert!(tokio::time::Instant::now() < limit, "it never goes");
        let dropped = drop_expired(&stage.database, second(10), soon()).await;
        again = dropped.unwrap();
    }
    let nine = Dropped {
        segments: 1,
        rows: 9,
    };
    assert_eq!(again, nine);
    let space = WordSpace::Conversations(stage.model);
    assert_right(&stage.database, space, ROWS, "said 5 said 15").await;
    expire(&stage.database, second(10), 100).await.unwrap();
    assert!(purge_conversations(&stage.database, soon()).await.unwrap());
    assert_eq!(stage.number("SELECT count(*) FROM word_dead").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_being_erased_already_is_not_named_dead_anew() {
    let _calm = FATES.read().await;
    let Some(stage) = set("who_is_being_erased").await else {
        return;
    };
    // It has taken the words from their block, and is not through yet.
    let holder = stage.test.bystander().await.unwrap();
    let hold = "BEGIN; LOCK TABLE erased_conversations IN ACCESS EXCLUSIVE MODE";
    holder.batch_execute(hold).await.unwrap();
    let [erases, drops] = [(); 2].map(|()| stage.test.database().unwrap());
    let erasing = tokio::spawn(async move { gone(&erases, "said 3").await });
    wait(&stage, 1).await;
    let dropping = tokio::spawn(async move { drop_expired(&drops, second(10), soon()).await });
    wait(&stage, 2).await;
    holder.batch_execute("COMMIT").await.unwrap();
    erasing.await.unwrap().unwrap();
    let dropped = dropping.await.unwrap().unwrap();
    is_right_in_the_end(&stage, dropped).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_erased_and_forgotten_meanwhile_is_not_named_dead_anew() {
    let _calm = FATES.read().await;
    let Some(stage) = set("who_is_erased_and_forgotten").await else {
        return;
    };
    // All are named in order, and somebody is in the way at the first.
    let holder = stage.test.bystander().await.unwrap();
    let hold = "BEGIN; INSERT INTO word_dead (space, doc, analysis, version, length)
        SELECT 'conversations/1', doc, analysis, words_version, words FROM conversation_embeddings WHERE text_content = 'said 0'";
    holder.batch_execute(hold).await.unwrap();
    let drops = stage.test.database().unwrap();
    let dropping = tokio::spawn(async move { drop_expired(&drops, second(10), soon()).await });
    wait(&stage, 1).await;
    gone(&stage.database, "said 3").await.unwrap();
    holder.batch_execute("ROLLBACK").await.unwrap();
    let dropped = dropping.await.unwrap().unwrap();
    is_right_in_the_end(&stage, dropped).await;
}

#[tokio::test]
async fn a_keeper_that_looks_at_what_has_just_gone_goes_on() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("looks_at_what_has_just_gone").await else {
        return;
    };
    stage.closed(2, 6).await;
    let lease = lease(&stage.database, stage.model).await;
    let closed = choose_closed(&stage.database, &lease, &RULES, soon()).await;
    let sealed = seal_beside(&stage.database, &lease, &closed.unwrap(), &RULES, soon()).await;
    let Merged::Done {
        target: Some(target),
        ..
    } = sealed.unwrap()
    else {
        panic!("it is not sealed");
    };
    let compared = sample_recall(&stage.database, &lease, target).await;
    assert!(compared.unwrap().is_some());
    // It read that the segment stands, and then all of that had expired.
    let goes = format!("DROP TABLE conversation_embeddings_{}", target.number());
    stage.bystander.batch_execute(&goes).await.unwrap();
    let compared = sample_recall(&stage.database, &lease, target).await;
    assert_eq!(compared.unwrap(), None);
}
