//! Fires one schedule. As `EventBridge` does, it neither waits for the last run nor repeats one that failed.

use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::invoke::{Invoker, Outcome};
use super::log::Log;
use super::schedule::Schedule;

/// Fires until it is dropped, or until the schedule has no moment left.
pub(super) async fn run(schedule: Schedule, invoker: Invoker, log: Log) {
    let started = Timestamp::now();
    let mut runs = JoinSet::new();
    let mut last = started;
    while let Some(next) = schedule.expression.next_fire_time(started, last) {
        let wait = next.duration_since(Timestamp::now());
        tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
        // A machine that slept through several moments fires once for all of them.
        last = next.max(Timestamp::now());
        runs.spawn(fire(schedule.clone(), next, invoker.clone(), log.clone()));
        while runs.try_join_next().is_some() {}
    }
}

async fn fire(schedule: Schedule, at: Timestamp, invoker: Invoker, log: Log) {
    let id = uuid::Uuid::new_v4().to_string();
    let outcome = invoker
        .invoke(&schedule.function, schedule.event(&id, at))
        .await;
    let said = match outcome {
        Outcome::Answer(_) => "done".to_owned(),
        Outcome::Failed(why) => format!("failed: {why}"),
    };
    log.line(format!(
        "schedule {} -> {}: {said}",
        schedule.name, schedule.function
    ));
}
