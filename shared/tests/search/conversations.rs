//! Conversations: each segment goes by its own graph, filters and languages, pages while others join.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use shared::db::conversations::Prepared;
use shared::db::words::Words;
use shared::domain::Locale;
use shared::text::terms::Analysis;

use crate::calls::{DIMENSIONS, Stage, event, vector};
use crate::stage::conversations;

/// A piece with these tags.
fn tagged(
    stage: &Stage,
    name: &str,
    text: &str,
    second: i64,
    tags: &serde_json::Value,
) -> Prepared {
    let mut one = event(stage.model, name, text, second);
    for chunk in one.renditions.iter_mut().flat_map(|one| &mut one.chunks) {
        chunk.metadata = tags.to_string();
        let language = tags["language"].as_str().unwrap();
        chunk.words = Words::count(text, Analysis::of(language));
    }
    one
}

#[tokio::test]
async fn filters_let_through_what_passes_and_a_language_falls_back_as_a_whole() {
    let Some(stage) = Stage::set("filters_let_through").await else {
        return;
    };
    let tags = |language: &str, intent: &str, pii: bool| json!({ "source": "cxone_data_action", "language": language, "intent_category": intent, "contains_pii": pii, "team": "north" });
    stage
        .store(&[
            tagged(
                &stage,
                "c-1",
                "a broken cup",
                0,
                &tags("en", "complaint", true),
            ),
            tagged(
                &stage,
                "c-2",
                "une tasse cassée cup",
                60,
                &tags("fr", "complaint", false),
            ),
            tagged(
                &stage,
                "c-3",
                "where is my cup",
                120,
                &tags("en", "question", false),
            ),
        ])
        .await;
    let question = vector(7, DIMENSIONS);
    let at = |second: i64| {
        jiff::Timestamp::from_second(1_768_473_000 + second)
            .unwrap()
            .to_string()
    };
    for (filter, expected, used) in [
        (json!({}), &["c-1", "c-2", "c-3"][..], &[][..]),
        (json!({ "intents": ["complaint"] }), &["c-1", "c-2"], &[]),
        (
            json!({ "intents": ["complaint", "question"], "contains_pii": false }),
            &["c-2", "c-3"],
            &[],
        ),
        (json!({ "from": at(60), "to": at(60) }), &["c-2"], &[]),
        (json!({ "conversation_id": "c-3" }), &["c-3"], &[]),
        (json!({ "conversation_id": "c-9" }), &[], &[]),
        (
            json!({ "sources": ["cxone_data_action"], "metadata": { "team": "north" } }),
            &["c-1", "c-2", "c-3"],
            &[],
        ),
        (json!({ "sources": ["elsewhere"] }), &[], &[]),
        (json!({ "language": "fr-CA" }), &["c-2"], &["fr"]),
        (json!({ "language": "de-AT" }), &["c-1", "c-3"], &["en"]),
        (
            json!({ "language": "fr", "intents": ["question"] }),
            &["c-3"],
            &["en"],
        ),
        (
            json!({ "language": "fr", "intents": ["praise"] }),
            &[],
            &["fr"],
        ),
    ] {
        for vector in [Some(&question), None] {
            let mut body = filter.clone();
            body["query"] = json!("cup");
            let answer = conversations(&stage.database, &body, vector).await.unwrap();
            let found: BTreeSet<_> = answer
                .results
                .iter()
                .map(|one| one.conversation_id.as_str())
                .collect();
            assert_eq!(found, expected.iter().copied().collect(), "{body}");
            let languages: Vec<_> = answer.languages_used.iter().map(Locale::as_str).collect();
            assert_eq!(languages, used, "{body}");
        }
    }
}

/// What the keeper of segments will do: the fresh one takes no more and gets its graph, another takes its place.
fn seal(number: usize) -> String {
    format!(
        "BEGIN; UPDATE vector_segments SET state = 'sealed' WHERE state = 'fresh';
        CREATE INDEX ON conversation_embeddings_{number} USING hnsw ((embedding::halfvec({DIMENSIONS})) halfvec_cosine_ops);
        INSERT INTO vector_segments (model_id) VALUES (1);
        CREATE TABLE conversation_embeddings_{next} PARTITION OF conversation_embeddings FOR VALUES IN ({next}); COMMIT",
        next = number + 1
    )
}

