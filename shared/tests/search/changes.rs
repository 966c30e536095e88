//! Questions while the knowledge base changes: every answer is of one state.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use shared::testing::proof_size;

use crate::articles::{Stage, vector};
use crate::stage::{Sample, knowledge, store};

/// An article whose pieces all name their version; both languages change together.
fn version(article: usize, number: usize) -> Sample {
    let text = |piece: usize| format!("router v{number} piece {piece}");
    Sample {
        level: i64::try_from(number).unwrap(),
        documents: vec![
            ("en-US", (0..3).map(text).collect()),
            ("de-DE", vec![text(9)]),
        ],
        ..Sample::new(&format!("a-{article}"), &[])
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_of_one_state() {
    let Some(stage) = Stage::set("every_answer_is_of_one").await else {
        return;
    };
    let worker = stage.worker().await;
    let all = |number| {
        (0..4)
            .map(|article| version(article, number))
            .collect::<Vec<_>>()
    };
    store(&worker, stage.model, &all(0)).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let (rounds, model) = (proof_size(25, 400), stage.model);
    let writer = {
        let is_over = Arc::clone(&is_over);
        async move {
            for number in 1..=rounds {
                store(&worker, model, &all(number)).await;
            }
            is_over.store(true, Ordering::Relaxed);
        }
    };
    let readers = (0..2).map(|_| {
        let (database, is_over) = (stage.test.database().unwrap(), Arc::clone(&is_over));
        async move {
            let (mut asked, mut latest) = (0, 0);
            while !is_over.load(Ordering::Relaxed) {
                let question = vector("router");
                let body = json!({ "query": "router", "language": "en-US", "collapse": false });
                let answer = knowledge(&database, &body, Some(&question)).await.unwrap();
                let texts: Vec<_> = answer.results.iter().map(|one| one.text.clone()).collect();
                let version = |text: &String| text.split_whitespace().nth(1).map(str::to_owned);
                let versions: std::collections::BTreeSet<_> = texts.iter().map(version).collect();
                assert_eq!(answer.results.len(), 4, "{texts:?}");
                assert_eq!(versions.len(), 1, "of two states: {texts:?}");
                assert!(
                    answer.results.iter().all(|one| one.other_passages == 2),
                    "whole articles"
                );
                assert!(answer.generation >= latest);
                latest = answer.generation;
                asked += 1;
            }
            asked
        }
    });
    let readers = futures_util::future::join_all(readers);
    let ((), asked) = tokio::join!(writer, readers);
    assert!(asked.iter().all(|asked| *asked > 2), "{asked:?}");
}
