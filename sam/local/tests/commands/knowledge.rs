//! The knowledge base: what a run would change, a run, and what is found then.

use serde_json::Value;

use crate::world::{run, stack};

#[tokio::test]
async fn a_run_is_foreseen_asked_for_and_found() {
    if stack("a_run_is_foreseen_asked_for").is_none() {
        return;
    }
    let foreseen = run(&["sync", "--dry-run", "--json"], &[]).await.json();
    assert_eq!(foreseen["is_whole"], true, "{foreseen}");
    let report = run(&["sync", "--json"], &[]).await.json();
    assert_eq!(report["state"], "done", "{report}");
    let after = run(&["sync", "--dry-run", "--json"], &[]).await.json();
    let changes = [&after["added"], &after["updated"], &after["gone"]];
    assert_eq!(changes, [&Value::from(0); 3], "{after}");
    let full = run(&["sync", "--dry-run", "--full"], &[]).await;
    assert!(
        full.code == Some(0) && full.out.contains("Would change"),
        "{full:?}"
    );

    let found = run(&["search", "how do I reset it", "--explain", "--json"], &[])
        .await
        .json();
    let results = found["results"].as_array().unwrap();
    assert!(!results.is_empty(), "{found}");
    let explain = &results[0]["explain"];
    let adds = |leg: &str| explain[leg]["contribution"].as_f64().unwrap();
    let score = results[0]["score"].as_f64().unwrap();
    assert!(
        (adds("vector") + adds("lexical") - score).abs() < 1e-6,
        "{explain}"
    );
}
