//! What search reads must not lack a conversation: a failure of the active model is the conversation's failure.

use std::time::Duration;

use cxone_simulator::{Fault, FaultPlan, FaultRule, Settings, Simulator};
use serde_json::json;

use crate::drive::{deliver, invoke};
use crate::messages::completed;
use crate::world::World;

const TIME: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_second_model_may_fail_until_search_reads_it() {
    let Some(world) = World::start("a_second_model_may_fail", &[]).await else {
        return;
    };
    let other = Simulator::start(Settings::default()).unwrap();
    let second = json!({"provider": "openai", "base_url": other.url(), "model": "all-MiniLM-L6-v2", "dimensions": 384,
        "key_secret_id": "embedding-key"})
    .to_string();
    let settings = [("EMBEDDING_SECOND", second.as_str())];
    let down = FaultRule::rate("/v1/embeddings", 1.0, Fault::status(401));
    let rules = vec![down];
    other.set_faults(FaultPlan { seed: 0, rules }).unwrap();
    let app = world.again(&settings).await;
    let short = "conversation_embeddings WHERE vector_dims(embedding) = 384";
    assert!(
        deliver(&app, &[completed("one", "One.")], TIME)
            .await
            .is_empty()
    );
    assert_eq!(
        (world.texts().await.len(), world.count(short).await),
        (1, 0)
    );

    let switch = json!({"task": "switch_model", "model": "all-MiniLM-L6-v2", "force": true});
    invoke(&app, switch, TIME).await.unwrap();
    let two = [completed("two", "Two.")];
    assert_eq!(
        deliver(&app, &two, TIME).await,
        ["0"],
        "search would miss it"
    );
    assert_eq!(world.count("conversation_events").await, 1);
    other.clear_faults();
    assert!(
        deliver(&world.again(&settings).await, &two, TIME)
            .await
            .is_empty()
    );
    let both = "conversation_embeddings WHERE conversation_id = 'two' AND embedding IS NOT NULL";
    assert_eq!((world.count(both).await, world.count(short).await), (2, 1));
}