#[tokio::test]
async fn each_segment_goes_by_its_own_graph_and_the_order_is_that_of_all() {
    let Some(stage) = Stage::set("each_segment_goes").await else {
        return;
    };
    let tags = json!({ "source": "cxone_data_action", "language": "en" });
    for segment in 1..=3 {
        let batch: Vec<_> = (0..400)
            .map(|number| {
                let name = format!("c-{segment}-{number}");
                let mut one = tagged(&stage, &name, &name, 0, &tags);
                let seed = segment * 311 + number * 7;
                for chunk in one.renditions.iter_mut().flat_map(|one| &mut one.chunks) {
                    chunk.embedding = Some(std::sync::Arc::new(vector(seed, DIMENSIONS)));
                }
                one
            })
            .collect();
        stage.store(&batch).await;
        if segment < 3 {
            stage.bystander.batch_execute(&seal(segment)).await.unwrap();
        }
    }
    stage.bystander.batch_execute("ANALYZE").await.unwrap();
    let count = "SELECT coalesce(sum(idx_scan), 0)::int8 FROM pg_stat_user_indexes WHERE indexrelname LIKE '%halfvec%' OR indexrelname LIKE '%embedding_idx'";
    let question = vector(42, DIMENSIONS);
    let body = json!({ "query": "nothing", "limit": 50, "collapse": false });
    let other = stage.test.database().unwrap();
    let answer = conversations(&other, &body, Some(&question)).await.unwrap();
    // Whoever goes says what it read, a moment later.
    drop(other);
    for _ in 0..100 {
        if stage.number(count).await > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(
        stage.number(count).await,
        2,
        "one limited subquery for each graph"
    );
    let exact = stage.lines(
        "SELECT conversation_id, round((1 - (embedding <=> '[42.5,43.5,44.5,45.5]'))::numeric, 9)::text
        FROM conversation_embeddings ORDER BY embedding <=> '[42.5,43.5,44.5,45.5]' LIMIT 50").await;
    let exact: Vec<&str> = exact
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    assert_eq!(answer.results.len(), 50);
    for (one, exact) in answer.results.iter().zip(&exact) {
        let exact: f64 = exact.parse().unwrap();
        assert!(
            (one.score.get() - exact * 0.6).abs() < 1e-6,
            "{one:?} {exact}"
        );
    }
}

#[tokio::test]
async fn pages_hold_every_passage_once_while_others_join() {
    let Some(stage) = Stage::set("pages_hold_every").await else {
        return;
    };
    let tags = json!({ "source": "cxone_data_action", "language": "en" });
    let batch: Vec<_> = (0..60)
        .map(|number| {
            tagged(
                &stage,
                &format!("c-{number:02}"),
                &format!("cup {number}"),
                0,
                &tags,
            )
        })
        .collect();
    stage.store(&batch).await;
    for vector in [Some(vector(5, DIMENSIONS)), None] {
        let mut body = json!({ "query": "cup", "limit": 7, "collapse": false });
        let mut found: Vec<String> = Vec::new();
        loop {
            let answer = conversations(&stage.database, &body, vector.as_ref())
                .await
                .unwrap();
            found.extend(
                answer
                    .results
                    .iter()
                    .map(|one| one.conversation_id.to_string()),
            );
            let Some(next) = answer.next_cursor else {
                break;
            };
            body["cursor"] = json!(next);
            let late = format!("late-{}-{}", vector.is_some(), found.len());
            stage
                .store(&[tagged(
                    &stage,
                    &late,
                    &format!("{late} something else altogether"),
                    0,
                    &tags,
                )])
                .await;
        }
        let first: Vec<_> = found.iter().filter(|name| name.starts_with("c-")).collect();
        let once: BTreeSet<_> = found.iter().collect();
        assert_eq!(once.len(), found.len(), "none stands there twice");
        assert_eq!(first.len(), 60, "whoever was there from the start is found");
    }
}
