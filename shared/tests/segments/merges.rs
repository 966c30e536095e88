//! Segments become one, and nobody misses a row or sees one twice.

use std::time::Duration;

use shared::db::vector_segments::{Merged, merge};

use crate::calls::Stage;
use crate::keeping::{FATES, RULES, lease, merge_all, soon};
use crate::kills::assert_tidy;
use crate::stage::{gone, texts};

#[tokio::test]
async fn segments_of_a_tier_become_one_with_all_rows_and_indexes() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("segments_of_a_tier").await else {
        return;
    };
    stage.sealed(5, 10).await;
    let all = texts(&stage.database).await;
    assert_eq!(all.len(), 50);
    let lease = lease(&stage.database, stage.model).await;
    let merged = merge_all(&stage.database, &lease).await;
    assert_eq!(merged.len(), 3, "four of five, by twos: {merged:?}");
    assert_eq!(stage.segments().await, ["sealed 2 40", "sealed 0 10"]);
    assert_eq!(texts(&stage.database).await, all);
    let parts =
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'conversation_embeddings'::regclass";
    assert_eq!(stage.number(parts).await, 4, "merged, sealed, fresh, next");
    let tables = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'conversation_embeddings_%'";
    assert_eq!(stage.number(tables).await, 4, "no table is left over");
    // Every index of the whole has its part here, none was built a second time, and all of it is as in a segment that was made empty.
    let indexes = "SELECT p.relname, i.indisvalid::text FROM pg_index i JOIN vector_segments s
            ON i.indrelid = to_regclass('conversation_embeddings_' || s.id) AND s.tier = 2
        LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid LEFT JOIN pg_class p ON p.oid = h.inhparent ORDER BY 1";
    assert_eq!(
        stage.lines(indexes).await,
        [
            "conversation_embeddings_doc true",
            "conversation_embeddings_hash true",
            "conversation_embeddings_metadata true",
            "conversation_embeddings_pkey true",
            "- true",
        ]
    );
    let shape = |which: &str| {
        format!(
            "SELECT regexp_replace(pg_get_constraintdef(c.oid), 'segment = [0-9]+', 'segment = N') FROM pg_constraint c
            JOIN vector_segments s ON c.conrelid = to_regclass('conversation_embeddings_' || s.id) AND {which} ORDER BY 1"
        )
    };
    let as_made = stage.lines(&shape("s.state = 'next'")).await;
    assert!(as_made.len() >= 5, "{as_made:?}");
    assert_eq!(stage.lines(&shape("s.tier = 2")).await, as_made);
    let blocks =
        "SELECT count(*) FROM word_blocks WHERE segment NOT IN (SELECT id FROM vector_segments)";
    assert_eq!(stage.number(blocks).await, 0, "their words went along");
}

