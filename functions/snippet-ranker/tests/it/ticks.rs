//! What is done once a minute.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::world::{World, invoke, json_of, request};

const FIXTURE: &str = include_str!("../../../../events/snippet-ranker.tick.json");

/// A server that says 200 to everything, and what it was told.
async fn listen() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/told", listener.local_addr().unwrap());
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 1 << 16];
            let length = stream.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            heard.lock().unwrap().push(request);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.unwrap();
        }
    });
    (url, told)
}

#[tokio::test]
async fn whoever_wants_to_know_is_told_signed_and_once() {
    let Some(world) = World::start("whoever_wants_to_know", &[]).await else {
        return;
    };
    let (url, told) = listen().await;
    let mut body = request(&[0.9, 0.5]);
    body["callback_url"] = json!(url);
    let answer = json_of(&world.rank(&body).await);
    assert!(
        told.lock().unwrap().is_empty(),
        "the answer does not wait for it"
    );
    assert_eq!(world.tick().await["delivered"], 1);
    assert_eq!(world.tick().await["delivered"], 0);
    let told = told.lock().unwrap().clone();
    let [told] = &told[..] else {
        panic!("{told:?}")
    };
    assert!(told.contains("webhook-signature: v1,"), "{told}");
    let (_, body) = told.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["audit"], answer["audit"]);
    assert_eq!(body["ranking_result"]["snippets"], answer["snippets"]);
    assert_eq!(body["ranking_result"]["session_id"], "s-1");
}

#[tokio::test]
async fn the_fixture_ticks_and_anchors_the_audit() {
    let Some(world) = World::start("the_fixture_ticks", &[]).await else {
        return;
    };
    world.rank(&request(&[0.5])).await;
    let event: Value = serde_json::from_str(FIXTURE).unwrap();
    let ticked = invoke(&world.app, event, crate::world::TIME).await.unwrap();
    assert_eq!(serde_json::to_value(ticked).unwrap()["anchored"], true);
    assert_eq!(world.tick().await["anchored"], false, "not so soon again");
    let other = invoke(&world.app, json!({ "task": "tock" }), crate::world::TIME).await;
    assert_eq!(other.unwrap_err().error_type, "invalid");
}

#[tokio::test]
async fn what_is_old_goes() {
    let Some(world) = World::start("what_is_old_goes", &[("RETENTION_DAYS", "30")]).await else {
        return;
    };
    let old = "UPDATE ranking_sessions SET updated_at = now() - interval '31 days' WHERE session_id = 's-1';
        UPDATE ranking_orders SET created_at = now() - interval '31 days' WHERE session_id = 's-1';
        UPDATE assist_impressions SET shown_at = now() - interval '31 days' WHERE session_id = 's-1';
        UPDATE assist_clicks SET clicked_at = now() - interval '31 days' WHERE session_id = 's-1'";
    let click = json!({ "snippet_id": "kb-0", "rank_position": 1, "action": "click" });
    for _ in 0..2 {
        world.rank(&request(&[0.5])).await;
        world
            .ask("POST", "/assist/sessions/s-1/clicks", &click)
            .await;
        world.rows.batch_execute(old).await.unwrap();
        let other = "/assist/sessions/s-2/ranking";
        world.ask("POST", other, &request(&[0.5])).await;
        assert_eq!(world.tick().await["removed"], 4);
    }
    let left: i64 = world
        .value("SELECT count(*) FROM ranking_orders WHERE session_id = 's-2'")
        .await;
    assert_eq!(left, 2);
}

#[tokio::test]
async fn an_erasure_takes_everything_of_a_session_and_leaves_the_chain_whole() {
    let Some(world) = World::start("an_erasure_takes", &[]).await else {
        return;
    };
    world.rank(&request(&[0.5])).await;
    let click = json!({ "snippet_id": "kb-0", "rank_position": 1, "action": "click" });
    world
        .ask("POST", "/assist/sessions/s-1/clicks", &click)
        .await;
    let key = shared::domain::ErasureKey::parse(&"erasure-0123456789abcdef0123456789abcdef".into());
    let conversation = shared::domain::ConversationId::parse("s-1").unwrap();
    let mac = key.unwrap().mac(&conversation);
    let database = world.database.database().unwrap();
    let receipt = shared::domain::ReceiptId::generate();
    shared::db::conversations::erase(&database, &conversation, &mac, receipt)
        .await
        .unwrap();
    let left =
        "SELECT (SELECT count(*) FROM ranking_sessions) + (SELECT count(*) FROM ranking_orders)
        + (SELECT count(*) FROM assist_impressions) + (SELECT count(*) FROM assist_clicks)";
    assert_eq!(world.value::<i64>(left).await, 0);
    assert!(world.audit().await.is_sound());
}
