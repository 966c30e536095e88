//! Questions are embedded for the model that queries use, whichever that is at the moment.

use std::time::{Duration, Instant};

use cxone_simulator::{Fault, FaultPlan, FaultRule};
use serde_json::json;
use shared::db::embedding_models::activate;
use shared::db::vector_segments;
use shared::domain::{Provider, Space};

use crate::world::{KNOWLEDGE, World, event, json_of, send};

fn space(dimensions: u16) -> Space {
    Space {
        provider: Provider::OpenAi,
        name: "text-embedding-3-small".to_owned(),
        dimensions,
    }
}

#[tokio::test]
async fn a_switch_is_followed_at_once() {
    let Some(world) = World::start("a_switch_is_followed").await else {
        return;
    };
    world
        .articles(&[
            ("router", "Reset the router."),
            ("lamp", "The lamp is red."),
        ])
        .await;
    let second = json!({
        "provider": "openai", "base_url": world.simulator.url(), "model": "text-embedding-3-small", "dimensions": 256,
        "key_secret_id": "embedding-key",
    });
    let app = world
        .app_with("EMBEDDING_SECOND", &second.to_string())
        .await;
    let [first, second, strange] = [1_536, 256, 99].map(space);
    let (database, question) = (&world.database, json!({ "query": "router" }).to_string());
    for (space, has_vector) in [
        (&first, true),
        (&second, true),
        (&strange, false),
        (&second, true),
        (&first, true),
    ] {
        let model = vector_segments::open(database, space).await.unwrap();
        activate(database, model).await.unwrap();
        let mut event = event("POST", KNOWLEDGE, &[("x-api-key", &world.key)]);
        event["body"] = json!(question);
        let answer = json_of(&send(&app, event).await);
        assert_eq!(answer["model"]["dimensions"], space.dimensions);
        assert_eq!(answer["vector_unavailable"], !has_vector, "{answer:#}");
        let results = answer["results"].as_array().unwrap();
        assert_eq!(results[0]["article_id"], "router");
        // Only the first model has vectors of these articles; words find one of them.
        assert_eq!(results.len(), if *space == first { 2 } else { 1 });
    }
}

#[tokio::test]
async fn nobody_holds_the_connection_while_the_new_model_is_asked() {
    let Some(world) = World::start("nobody_holds_the_connection").await else {
        return;
    };
    world.conversation("c-1", "The router is dead.", 0).await;
    let second = json!({
        "provider": "openai", "base_url": world.simulator.url(), "model": "text-embedding-3-small", "dimensions": 256,
        "key_secret_id": "embedding-key",
    });
    let app = world
        .app_with("EMBEDDING_SECOND", &second.to_string())
        .await;
    let second = space(256);
    let model = vector_segments::open(&world.database, &second);
    let model = model.await.unwrap();
    activate(&world.database, model).await.unwrap();
    let plan = FaultPlan {
        seed: 0,
        rules: vec![FaultRule::rate(
            "/v1/embeddings",
            1.0,
            Fault::Slow { ms: 1_500 },
        )],
    };
    world.simulator.set_faults(plan).unwrap();
    let headers = [("x-api-key", world.key.as_str())];
    let mut question = event("POST", KNOWLEDGE, &headers);
    question["body"] = json!(r#"{"query": "router"}"#);
    let beside = async {
        // By now the old model has answered, and the new one is asked.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let since = Instant::now();
        let response = send(&app, event("GET", "/conversations/c-1", &headers)).await;
        (response.status_code, since.elapsed())
    };
    let (answer, (status, waited)) = tokio::join!(send(&app, question), beside);
    assert_eq!(json_of(&answer)["vector_unavailable"], false);
    assert_eq!(status, 200);
    assert!(waited < Duration::from_millis(600), "{waited:?}");
}
