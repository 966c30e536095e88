//! Entries are appended by many at once, and every one of them is there.

use std::collections::HashSet;

use crate::stage::{Stage, append};

/// `tasks` of them append `count` in all, about so many subjects.
async fn storm(stage: &Stage, tasks: usize, count: usize, subjects: usize) {
    let databases: Vec<_> = (0..tasks).map(|_| stage.test.database().unwrap()).collect();
    for database in &databases {
        drop(database.connection().await.unwrap());
    }
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
