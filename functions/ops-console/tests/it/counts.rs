//! What is counted, is counted once, and nothing is left out.

use serde_json::{Value, json};

use crate::world::{World, events};

/// Minutes as they were counted, against the events themselves.
const DIFFERENT: &str = "SELECT count(*) FROM console_minutes m FULL JOIN (
        SELECT date_trunc('minute', stored_at) AS at, count(*) AS events FROM conversation_events
        WHERE stored_at < (SELECT rolled_until FROM console_progress) GROUP BY 1) e USING (at)
    WHERE m.events IS DISTINCT FROM e.events::int";

#[tokio::test]
async fn counting_again_changes_nothing_and_goes_on_where_it_was() {
    let Some(world) = World::start("counting_again_changes_nothing").await else {
        return;
    };
    let sql = events(2_000, 40.0);
    world.rows.batch_execute(&sql).await.unwrap();
    let first = world.roll_up().await;
    assert_eq!(first["finished"], true, "{first}");
    assert_eq!(first["queues"], 1);
    assert!(first["steps"].as_u64().unwrap() >= 4, "{first}");
    assert_eq!(world.value::<i64>(DIFFERENT).await, 0);
    let total = "SELECT sum(events)::int8 FROM console_minutes";
    let counted: i64 = world.value(total).await;
    assert!(counted > 1_900, "{counted}");
    let second = world.roll_up().await;
    assert_eq!(second["steps"], 1, "{second}");
    assert_eq!(world.value::<i64>(total).await, counted);
    world.rows.batch_execute(&events(200, 0.02)).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    world.roll_up().await;
    assert_eq!(world.value::<i64>(DIFFERENT).await, 0);
    assert_eq!(world.value::<i64>(total).await, counted + 200);
}

#[tokio::test]
async fn what_is_committed_late_is_counted() {
    let Some(world) = World::start("what_is_committed_late_is_counted").await else {
        return;
    };
    world.roll_up().await;
    let slow = world.database.bystander().await.unwrap();
    let insert = events(1, 0.0);
    slow.batch_execute(&format!("BEGIN; {insert}"))
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(7)).await;
    world.roll_up().await;
    let until = "SELECT rolled_until <= (SELECT min(xact_start) FROM pg_stat_activity WHERE state = 'idle in transaction'
        AND datname = current_database()) FROM console_progress";
    assert!(
        world.value::<bool>(until).await,
        "an open transaction was overtaken"
    );
    slow.batch_execute("COMMIT").await.unwrap();
    world.roll_up().await;
    assert_eq!(world.value::<i64>(DIFFERENT).await, 0);
    assert_eq!(
        world
            .value::<i64>("SELECT sum(events)::int8 FROM console_minutes")
            .await,
        1
    );
}

#[tokio::test]
async fn places_orders_batches_and_queues_are_those_of_their_tables() {
    let Some(world) = World::start("places_orders_batches_and_queues").await else {
        return;
    };
    world
        .rows
        .batch_execute(include_str!("seed.sql"))
        .await
        .unwrap();
    world.roll_up().await;
    let late = "INSERT INTO assist_clicks (session_id, snippet_id, position, action, known, clicked_at)
        SELECT session_id, snippet_id, position, 'copy', true, now() FROM assist_impressions WHERE shown_at < now() - interval '5 hours'";
    world.rows.batch_execute(late).await.unwrap();
    world.roll_up().await;
    for (what, counted, stored) in [
        ("shown and used", "SELECT source || position, shown || '/' || used FROM (SELECT source, position, sum(shown) AS shown,
            sum(used) AS used FROM console_positions GROUP BY 1, 2) p ORDER BY 1",
            "SELECT source || position, count(*) || '/' || count(*) FILTER (WHERE EXISTS (SELECT FROM assist_clicks c
                WHERE c.session_id = i.session_id AND c.snippet_id = i.snippet_id AND c.position = i.position AND action <> 'dismiss'))
            FROM assist_impressions i WHERE state <> 'pending' GROUP BY source, position ORDER BY 1"),
        ("orders", "SELECT state, sum(orders)::text FROM console_orders GROUP BY 1 ORDER BY 1",
            "SELECT state, count(*)::text FROM ranking_orders GROUP BY 1 ORDER BY 1"),
        ("batches", "SELECT sum(texts)::text, sum(tokens)::text FROM console_embeddings",
            "SELECT sum(texts)::text, sum(tokens)::text FROM embedding_batches"),
    ] {
        let (counted, stored) = (world.pairs(counted).await, world.pairs(stored).await);
        assert_eq!(counted, stored, "{what}");
        assert!(!counted.is_empty(), "{what}");
    }
    let depth = "SELECT json_agg(DISTINCT jsonb_build_array(queue, waiting, dead))::text FROM console_queues";
    let depth: Value = serde_json::from_str(&world.value::<String>(depth).await).unwrap();
    assert_eq!(depth, json!([["conversations", 3, 1]]));
}
