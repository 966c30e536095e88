//! Conversations: filters and languages, pages while others join.

use std::collections::BTreeSet;

use serde_json::json;
use shared::db::conversations::Prepared;
use shared::db::words::Words;
use shared::domain::Locale;
use shared::text::terms::Analysis;

use crate::calls::{DIMENSIONS, Stage, event, vector};
use crate::stage::conversations;

/// A piece with these tags.
pub(crate) fn tagged(
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

/// The language of a search is the first that has any. Once another has, a second page would be of other conversations than the first.
#[tokio::test]
async fn a_cursor_belongs_to_the_language_that_was_chosen() {
    let Some(stage) = Stage::set("a_cursor_belongs_to_the_language").await else {
        return;
    };
    let call = |name: &str, language: &str| {
        let tags = json!({ "source": "cxone_data_action", "language": language });
        tagged(&stage, name, &format!("cup {name}"), 0, &tags)
    };
    let english: Vec<_> = (0..5)
        .map(|number| call(&format!("c-{number}"), "en"))
        .collect();
    stage.store(&english).await;
    let question = vector(3, DIMENSIONS);
    let mut body = json!({ "query": "cup", "language": "fr", "limit": 2, "collapse": false });
    let ask = async |body: &serde_json::Value| {
        conversations(&stage.database, body, Some(&question)).await
    };
    let first = ask(&body).await.unwrap();
    assert_eq!(first.languages_used[0].as_str(), "en");
    body["cursor"] = json!(first.next_cursor.unwrap());
    assert_eq!(ask(&body).await.unwrap().results.len(), 2);
    stage.store(&[call("c-fr", "fr")]).await;
    let error = ask(&body).await.unwrap_err();
    assert!(matches!(error, shared::Error::Conflict(_)), "{error}");
    body.as_object_mut().unwrap().remove("cursor");
    let again = ask(&body).await.unwrap();
    assert_eq!(again.results[0].conversation_id.as_str(), "c-fr");
}
