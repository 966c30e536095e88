//! Pages of a question together are its results, each once.

use serde_json::json;
use shared::Error;
use shared::domain::query::MOST_RESULTS;

use crate::articles::{Stage, vector};
use crate::stage::{Sample, knowledge, names, store};

fn samples(count: usize) -> Vec<Sample> {
    let sample = |number: usize| {
        let text = format!("router number {number} reset");
        Sample::new(
            &format!("a-{number:03}"),
            &[text.as_str(), "the same words everywhere"],
        )
    };
    (0..count).map(sample).collect()
}

#[tokio::test]
async fn every_result_stands_on_one_page_and_there_are_at_most_two_hundred() {
    let Some(stage) = Stage::set("every_result_stands").await else {
        return;
    };
    let worker = stage.worker().await;
    let question = vector("router");
    let mut stored = 0;
    for (count, limit) in [(1, 10), (37, 10), (40, 10), (120, 50), (230, 30)] {
        store(&worker, stage.model, &samples(count)[stored..]).await;
        stored = count;
        for (fusion, vector) in [
            ("weighted", Some(&question)),
            ("rrf", Some(&question)),
            ("weighted", None),
        ] {
            let mut body = json!({ "query": "router reset", "limit": limit, "fusion": fusion, "collapse": false });
            let (mut found, mut scores) = (Vec::new(), Vec::new());
            loop {
                let answer = knowledge(&stage.database, &body, vector).await.unwrap();
                found.extend(names(&answer).into_iter().map(str::to_owned));
                scores.extend(answer.results.iter().map(|one| one.score));
                let is_last = answer.next_cursor.is_none();
                let is_full = answer.results.len() == limit || found.len() == MOST_RESULTS;
                assert_eq!(is_full, !answer.underfilled, "{} of {count}", found.len());
                assert!(is_last || is_full);
                let Some(next) = answer.next_cursor else {
                    break;
                };
                body["cursor"] = json!(next);
            }
            assert!(scores.is_sorted_by(|one, other| one >= other));
            assert_eq!(found.len(), count.min(MOST_RESULTS), "{fusion}");
            found.sort();
            found.dedup();
            assert_eq!(found.len(), count.min(MOST_RESULTS), "each once");
        }
    }
}

#[tokio::test]
async fn a_cursor_is_of_one_question_and_one_generation() {
    let Some(stage) = Stage::set("a_cursor_is_of_one").await else {
        return;
    };
    let worker = stage.worker().await;
    store(&worker, stage.model, &samples(12)).await;
    let question = vector("router");
    let body = json!({ "query": "router", "limit": 5, "collapse": false });
    let first = knowledge(&stage.database, &body, Some(&question))
        .await
        .unwrap();
    let cursor = first.next_cursor.unwrap();
    let other = json!({ "query": "reset", "limit": 5, "cursor": cursor });
    let error = knowledge(&stage.database, &other, Some(&question))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    let next = json!({ "query": "router", "limit": 7, "collapse": false, "cursor": cursor });
    let page = knowledge(&stage.database, &next, Some(&question))
        .await
        .unwrap();
    assert_eq!(
        page.results.len(),
        7,
        "a page may be longer than the one before"
    );
    store(&worker, stage.model, &samples(13)[12..]).await;
    let error = knowledge(&stage.database, &next, Some(&question))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error}");
}

#[tokio::test]
async fn an_article_of_many_pieces_crowds_nobody_out() {
    let Some(stage) = Stage::set("an_article_of_many_pieces").await else {
        return;
    };
    let pieces: Vec<String> = (0..450)
        .map(|number| format!("router reset router {number}"))
        .collect();
    let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
    let mut all = vec![Sample::new("long", &pieces)];
    all.extend(samples(24));
    store(&stage.worker().await, stage.model, &all).await;
    let body = json!({ "query": "router reset", "limit": 25, "collapse": false });
    let answer = knowledge(&stage.database, &body, None).await.unwrap();
    assert_eq!(answer.results.len(), 25);
    let best = answer.results.first().unwrap();
    assert_eq!(
        (best.article_id.as_str(), best.other_passages),
        ("long", 449)
    );
    let body = json!({ "query": "router reset", "limit": 26, "collapse": false });
    let answer = knowledge(&stage.database, &body, None).await.unwrap();
    assert!(answer.underfilled && answer.next_cursor.is_none());
    let few = json!({ "query": "router reset", "limit": 26, "min_score": 0.99, "collapse": false });
    let answer = knowledge(&stage.database, &few, None).await.unwrap();
    assert!(answer.results.len() < 25 && answer.underfilled);
}
