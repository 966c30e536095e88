//! What is stored of a conversation, until it is erased.

use serde_json::{Value, json};
use shared::db::conversations::erase;
use shared::domain::{ConversationId, ReceiptId};
use shared::testing::stage::erasure_key;

use crate::world::{World, event, json_of, send};

#[tokio::test]
async fn every_event_is_told_with_its_state_and_nothing_after_the_erasure() {
    let Some(world) = World::start("every_event_is_told").await else {
        return;
    };
    let fixture = include_str!("../../../../events/search.conversation.json");
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    assert_eq!(send(&world.app, fixture.clone()).await.status_code, 404);
    let name = "conv 8842/ü";
    world
        .conversation(name, "Customer: The lid is cracked.", 0)
        .await;
    world
        .conversation(
            name,
            "Customer: The lid is cracked. Agent: We send a new one.",
            60,
        )
        .await;
    world.conversation("other", "Customer: Hello.", 0).await;
    let response = send(&world.app, fixture.clone()).await;
    assert_eq!(response.status_code, 200, "{}", response.body);
    let told = json_of(&response);
    assert_eq!(told["conversation_id"], name);
    let line = |event: &Value| {
        (
            event["state"].clone(),
            event["chunks"].clone(),
            event["tags"]["intent_category"].clone(),
        )
    };
    let lines: Vec<_> = told["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(line)
        .collect();
    let expected = [
        (json!("superseded"), json!(0), Value::Null),
        (json!("searchable"), json!(1), json!("complaint")),
    ];
    assert_eq!(lines, expected);
    let tags = &told["events"][1]["tags"];
    assert!(
        tags.get("content_length").is_none(),
        "only what holds of the whole event: {tags}"
    );
    let id = ConversationId::parse(name).unwrap();
    erase(&world.database, &erasure_key(), &id, ReceiptId::generate())
        .await
        .unwrap();
    assert_eq!(send(&world.app, fixture).await.status_code, 404);
    assert_eq!(world.get("/conversations/other").await.status_code, 200);
    let nobody = send(&world.app, event("GET", "/conversations/other", &[])).await;
    assert_eq!(nobody.status_code, 401);
}
