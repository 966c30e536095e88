//! After the storm: everything that waits comes to its end, and time passes faster for what waits for the dead.

use std::time::{Duration, Instant};

use serde_json::json;
use shared::db::audit;
use tokio::task::JoinSet;

use crate::calls::is_all_heard;
use crate::environment::Environment;
use crate::storm::{FORGET, let_time_pass};
use crate::world::{DEAD, World};

/// Longer than anything waits for.
const LIMIT: Duration = Duration::from_mins(3);

/// What still waits, in words; nothing if all is done.
async fn waits(world: &World) -> Vec<String> {
    let mut waiting = Vec::new();
    for queue in world.queues.keys().filter(|name| **name != DEAD) {
        let count = world.double.message_count(queue);
        if count > 0 {
            waiting.push(format!("{count} in {queue}"));
        }
    }
    match world.count("transcripts WHERE ended_at IS NULL").await {
        Some(0) => {}
        count => waiting.push(format!("{count:?} transcripts")),
    }
    if !is_all_heard(world) {
        waiting.push("something that was said".to_owned());
    }
    waiting
}

/// Waits until nothing waits any more, and lets the workers go.
pub(crate) async fn come_to_rest(world: &std::sync::Arc<World>, workers: &mut JoinSet<()>) {
    let begun = Instant::now();
    loop {
        let_time_pass(world).await;
        let waiting = waits(world).await;
        if waiting.is_empty() {
            break;
        }
        let is_late = begun.elapsed() > LIMIT;
        world.history.demand(!is_late, &[], waiting.join(", "));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    world.end_the_work();
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
    println!("at rest after {:.1} s", begun.elapsed().as_secs_f64());
    // A minute later nobody will know of some cards whether they were shown.
    world.rows().await.batch_execute(FORGET).await.unwrap();
    let mut cards = Environment::new(world, "assist-cards", 2);
    cards.invoke(&json!({ "task": "tidy" })).await.unwrap();
}

pub(crate) async fn check_the_audit(world: &World) {
    let database = world.database.database().unwrap();
    let report = audit::verify(&database, None).await.unwrap();
    assert!(report.is_sound(), "{:?}", report.chains);
    println!("{} entries of the audit are whole", report.entries());
}
