//! Filters let through exactly what passes, on both legs and together.

use std::collections::BTreeSet;

use fastrand::Rng;
use serde_json::{Value, json};
use shared::testing::proof_size;

use crate::articles::{Stage, Worker, at, vector};
use crate::stage::{Sample, knowledge, names, store};

const TERRITORIES: [&str; 4] = ["US", "us", "EU", "L'Île \"d'or\" %_"];
const CATEGORIES: [&str; 3] = ["cups", "lids", "null"];
const STATUSES: [&str; 2] = ["published", "review"];
const WORDS: [&str; 6] = ["reset", "router", "invoice", "refund", "lamp", "cable"];

fn corpus(rng: &mut Rng, count: usize) -> Vec<Sample> {
    let word = |rng: &mut Rng| WORDS[rng.usize(..WORDS.len())];
    let sample = |number: usize| {
        let pieces = rng.usize(1..4);
        let texts =
            (0..pieces).map(|piece| format!("{} {} {number}-{piece}", word(rng), word(rng)));
        let texts: Vec<String> = texts.collect();
        Sample {
            territory: TERRITORIES[rng.usize(..TERRITORIES.len())],
            category: CATEGORIES[rng.usize(..CATEGORIES.len())],
            status: STATUSES[rng.usize(..STATUSES.len())],
            second: rng.i64(0..5),
            level: rng.i64(0..3),
            documents: vec![("en-US", texts)],
            ..Sample::new(&format!("a-{number}"), &[])
        }
    };
    (0..count).map(sample).collect()
}

/// A filter as a caller writes it, and which articles pass.
fn filter(rng: &mut Rng, samples: &[Sample]) -> (Value, BTreeSet<String>) {
    let mut body = json!({ "query": WORDS[rng.usize(..WORDS.len())], "limit": 50 });
    let mut passing: Vec<&Sample> = samples.iter().collect();
    let some = |rng: &mut Rng, all: &[&'static str]| -> Vec<&'static str> {
        let mut all = all.to_vec();
        rng.shuffle(&mut all);
        all.truncate(rng.usize(1..=all.len()));
        all
    };
    if rng.bool() {
        let chosen = some(rng, &TERRITORIES);
        passing.retain(|one| chosen.contains(&one.territory));
        body["territories"] = json!(chosen);
    }
    if rng.u8(..4) == 0 {
        let chosen = some(rng, &CATEGORIES);
        passing.retain(|one| chosen.contains(&one.category));
        body["categories"] = json!(chosen);
    }
    if rng.u8(..4) == 0 {
        let chosen = some(rng, &STATUSES);
        passing.retain(|one| chosen.contains(&one.status));
        body["statuses"] = json!(chosen);
    }
    if rng.u8(..4) == 0 {
        let from = rng.i64(0..5);
        passing.retain(|one| one.second >= from);
        body["modified_from"] = json!(at(from).to_string());
    }
    if rng.u8(..4) == 0 {
        let to = rng.i64(4..6);
        passing.retain(|one| one.second <= to);
        body["modified_to"] = json!(at(to).to_string());
    }
    if rng.u8(..4) == 0 {
        let level = rng.i64(0..3);
        passing.retain(|one| one.level == level);
        body["metadata"] = json!({ "level": level });
    }
    (body, passing.iter().map(|one| one.id.clone()).collect())
}

#[tokio::test]
async fn nothing_leaks_and_nothing_is_missing() {
    let Some(stage) = Stage::set("nothing_leaks").await else {
        return;
    };
    let seed = 7;
    let mut rng = Rng::with_seed(seed);
    let samples = corpus(&mut rng, 40);
    let worker: Worker = stage.worker().await;
    store(&worker, stage.model, &samples).await;
    for case in 0..proof_size(400, 100_000) {
        let (mut body, passing) = filter(&mut rng, &samples);
        body["collapse"] = json!(false);
        let question = vector(&case.to_string());
        let vector = (rng.u8(..4) > 0).then_some(&question);
        let answer = knowledge(&stage.database, &body, vector).await.unwrap();
        let found: BTreeSet<String> = names(&answer).into_iter().map(str::to_owned).collect();
        assert!(
            found.is_subset(&passing),
            "case {case}: {body} lets {found:?} through"
        );
        assert_eq!(
            found.len(),
            answer.results.len(),
            "an article stands there once"
        );
        for one in &answer.results {
            let metadata: Value = serde_json::from_str(one.metadata.get()).unwrap();
            let territories = body["territories"].as_array();
            assert!(
                territories.is_none_or(|all| all.contains(&metadata["territory"])),
                "{body}"
            );
        }
        if vector.is_some() {
            // Every passage has a vector: whatever passes is found by it.
            assert_eq!(found, passing, "case {case}: {body}");
        }
        assert_eq!(answer.underfilled, found.len() < 50);
    }
}

#[tokio::test]
async fn what_is_written_into_a_filter_is_compared_and_never_run() {
    let Some(stage) = Stage::set("never_run").await else {
        return;
    };
    let samples = [Sample::new("a-1", &["reset the router"])];
    store(&stage.worker().await, stage.model, &samples).await;
    for odd in [
        "' OR true --",
        "US' OR 'a'='a",
        "{}",
        "$1",
        "%",
        "_S",
        "U\\u0053",
        "[\"US\"]",
        "US\"}",
    ] {
        for field in ["territories", "categories", "statuses"] {
            let body = json!({ "query": "router", field: [odd] });
            let answer = knowledge(&stage.database, &body, Some(&vector("x")))
                .await
                .unwrap();
            assert!(answer.results.is_empty() && answer.underfilled, "{body}");
        }
        let body = json!({ "query": odd, "metadata": { odd: odd } });
        let answer = knowledge(&stage.database, &body, Some(&vector("x")))
            .await
            .unwrap();
        assert!(answer.results.is_empty(), "{body}");
    }
    for query in [
        "router & !reset",
        "router:*",
        "(((",
        "\\",
        "router OR 1=1",
        "\u{202e}router",
        "'; DROP TABLE word_blocks; --",
    ] {
        let answer = knowledge(&stage.database, &json!({ "query": query }), None).await;
        answer.unwrap();
    }
    assert_eq!(
        stage.number("SELECT count(*) FROM knowledge_chunks").await,
        1
    );
}

#[tokio::test]
async fn words_are_found_far_down_where_what_fits_better_does_not_pass() {
    let Some(stage) = Stage::set("words_are_found_far_down").await else {
        return;
    };
    let sample = |number: usize| {
        let (territory, text) = match number {
            0..5 => (
                "US",
                format!("cup {number} {} lamp", "and many other words ".repeat(9)),
            ),
            5..1_200 => ("EU", format!("lamp {number}")),
            _ => ("US", format!("cup {number}")),
        };
        Sample {
            territory,
            ..Sample::new(&format!("a-{number}"), &[&text])
        }
    };
    let samples: Vec<_> = (0..6_300).map(sample).collect();
    store(&stage.worker().await, stage.model, &samples).await;
    let body = json!({ "query": "lamp", "territories": ["US"], "collapse": false });
    let answer = knowledge(&stage.database, &body, None).await.unwrap();
    let mut found = names(&answer);
    found.sort_unstable();
    assert_eq!(found, ["a-0", "a-1", "a-2", "a-3", "a-4"]);
}
