//! Vectors that are there already are found, by text and model only.

use shared::db::conversation_embeddings::fetch_known;
use shared::db::{intent_examples, vector_segments};
use shared::domain::TextHash;

use crate::stage::{DIMENSIONS, Stage, event, space, vector};

#[tokio::test]
async fn a_known_text_has_its_vector_in_its_place() {
    let Some(stage) = Stage::set("a_known_text").await else {
        return;
    };
    let two = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    let mut bare = event(stage.model, "conv-2", "bare", 0);
    bare.renditions[0].chunks[0].embedding = None;
    stage
        .store(&[event(stage.model, "conv-1", "known", 0), bare])
        .await;
    let asked = ["strange", "known", "bare", "known"].map(TextHash::of);
    let known = Some(vector("known".len(), DIMENSIONS));
    let ask = async |model, dimensions| {
        fetch_known(&stage.database, model, &asked, dimensions)
            .await
            .unwrap()
    };
    assert_eq!(
        ask(stage.model, DIMENSIONS).await,
        [None, known.clone(), None, known]
    );
    assert_eq!(
        ask(two, DIMENSIONS).await,
        [const { None }; 4],
        "of another model"
    );
    assert_eq!(
        ask(stage.model, DIMENSIONS + 1).await,
        [const { None }; 4],
        "of another dimension"
    );
    assert_eq!(
        fetch_known(&stage.database, stage.model, &[], DIMENSIONS)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn examples_are_kept_once_per_model() {
    let Some(stage) = Stage::set("examples_are_kept").await else {
        return;
    };
    let two = vector_segments::open(&stage.database, &space("two"))
        .await
        .unwrap();
    let [one, other] = ["one", "other"].map(TextHash::of);
    let (first, second) = (vector(1, DIMENSIONS), vector(2, DIMENSIONS));
    intent_examples::keep(&stage.database, stage.model, &[(one, &first)])
        .await
        .unwrap();
    intent_examples::keep(
        &stage.database,
        stage.model,
        &[(one, &second), (other, &second)],
    )
    .await
    .unwrap();
    let ask = async |model, dimensions| {
        intent_examples::fetch(&stage.database, model, &[other, one], dimensions)
            .await
            .unwrap()
    };
    assert_eq!(
        ask(stage.model, DIMENSIONS).await,
        [Some(second), Some(first)]
    );
    assert_eq!(ask(two, DIMENSIONS).await, [None, None]);
    assert_eq!(ask(stage.model, DIMENSIONS - 1).await, [None, None]);
}
