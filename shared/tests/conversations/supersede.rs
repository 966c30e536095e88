//! Of the events of a conversation the latest is what search finds.

use shared::db::conversations::{Prepared, Stored};
use shared::db::vector_segments;

use crate::stage::{Stage, alone, event, rendition, silent, space};

/// Each event's text and second, in the order of one batch.
type Arrivals = Vec<(&'static str, i64)>;

/// Stores these batches and says what search finds, and each event's state in the order of arrival.
async fn after(
    name: &str,
    batches: impl Fn(&Stage) -> Vec<Vec<Prepared>>,
) -> Option<(String, String)> {
    let stage = Stage::set(name).await?;
    for batch in batches(&stage) {
        let outcomes = stage.store(&batch).await;
        assert!(outcomes.iter().all(|outcome| *outcome == Stored::New));
    }
    Some((
        stage.texts().await.join(", "),
        stage.states().await.join(", "),
    ))
}

#[tokio::test]
async fn the_latest_stands_whatever_the_order_of_arrival() {
    let completed = "completed";
    let updated_first = "updated superseded, completed searchable";
    let completed_first = "completed searchable, updated superseded";
    let cases: [(&str, Vec<Arrivals>, &str); 6] = [
        (
            "in order",
            vec![vec![("updated", 1)], vec![("completed", 2)]],
            updated_first,
        ),
        (
            "reversed",
            vec![vec![("completed", 2)], vec![("updated", 1)]],
            completed_first,
        ),
        (
            "same instant",
            vec![vec![("updated", 2)], vec![("completed", 2)]],
            updated_first,
        ),
        (
            "one batch",
            vec![vec![("updated", 1), ("completed", 2)]],
            updated_first,
        ),
        (
            "one batch reversed",
            vec![vec![("completed", 2), ("updated", 1)]],
            completed_first,
        ),
        (
            "one batch, same instant",
            vec![vec![("updated", 2), ("completed", 2)]],
            updated_first,
        ),
    ];
    for (name, batches, states) in cases {
        let build = |stage: &Stage| {
            let batch = |batch: &Arrivals| {
                batch
                    .iter()
                    .map(|(text, second)| event(stage.model, "conv-1", text, *second))
                    .collect()
            };
            batches.iter().map(batch).collect()
        };
        let Some(found) = after(name, build).await else {
            return;
        };
        assert_eq!(found, (completed.to_owned(), states.to_owned()), "{name}");
    }
}

#[tokio::test]
async fn other_conversations_and_notes_stand_alone() {
    let found = after("others_stand_alone", |stage| {
        let at = |conversation, text, second| event(stage.model, conversation, text, second);
        vec![
            vec![
                at("conv-1", "a", 1),
                alone(at("conv-1", "note", 2)),
                at("conv-2", "b", 3),
            ],
            vec![alone(at("conv-1", "older note", 0)), at("conv-1", "c", 4)],
        ]
    });
    let Some((texts, states)) = found.await else {
        return;
    };
    assert_eq!(texts, "b, c, note, older note");
    assert_eq!(
        states,
        "a superseded, note searchable, b searchable, older note searchable, c searchable"
    );
}

#[tokio::test]
async fn an_event_without_text_takes_nobodys_place() {
    let found = after("without_text", |stage| {
        let at = |text, second| event(stage.model, "conv-1", text, second);
        vec![
            vec![at("words", 1)],
            vec![silent(at("silence", 9))],
            vec![silent(at("old silence", 0))],
            vec![at("more words", 2)],
        ]
    });
    let Some((texts, states)) = found.await else {
        return;
    };
    assert_eq!(texts, "more words");
    assert_eq!(
        states,
        "words superseded, silence no_text, old silence no_text, more words searchable"
    );
}

#[tokio::test]
async fn every_model_loses_the_text_that_gave_way() {
    let Some(stage) = Stage::set("every_model").await else {
        return;
    };
    let other = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    for (text, second) in [("updated", 1), ("completed", 2), ("too late", 0)] {
        let mut one = event(stage.model, "conv-1", text, second);
        one.renditions.push(rendition(other, &[text]));
        stage.store(&[one]).await;
    }
    // Each model has a next segment too, which is empty.
    let by_segment = "SELECT s.id::text, m.name, c.text_content FROM conversation_embeddings c
        JOIN vector_segments s ON s.id = c.segment JOIN embedding_models m ON m.id = c.model_id AND m.id = s.model_id ORDER BY 1";
    assert_eq!(
        stage.lines(by_segment).await,
        ["1 one completed", "3 two completed"]
    );
}
