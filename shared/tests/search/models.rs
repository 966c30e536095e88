//! Queries use the active model, of one state: vectors of two models are never compared, and what one model has is found by it alone.

use serde_json::json;
use shared::db::embedding_models::activate;
use shared::db::vector_segments;
use shared::domain::{Embedding, Provider, Space};

use crate::articles::{Stage, vector};
use crate::calls;
use crate::stage::{Sample, conversations, knowledge, store};

fn wide(text: &str) -> Embedding {
    let mut numbers = vector(text).as_slice().to_vec();
    numbers.extend([0.25, 0.5]);
    Embedding::parse(numbers, 6).unwrap()
}

#[tokio::test]
async fn a_switch_changes_everything_at_once() {
    let Some(stage) = Stage::set("a_switch_changes").await else {
        return;
    };
    let space = Space {
        provider: Provider::Local,
        name: "wide".to_owned(),
        dimensions: 6,
    };
    let other = vector_segments::open(&stage.database, &space)
        .await
        .unwrap();
    let worker = stage.worker().await;
    store(&worker, stage.model, &[Sample::new("old", &["an old cup"])]).await;
    store(
        &worker,
        stage.model,
        &[Sample::new("both", &["a common cup"])],
    )
    .await;
    let beside = "INSERT INTO knowledge_vectors SELECT v.chunk_id, $1, (v.embedding::real[] || ARRAY[0.25, 0.5]::real[])::vector
        FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id WHERE c.text_content = 'a common cup'";
    let number = other.number();
    let values = [(&number as _, tokio_postgres::types::Type::INT2)];
    stage.bystander.query_typed(beside, &values).await.unwrap();
    let mut call = calls::event(stage.model, "c-1", "old cup", 0);
    calls_store(&stage, &call).await;
    call = calls::event(other, "c-2", "wide cup", 0);
    for chunk in call.renditions.iter_mut().flat_map(|one| &mut one.chunks) {
        chunk.embedding = Some(std::sync::Arc::new(wide(&chunk.text)));
    }
    calls_store(&stage, &call).await;

    let body = json!({ "query": "nothing of this" });
    for (model, question, articles, call) in [
        (stage.model, vector("x"), 2, "c-1"),
        (other, wide("x"), 1, "c-2"),
        (stage.model, vector("x"), 2, "c-1"),
    ] {
        activate(&stage.database, model).await.unwrap();
        let found = knowledge(&stage.database, &body, Some(&question))
            .await
            .unwrap();
        assert_eq!(found.results.len(), articles);
        let found = conversations(&stage.database, &body, Some(&question))
            .await
            .unwrap();
        let names: Vec<_> = found
            .results
            .iter()
            .map(|one| one.conversation_id.as_str())
            .collect();
        assert_eq!(names, [call]);
        // Words of articles are of no model; those of conversations are of the model that cut them.
        let words = json!({ "query": "cup" });
        let found = knowledge(&stage.database, &words, None).await.unwrap();
        assert_eq!(found.results.len(), 2);
        let found = conversations(&stage.database, &words, None).await.unwrap();
        let names: Vec<_> = found
            .results
            .iter()
            .map(|one| one.conversation_id.as_str())
            .collect();
        assert_eq!(names, [call]);
    }
}

async fn calls_store(stage: &Stage, call: &shared::db::conversations::Prepared) {
    let batch = std::slice::from_ref(call);
    shared::db::conversations::store(&stage.database, batch)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_cursor_of_conversations_belongs_to_its_model() {
    let Some(stage) = calls::Stage::set("a_cursor_of_conversations").await else {
        return;
    };
    let two = vector_segments::open(&stage.database, &calls::space("two"))
        .await
        .unwrap();
    let events: Vec<_> = (0..5)
        .map(|number| {
            calls::event(
                stage.model,
                &format!("c-{number}"),
                &format!("cup {number}"),
                0,
            )
        })
        .collect();
    stage.store(&events).await;
    let question = calls::vector(3, 4);
    let mut body = json!({ "query": "cup", "limit": 2, "collapse": false });
    let first = conversations(&stage.database, &body, Some(&question))
        .await
        .unwrap();
    body["cursor"] = json!(first.next_cursor.unwrap());
    assert!(
        conversations(&stage.database, &body, Some(&question))
            .await
            .is_ok()
    );
    activate(&stage.database, two).await.unwrap();
    let error = conversations(&stage.database, &body, Some(&question))
        .await
        .unwrap_err();
    assert!(matches!(error, shared::Error::Conflict(_)), "{error}");
}

#[tokio::test]
async fn a_cursor_of_articles_belongs_to_the_model_too() {
    let Some(stage) = Stage::set("a_cursor_of_articles").await else {
        return;
    };
    let space = Space {
        provider: Provider::Local,
        name: "wide".to_owned(),
        dimensions: 6,
    };
    let wide_one = vector_segments::open(&stage.database, &space)
        .await
        .unwrap();
    let texts = ["a red cup", "a blue cup", "a green cup"];
    let samples: Vec<_> = ["a", "b", "c"]
        .iter()
        .zip(&texts)
        .map(|(id, text)| Sample::new(id, &[text]))
        .collect();
    store(&stage.worker().await, stage.model, &samples).await;
    let mut body = json!({ "query": "cup", "limit": 1, "collapse": false });
    let first = knowledge(&stage.database, &body, Some(&vector("x"))).await;
    body["cursor"] = json!(first.unwrap().next_cursor.unwrap());
    // To use what is used already changes nothing.
    activate(&stage.database, stage.model).await.unwrap();
    let second = knowledge(&stage.database, &body, Some(&vector("x"))).await;
    assert_eq!(second.unwrap().results.len(), 1);
    activate(&stage.database, wide_one).await.unwrap();
    let error = knowledge(&stage.database, &body, Some(&wide("x")))
        .await
        .unwrap_err();
    assert!(matches!(error, shared::Error::Conflict(_)), "{error}");
}
