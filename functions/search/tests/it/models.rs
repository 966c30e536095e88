//! Questions are embedded for the model that queries use, whichever that is at the moment.

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
