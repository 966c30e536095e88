//! What is done once a minute.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::world::{World, invoke, json_of, request, tick};

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
async fn all_that_is_old_goes_in_one_tick_and_a_session_after_its_orders() {
    let world = World::start("all_that_is_old_goes", &[("RETENTION_DAYS", "30")]).await;
    let Some(world) = world else {
        return;
    };
    world.rank(&request(&[0.5])).await;
    let old = "INSERT INTO assist_impressions (session_id, snippet_id, position, source, shown_at)
            SELECT 's-0', 'kb-' || n, 1, 'ranking', now() - interval '31 days' FROM generate_series(1, 1700) n;
        UPDATE ranking_sessions SET updated_at = now() - interval '31 days'";
    world.rows.batch_execute(old).await.unwrap();
    assert_eq!(world.tick().await["removed"], 1_700);
    let sessions: i64 = world.value("SELECT count(*) FROM ranking_sessions").await;
    assert_eq!(sessions, 1, "an order of it is left");
    assert_eq!(world.rank(&request(&[0.5])).await.status_code, 200);
}

#[tokio::test]
async fn a_lesson_that_takes_too_long_fails_no_tick_and_is_not_tried_at_once_again() {
    let world = World::start("a_late_lesson", &[]).await;
    let Some(world) = world else {
        return;
    };
    world.rank(&request(&[0.9, 0.5])).await;
    let slow = "ALTER TABLE snippet_boosts RENAME TO elsewhere;
        CREATE VIEW snippet_boosts AS SELECT b.* FROM pg_sleep(60) LEFT JOIN elsewhere b ON true";
    world.rows.batch_execute(slow).await.unwrap();
    let ticked = world.tick().await;
    assert_eq!(ticked["learned"], Value::Null);
    assert_eq!(ticked["anchored"], true);
    let fast = "DROP VIEW snippet_boosts; ALTER TABLE elsewhere RENAME TO snippet_boosts";
    world.rows.batch_execute(fast).await.unwrap();
    let since = std::time::Instant::now();
    assert_eq!(world.tick().await["learned"], Value::Null);
    assert!(since.elapsed() < Duration::from_secs(5));
    let other = world.another().await;
    let ticked = serde_json::to_value(tick(&other).await.unwrap()).unwrap();
    assert_eq!(
        ticked["learned"], 2,
        "another environment knows nothing of it"
    );
}

#[tokio::test]
async fn a_lesson_of_several_slow_statements_is_broken_off_as_a_whole() {
    let Some(world) = World::start("a_lesson_of_slow_statements", &[]).await else {
        return;
    };
    world.rank(&request(&[0.9, 0.5])).await;
    let slow = "CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(5); RETURN NULL; END';
        CREATE TRIGGER nap BEFORE DELETE OR INSERT ON snippet_boosts EXECUTE FUNCTION nap()";
    world.rows.batch_execute(slow).await.unwrap();
    let ticked = world.tick().await;
    assert_eq!(ticked["learned"], Value::Null, "it took ten seconds");
    let boosts: i64 = world.value("SELECT count(*) FROM snippet_boosts").await;
    assert_eq!(boosts, 0);
}

#[tokio::test]
async fn nothing_waits_for_learning() {
    let Some(world) = World::start("nothing_waits_for_learning", &[]).await else {
        return;
    };
    let (url, told) = listen().await;
    let mut body = request(&[0.9, 0.5]);
    body["callback_url"] = json!(url);
    world.rank(&body).await;
    let hold = "BEGIN; LOCK TABLE snippet_boosts IN ACCESS EXCLUSIVE MODE";
    world.rows.batch_execute(hold).await.unwrap();
    let app = Arc::clone(&world.app);
    let ticking = tokio::spawn(async move { tick(&app).await });
    // Whoever learns gives up after five seconds.
    for _ in 0..80 {
        if !told.lock().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(told.lock().unwrap().len(), 1);
    world.rows.batch_execute("COMMIT").await.unwrap();
    let ticked = serde_json::to_value(ticking.await.unwrap().unwrap()).unwrap();
    assert_eq!(ticked["anchored"], true);
    assert_eq!(ticked["learned"], 2);
}

/// The audit is everybody's, whether snippets are ordered or not.
#[tokio::test]
async fn a_tenant_without_ranking_has_its_audit_anchored() {
    let Some(world) = World::start("a_tenant_without_ranking", &[("CXONE_PROFILE", "{}")]).await
    else {
        return;
    };
    assert_eq!(world.tick().await["anchored"], true);
    let answer = world.rank(&request(&[0.9, 0.5])).await;
    assert_eq!(answer.status_code, 503, "{answer:?}");
    assert_eq!(world.rank(&json!({})).await.status_code, 400);
    assert_eq!(world.tick().await["posted"], 0, "nothing was taken");
}
