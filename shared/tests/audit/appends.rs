//! Entries are appended by many at once, and every one of them is there.

use std::collections::HashSet;
use std::time::Instant;

use crate::stage::{Stage, append};

/// `tasks` of them append `count` in all, to as many chains as `subjects` fall into. Says how long it took.
async fn storm(stage: &Stage, tasks: usize, count: usize, subjects: usize) -> f64 {
    let databases: Vec<_> = (0..tasks).map(|_| stage.test.database().unwrap()).collect();
    for database in &databases {
        drop(database.connection().await.unwrap());
    }
    let begun = Instant::now();
    let running = databases.into_iter().enumerate().map(|(task, database)| {
        tokio::spawn(async move {
            for number in (task..count).step_by(tasks) {
                let subject = format!("session-{}", number % subjects);
                append(&database, &subject, number).await;
            }
        })
    });
    for task in running.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    begun.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_by_fifty_at_once_are_all_there_and_whole() {
    let Some(stage) = Stage::set("a_thousand_by_fifty").await else {
        return;
    };
    storm(&stage, 50, 1_000, 200).await;
    let report = stage.verify(None).await;
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.entries(), 1_000);
    assert!(
        report.chains.iter().all(|chain| chain.entries > 0),
        "all chains are used: {report:?}"
    );
    // Not as JSON: Postgres reads no document with an escaped NUL.
    let numbers = "SELECT substring(content FROM '\"number\":([0-9]+)') FROM audit_entries";
    let rows = stage.bystander.query(numbers, &[]).await.unwrap();
    let numbers: HashSet<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(numbers.len(), 1_000, "each stands there once");
}

/// What one chain bears and what sixteen do, on this machine. Figures, not a test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
#[expect(clippy::print_stdout, reason = "its purpose is to say figures")]
async fn appends_per_second() {
    const COUNT: u32 = 2_000;
    for subjects in [1, 1_000] {
        let Some(stage) = Stage::set("appends_per_second").await else {
            return;
        };
        for tasks in [1, 16] {
            let took = storm(&stage, tasks, COUNT as usize, subjects).await;
            println!(
                "{subjects} subjects, {tasks} at once: {:.0}/s",
                f64::from(COUNT) / took
            );
        }
        assert!(stage.verify(None).await.is_sound());
    }
}
