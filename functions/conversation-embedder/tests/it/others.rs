//! What functions kept that are switched off goes all the same.

use serde_json::{Value, json};

use crate::drive::invoke;
use crate::world::World;

const EXPIRE: &str = include_str!("../../../../events/conversation-embedder.expire.json");
const TIME: std::time::Duration = std::time::Duration::from_secs(30);

/// Of each kind so many that are over, and one that is not.
const KEPT: &str = "
    CREATE TEMP TABLE kept AS SELECT 'n-' || n AS name, sha256(n::text::bytea) AS hash,
            now() - CASE WHEN n = 0 THEN interval '23 hours' ELSE interval '25 hours' END AS live,
            now() - CASE WHEN n = 0 THEN interval '29 days' ELSE interval '31 days' END AS at
        FROM generate_series(0, 700) n;
    INSERT INTO stream_offsets (interaction_id, progress, has_words, seen_at) SELECT name, '{}', true, live FROM kept;
    INSERT INTO assist_interactions (interaction_id, sequence, state, updated_at) SELECT name, 1, '{}', live FROM kept;
    INSERT INTO ranking_sessions (session_id, version, updated_at) SELECT name, 1, at FROM kept;
    INSERT INTO ranking_orders (session_id, version, request_hash, ranking, learning, created_at) SELECT name, 1, hash, '{}', '{}', at FROM kept;
    INSERT INTO assist_impressions (session_id, snippet_id, position, source, shown_at) SELECT name, 'kb-1', 1, 'ranking', at FROM kept;
    INSERT INTO assist_clicks (session_id, snippet_id, position, action, known, clicked_at) SELECT name, 'kb-1', 1, 'click', true, at FROM kept;
    INSERT INTO transcripts (id, part, parts, interaction_id, subject_mac, request_hash, messages, state, conversation_id, ended_at)
        SELECT gen_random_uuid(), 1, 1, name, hash, hash, 1, 'injected', name, at FROM kept";

const LIVE: [&str; 2] = ["stream_offsets", "assist_interactions"];
const LASTING: [&str; 5] = [
    "ranking_sessions",
    "ranking_orders",
    "assist_impressions",
    "assist_clicks",
    "transcripts",
];

async fn counts(world: &World, tables: &[&str]) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in tables {
        counts.push(world.count(table).await);
    }
    counts
}

fn expire() -> Value {
    serde_json::from_str(EXPIRE).unwrap()
}

#[tokio::test]
async fn what_other_functions_kept_goes_without_them() {
    let Some(world) = World::start("what_other_functions_kept", &[]).await else {
        return;
    };
    world.rows.batch_execute(KEPT).await.unwrap();
    world.run(&expire()).await.unwrap();
    assert_eq!(counts(&world, &LIVE).await, [1; 2]);
    assert_eq!(
        counts(&world, &LASTING).await,
        [701; 5],
        "no retention is set"
    );
    let app = world.again(&[("RETENTION_DAYS", "30")]).await;
    let report = invoke(&app, expire(), TIME).await.unwrap();
    assert_eq!(counts(&world, &LASTING).await, [1; 5]);
    assert_eq!(report["removed"]["transcripts"], 700, "{report}");
    assert_eq!(report["finished"], json!(true), "{report}");
}

#[tokio::test]
async fn what_cannot_go_keeps_nothing_else_from_going() {
    let settings = [("RETENTION_DAYS", "30")];
    let Some(world) = World::start("what_cannot_go", &settings).await else {
        return;
    };
    world.rows.batch_execute(KEPT).await.unwrap();
    let event = "INSERT INTO callbacks (id, subject_mac, url, body, dead, died_at)
        SELECT gen_random_uuid(), hash, 'https://cups.example', '{}', 'gone', at FROM kept";
    world.rows.batch_execute(event).await.unwrap();
    let rename = "ALTER TABLE stream_offsets RENAME TO elsewhere; ALTER TABLE ranking_orders RENAME TO nowhere";
    world.rows.batch_execute(rename).await.unwrap();
    let failure = world.run(&expire()).await;
    assert!(failure.is_err(), "{failure:?}");
    let others = ["assist_interactions", "transcripts", "callbacks"];
    assert_eq!(counts(&world, &others).await, [1; 3]);
}
