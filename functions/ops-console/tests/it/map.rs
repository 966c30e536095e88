//! The map: it shows what is stored of the model that search uses, and nothing that is gone.

use serde_json::Value;
use shared::db::conversations::erase;
use shared::db::embedding_models::{ModelId, activate};
use shared::db::{Database, vector_segments};
use shared::domain::{ConversationId, ReceiptId};
use shared::testing::stage::erasure_key;
use shared::testing::stage::space;

use crate::world::{World, events};

/// Every third conversation is about the same, and lies about the same place. The first one has two events.
const TWICE: &str = "UPDATE conversation_events SET conversation_id = 'c-1' WHERE id = 91";

struct Stored {
    world: World,
    database: Database,
    model: ModelId,
}

impl Stored {
    /// Ninety conversations with vectors of one model.
    async fn start(test: &str) -> Option<Self> {
        let world = World::start(test).await?;
        let database = world.database.database()?;
        let model = vector_segments::open(&database, &space("one")).await;
        let model = model.unwrap();
        for sql in [&events(91, 60.0), TWICE, &vectors(model, "true")] {
            world.rows.batch_execute(sql).await.unwrap();
        }
        Some(Self {
            world,
            database,
            model,
        })
    }

    /// A minute later; the map is an old one by then.
    async fn later(&self) -> Value {
        let old = "UPDATE conversation_map SET drawn_at = now() - interval '11 minutes'";
        self.world.rows.batch_execute(old).await.unwrap();
        self.world.roll_up().await
    }

    async fn dots(&self) -> i64 {
        self.world
            .value("SELECT count(*) FROM conversation_map")
            .await
    }

    async fn says(&self, words: &str) -> bool {
        self.world.page().await.body.contains(words)
    }
}

/// Texts of those events that are `chosen`, with vectors of a model.
fn vectors(model: ModelId, chosen: &str) -> String {
    let number = model.number();
    format!(
        "INSERT INTO conversation_embeddings (segment, model_id, event_id, chunk, source_system, conversation_id, occurred_at, text_content,
            content_hash, embedding, semantic_metadata)
        SELECT (SELECT id FROM vector_segments WHERE model_id = {number} AND state = 'fresh'), {number}, id, part, 'nice_cxone',
            conversation_id, occurred_at, 'said', sha256((id || '.' || part)::bytea),
            ARRAY[(id % 3 = 0)::int + id % 7 * 0.01, (id % 3 = 1)::int + part * 0.01, (id % 3 = 2)::int, 0.1]::vector,
            json_build_object('intent_category', 'intent_' || id % 3)::jsonb
        FROM conversation_events, generate_series(0, 1) AS part WHERE {chosen}"
    )
}

#[tokio::test]
async fn each_conversation_is_drawn_once_and_beside_its_like() {
    let Some(stored) = Stored::start("each_conversation_is_drawn_once").await else {
        return;
    };
    let first = stored.world.roll_up().await;
    assert_eq!(
        (&first["drawn"], stored.dots().await),
        (&90.into(), 90),
        "{first}"
    );
    let torn =
        "SELECT count(*) FROM conversation_map a JOIN conversation_map b ON a.event_id < b.event_id
        WHERE (a.intent = b.intent) <> (sqrt((a.x - b.x) ^ 2 + (a.y - b.y) ^ 2) < 0.5)";
    assert_eq!(stored.world.value::<i64>(torn).await, 0);
    assert!(stored.says("The last 90 conversations").await);
    let young = stored.world.roll_up().await;
    assert_eq!(young["drawn"], Value::Null, "{young}");
    assert_eq!(stored.later().await["drawn"], 90);
}

#[tokio::test]
async fn another_model_has_another_map() {
    let Some(stored) = Stored::start("another_model_has_another_map").await else {
        return;
    };
    stored.world.roll_up().await;
    let two = vector_segments::open(&stored.database, &space("two")).await;
    let two = two.unwrap();
    let rows = &stored.world.rows;
    rows.batch_execute(&vectors(two, "id <= 30")).await.unwrap();
    activate(&stored.database, two).await.unwrap();
    assert!(
        stored.says("No conversation is on the map").await,
        "a place of another model says nothing"
    );
    let drawn = stored.world.roll_up().await;
    assert_eq!(drawn["drawn"], 30, "not only when the map is old: {drawn}");
    assert!(stored.says("The last 30 conversations").await);
    activate(&stored.database, stored.model).await.unwrap();
    assert_eq!(stored.world.roll_up().await["drawn"], 90);
}

#[tokio::test]
async fn an_erased_conversation_is_off_the_map_at_once() {
    let Some(stored) = Stored::start("an_erased_conversation_is_off_the_map").await else {
        return;
    };
    stored.world.roll_up().await;
    let id = ConversationId::parse("c-1").unwrap();
    erase(&stored.database, &erasure_key(), &id, ReceiptId::generate())
        .await
        .unwrap();
    assert_eq!(stored.dots().await, 89);
    assert!(stored.says("The last 89 conversations").await);
    assert_eq!(stored.later().await["drawn"], 89);
}

#[tokio::test]
async fn without_its_map_the_page_is_counted_all_the_same() {
    let Some(stored) = Stored::start("without_its_map").await else {
        return;
    };
    let broken = "ALTER TABLE conversation_map ADD CONSTRAINT none CHECK (x > 2)";
    stored.world.rows.batch_execute(broken).await.unwrap();
    let report = stored.world.roll_up().await;
    assert_eq!(
        (&report["finished"], &report["drawn"]),
        (&true.into(), &Value::Null),
        "{report}"
    );
    assert!(stored.says("No conversation is on the map").await);
}
