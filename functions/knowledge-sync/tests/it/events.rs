//! The events as AWS sends them.

use serde_json::Value;

use crate::world::{World, article};

const WAKE: &str = include_str!("../../../../events/knowledge-sync.json");
const SYNC: &str = include_str!("../../../../events/knowledge-sync.sync.json");
const RECONCILE: &str = include_str!("../../../../events/knowledge-sync.reconcile.json");

#[tokio::test]
async fn the_clock_and_the_queue_are_understood() {
    let Some(world) = World::start("the_clock_and_the_queue", &[]).await else {
        return;
    };
    let cups = article("cups", 1, "Two cups.");
    world.simulator.knowledge().put_all(vec![cups]);
    for (event, kind, added) in [(SYNC, "incremental", 1), (RECONCILE, "reconcile", 0)] {
        let report = world.send(event).await.unwrap();
        let run = &report["runs"][0];
        assert_eq!(
            (&run["kind"], &run["state"]),
            (&kind.into(), &"done".into()),
            "{report}"
        );
        assert_eq!(run["added"], added, "{report}");
    }
    let idle = world.send(WAKE).await.unwrap();
    assert_eq!(idle["runs"], Value::Array(Vec::new()), "nothing waits");
    let asked = "INSERT INTO knowledge_runs (id, kind, accept_removals) VALUES (gen_random_uuid(), 'full', false)";
    world.rows.execute(asked, &[]).await.unwrap();
    let woken = world.send(WAKE).await.unwrap();
    assert_eq!(woken["runs"][0]["kind"], "full", "{woken}");
}