#[tokio::test]
async fn what_has_more_than_a_fifth_dead_is_made_anew_and_what_is_empty_goes() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("what_has_more_than_a_fifth").await else {
        return;
    };
    stage.sealed(1, 10).await;
    let lease = lease(&stage.database, stage.model).await;
    let mut left = texts(&stage.database).await;
    for (number, expected) in [
        (2, "sealed 0 10"),
        (3, "sealed 0 10"),
        (4, "sealed 0 7"),
        (5, "sealed 0 7"),
    ] {
        let name = format!("s0-{number}");
        gone(&stage.database, &name).await.unwrap();
        left.remove(&name);
        stage.bystander.batch_execute("ANALYZE").await.unwrap();
        merge_all(&stage.database, &lease).await;
        assert_eq!(stage.segments().await, [expected], "without {number}");
        assert_eq!(texts(&stage.database).await, left);
    }
    for name in left {
        gone(&stage.database, &name).await.unwrap();
    }
    stage.bystander.batch_execute("ANALYZE").await.unwrap();
    let merged = merge_all(&stage.database, &lease).await;
    assert!(
        matches!(merged[..], [Merged::Done { target: None, .. }]),
        "{merged:?}"
    );
    assert_eq!(stage.segments().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_merge_gives_way_to_who_reads_and_is_done_later() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("a_merge_gives_way").await else {
        return;
    };
    stage.sealed(2, 10).await;
    let all = texts(&stage.database).await;
    let lease = lease(&stage.database, stage.model).await;
    let reads = "BEGIN; SELECT count(*) FROM conversation_embeddings";
    stage.bystander.batch_execute(reads).await.unwrap();
    let brief = tokio::time::Instant::now() + std::time::Duration::from_secs(4);
    let merged = merge(&stage.database, &lease, &RULES, brief).await.unwrap();
    assert_eq!(merged, Merged::Later);
    let other = stage.test.database().unwrap();
    assert_eq!(texts(&other).await, all, "nobody else is kept from reading");
    assert_eq!(
        stage.segments().await,
        ["sealed 0 10", "building 1 20", "sealed 0 10"]
    );
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    let merged = merge(&stage.database, &lease, &RULES, soon())
        .await
        .unwrap();
    assert!(matches!(
        merged,
        Merged::Done {
            target: Some(_),
            ..
        }
    ));
    assert_eq!(stage.segments().await, ["sealed 1 20"]);
    assert_eq!(texts(&stage.database).await, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_broke_off_is_given_up_until_there_is_more_time() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("a_build_that_broke_off").await else {
        return;
    };
    stage.sealed(2, 10).await;
    let all = texts(&stage.database).await;
    let stop = "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.state = 'building' THEN PERFORM pg_advisory_xact_lock(77); END IF; RETURN NEW; END $$;
        CREATE TRIGGER stop BEFORE UPDATE ON vector_segments FOR EACH ROW EXECUTE FUNCTION stop();
        SELECT pg_advisory_lock(77)";
    stage.bystander.batch_execute(stop).await.unwrap();
    let lease = lease(&stage.database, stage.model).await;
    let within = async |time: u64| {
        let until = tokio::time::Instant::now() + Duration::from_secs(time);
        merge(&stage.database, &lease, &RULES, until).await.unwrap()
    };
    assert_eq!(within(3).await, Merged::Later, "time was up");
    assert_eq!(
        stage.segments().await,
        ["sealed 0 10", "building 1 -", "sealed 0 10"]
    );
    let go_on = "SELECT pg_advisory_unlock(77)";
    stage.bystander.batch_execute(go_on).await.unwrap();
    let again = within(3).await;
    assert!(
        matches!(again, Merged::TooLarge(time) if time.as_secs() >= 3),
        "{again:?}"
    );
    assert_eq!(stage.segments().await, ["sealed 0 10", "sealed 0 10"]);
    assert_eq!(texts(&stage.database).await, all);
    assert_tidy(&stage).await;
    let merged = within(20).await;
    assert!(matches!(merged, Merged::Done { .. }), "{merged:?}");
    assert_eq!(stage.segments().await, ["sealed 1 20"]);
    let learned = "SELECT count(*) FROM segment_keepers WHERE build_paces[2] > 7";
    assert_eq!(stage.number(learned).await, 1, "it went faster now");
}

/// Whoever is held up between looking and building finds what another keeper built, and goes on from there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_else_has_built_meanwhile_is_not_built_again() {
    let _calm = FATES.read().await;
    let Some(stage) = Stage::set("what_somebody_else_has_built").await else {
        return;
    };
    stage.sealed(2, 10).await;
    let keeper = lease(&stage.database, stage.model).await;
    let write = "BEGIN; SELECT pg_advisory_xact_lock_shared(x'0043586f6e655365'::bigint)";
    stage.bystander.batch_execute(write).await.unwrap();
    let database = stage.test.database().unwrap();
    let merging =
        tokio::spawn(async move { merge(&database, &keeper, &RULES, soon()).await.unwrap() });
    let other = stage.test.bystander().await.unwrap();
    let building = "SELECT id FROM vector_segments WHERE state = 'building'";
    let limit = soon();
    let target: i32 = loop {
        if let Some(row) = other.query_opt(building, &[]).await.unwrap() {
            break row.get(0);
        }
        assert!(tokio::time::Instant::now() < limit, "nothing is begun");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let columns = "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
        WHERE attrelid = 'conversation_embeddings'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'segment'";
    let columns = stage.lines(columns).await.concat();
    let build = format!(
        "CREATE TABLE conversation_embeddings_{target} (LIKE conversation_embeddings INCLUDING ALL, CHECK (segment = {target}));
        INSERT INTO conversation_embeddings_{target} (segment, {columns})
            SELECT {target}, {columns} FROM conversation_embeddings;
        UPDATE conversation_embeddings_{target} SET text_content = 'built before' WHERE text_content = 's1-3';
        UPDATE vector_segments SET row_count = 20 WHERE id = {target}"
    );
    other.batch_execute(&build).await.unwrap();
    stage.bystander.batch_execute("COMMIT").await.unwrap();
    let merged = merging.await.unwrap();
    assert!(matches!(merged, Merged::Done { .. }), "{merged:?}");
    assert_eq!(stage.segments().await, ["sealed 1 20"]);
    assert!(texts(&stage.database).await.contains("built before"));
    let learned = "SELECT count(*) FROM segment_keepers WHERE build_paces[2] IS NOT NULL";
    assert_eq!(stage.number(learned).await, 0, "another one took the time");
}
