//! A session is erased, whatever is still on its way.

use serde_json::{Value, json};
use shared::db::conversations::erase;
use shared::domain::{ConversationId, ErasureKey, ReceiptId};
use shared::testing::stage::until_waiting;
use tokio::task::JoinHandle;

use crate::world::{ERASURE_KEY, SESSION, TIME, World, request, send};

const CLICKS: &str = "/assist/sessions/s-1/clicks";
/// What is kept of any session.
const ROWS: &str =
    "SELECT (SELECT count(*) FROM ranking_sessions) + (SELECT count(*) FROM ranking_orders)
    + (SELECT count(*) FROM assist_impressions) + (SELECT count(*) FROM assist_clicks)";

fn click() -> Value {
    json!({ "snippet_id": "kb-0", "rank_position": 1, "action": "click" })
}

/// Erases the session `s-1`.
fn begin_erasure(world: &World) -> JoinHandle<()> {
    let database = world.database.database().unwrap();
    let key = ErasureKey::parse(&ERASURE_KEY.into()).unwrap();
    let session = ConversationId::parse("s-1").unwrap();
    tokio::spawn(async move {
        let erased = erase(&database, &key, &session, ReceiptId::generate()).await;
        erased.unwrap();
    })
}

#[tokio::test]
async fn an_erasure_takes_everything_of_a_session_and_leaves_the_chain_whole() {
    let Some(world) = World::start("an_erasure_takes", &[]).await else {
        return;
    };
    world.rank(&request(&[0.5])).await;
    world.ask("POST", CLICKS, &click()).await;
    assert_eq!(world.value::<i64>(ROWS).await, 4);
    begin_erasure(&world).await.unwrap();
    assert_eq!(world.value::<i64>(ROWS).await, 0);
    let receipt: String = world
        .value("SELECT removed ->> 'ranking' FROM erased_conversations")
        .await;
    assert_eq!(receipt, "4");
    assert!(world.audit().await.is_sound());
}

#[tokio::test]
async fn what_is_on_its_way_when_a_session_is_erased_is_refused() {
    let Some(world) = World::start("on_its_way_when_erased", &[]).await else {
        return;
    };
    world.rank(&request(&[0.5])).await;
    world.ask("POST", CLICKS, &click()).await;
    // The erasure has removed its rows, and waits before its commit.
    let others = [world.another().await, world.another().await];
    let hold = "BEGIN; LOCK TABLE stream_offsets IN ACCESS EXCLUSIVE MODE";
    world.rows.batch_execute(hold).await.unwrap();
    let erasing = begin_erasure(&world);
    let looker = world.database.bystander().await.unwrap();
    until_waiting(&looker, 1).await;
    let mut late = Vec::new();
    let asked = [(SESSION, request(&[0.7])), (CLICKS, click())];
    for ((path, body), app) in asked.into_iter().zip(others) {
        let event = world.event("POST", path, &[], &body);
        late.push(tokio::spawn(async move { send(&app, event, TIME).await }));
    }
    // Both have begun, and wait for the erasure.
    until_waiting(&looker, 3).await;
    world.rows.batch_execute("COMMIT").await.unwrap();
    erasing.await.unwrap();
    for late in late {
        let response = late.await.unwrap();
        assert_eq!(response.status_code, 409, "{}", response.body);
        assert!(response.body.contains("erased"), "{}", response.body);
    }
    assert_eq!(world.rank(&request(&[0.5])).await.status_code, 409);
    let clicked = world.ask("POST", CLICKS, &click()).await;
    assert_eq!(clicked.status_code, 409);
    assert_eq!(world.value::<i64>(ROWS).await, 0);
    assert_eq!(world.posted(), 1);
}
