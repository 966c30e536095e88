//! Locks, faults, and orders that overtake each other.

use std::sync::Arc;
use std::time::Duration;

use cxone_simulator::Fault;
use serde_json::json;
use shared::http::Response;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::world::{SESSION, TIME, World, json_of, request, send};

/// Asks in another environment of the function, and goes on.
async fn begin(world: &World, scores: &[f64], time: Duration) -> JoinHandle<Response> {
    let app = world.another().await;
    let event = world.event("POST", SESSION, &[], &request(scores));
    tokio::spawn(async move { send(&app, event, time).await })
}

/// Waits until so many orders were accepted.
async fn accepted(world: &World, count: i64) {
    while world
        .value::<i64>("SELECT count(*) FROM ranking_orders")
        .await
        < count
    {
        sleep(Duration::from_millis(5)).await;
    }
}

fn top(world: &World) -> f64 {
    let shown = world.simulator.ranking().shown("s-1").unwrap();
    shown["snippets"][0]["relevance_score"].as_f64().unwrap()
}

#[tokio::test]
async fn a_lock_is_waited_for() {
    let Some(world) = World::start("a_lock_is_waited_for", &[]).await else {
        return;
    };
    let hand = world.simulator.ranking();
    hand.lock_for("s-1", Duration::from_millis(1_500));
    let since = Instant::now();
    let response = world.rank(&request(&[0.5])).await;
    assert_eq!(response.status_code, 200, "{}", response.body);
    assert!(since.elapsed() > Duration::from_millis(1_400));
    let looks = world.simulator.requests("/api/v2/agentassist/sessions/s-1");
    let looks = looks.iter().filter(|one| one.method == "GET").count();
    assert!(looks >= 2, "{looks}");
    assert_eq!(world.posted(), 2, "it looks, rather than posts");
}

#[tokio::test]
async fn a_lock_that_stays_is_503_after_five_seconds_and_the_tick_posts_later() {
    let Some(world) = World::start("a_lock_that_stays", &[]).await else {
        return;
    };
    world.simulator.ranking().lock("s-1");
    let since = Instant::now();
    let response = begin(&world, &[0.5], TIME).await.await.unwrap();
    let waited = since.elapsed();
    assert!(
        (Duration::from_secs(5)..Duration::from_secs(10)).contains(&waited),
        "{waited:?}"
    );
    assert_eq!(response.status_code, 503);
    assert_eq!(response.headers["retry-after"], "15");
    let state: String = world
        .value("SELECT state || ' ' || status FROM ranking_orders")
        .await;
    assert_eq!(state, "locked 409");
    assert_eq!(world.tick().await["unsure"], 1);
    world.simulator.ranking().unlock("s-1");
    assert_eq!(world.tick().await["posted"], 1);
    assert_eq!(world.tick().await["posted"], 0);
    assert!((top(&world) - 0.5).abs() < 1e-9);
    let state: String = world.value("SELECT state FROM ranking_orders").await;
    assert_eq!(state, "posted");
    let ends: i64 = world.value("SELECT count(*) FROM audit_entries").await;
    assert_eq!(ends, 2, "locked, and posted");
}

#[tokio::test]
async fn a_newer_order_overtakes_those_that_wait() {
    let Some(world) = World::start("a_newer_order_overtakes", &[]).await else {
        return;
    };
    world.simulator.ranking().lock("s-1");
    let first = begin(&world, &[0.1], TIME).await;
    accepted(&world, 1).await;
    let second = begin(&world, &[0.2], TIME).await;
    accepted(&world, 2).await;
    let third = begin(&world, &[0.3], TIME).await;
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    world.simulator.ranking().unlock("s-1");
    let third = third.await.unwrap();
    for overtaken in [&first, &second] {
        assert_eq!(overtaken.status_code, 409, "{}", overtaken.body);
        let body = json_of(overtaken);
        let detail = body["detail"].as_str().unwrap();
        assert!(
            detail.contains("a newer order of this session, version"),
            "{detail}"
        );
    }
    assert_eq!(third.status_code, 200, "{}", third.body);
    assert_eq!(json_of(&third)["version"], 3);
    assert_eq!(world.simulator.ranking().orders("s-1").len(), 1);
    let states: String = world
        .value("SELECT string_agg(state, ' ' ORDER BY version) FROM ranking_orders")
        .await;
    assert_eq!(states, "superseded superseded posted");
    let ends: i64 = world.value("SELECT count(*) FROM audit_entries").await;
    assert_eq!(ends, 3);
}

#[tokio::test]
async fn faults_that_pass_are_waited_out() {
    let Some(world) = World::start("faults_that_pass", &[]).await else {
        return;
    };
    let busy = Fault::Status {
        status: 429,
        retry_after: Some("1".to_owned()),
        code: None,
        body: None,
    };
    for (fault, least) in [
        (Fault::ExecutedThenLost, 0),
        (Fault::Lost, 0),
        (Fault::Cut, 0),
        (Fault::status(500), 0),
        (Fault::status(503), 0),
        (Fault::status(409), 100),
        (Fault::status(401), 0),
        (busy, 1_000),
    ] {
        let kind = fault.kind();
        world.meet(1, fault);
        let since = Instant::now();
        let response = world.rank(&request(&[0.5])).await;
        assert_eq!(response.status_code, 200, "{kind}: {}", response.body);
        assert!(since.elapsed() >= Duration::from_millis(least), "{kind}");
    }
    let unsure: bool = world.value("SELECT unsure FROM ranking_sessions").await;
    assert!(unsure, "a lost order may still arrive");
}

#[tokio::test]
async fn what_cxone_does_not_take_is_told_with_its_word_and_again_on_repeat() {
    let Some(world) = World::start("what_cxone_does_not_take", &[]).await else {
        return;
    };
    let refusal = Fault::Status {
        status: 400,
        retry_after: None,
        code: None,
        body: Some(json!({ "error": "no_such_snippet", "error_description": "Jane Roe" })),
    };
    for (fault, status, says) in [
        (refusal, 502, "(HTTP 400): no_such_snippet\""),
        (Fault::status(404), 404, ""),
    ] {
        world.meet(1, fault);
        let key = [("idempotency-key", if status == 404 { "k-2" } else { "k-1" })];
        let first = world
            .ask_with("POST", SESSION, &key, &request(&[0.5]))
            .await;
        assert_eq!(first.status_code, status, "{}", first.body);
        assert!(first.body.contains(says), "{}", first.body);
        let again = world
            .ask_with("POST", SESSION, &key, &request(&[0.5]))
            .await;
        assert_eq!((again.status_code, again.body), (status, first.body));
    }
    assert_eq!(world.posted(), 2);
    assert_eq!(world.tick().await["posted"], 0, "it is not tried again");
}

#[tokio::test]
async fn boosts_that_tear_scores_apart_are_refused_with_a_way_out() {
    let Some(world) = World::start("boosts_that_tear", &[]).await else {
        return;
    };
    let mut body = request(&[0.9, 0.9]);
    body["snippets"][0]["boost_factor"] = json!(10);
    body["snippets"][1]["boost_factor"] = json!(0.004);
    let response = world.rank(&body).await;
    assert_eq!(response.status_code, 502, "{}", response.body);
    assert!(
        response.body.contains("normalization min-max"),
        "{}",
        response.body
    );
    assert_eq!(world.posted(), 3);
}

#[tokio::test]
async fn a_scope_that_is_missing_is_503_and_the_order_waits() {
    let Some(world) = World::start("a_scope_that_is_missing", &[]).await else {
        return;
    };
    world.meet(1, Fault::status(403));
    let response = world.rank(&request(&[0.5])).await;
    assert_eq!(response.status_code, 503, "{}", response.body);
    assert_eq!(world.tick().await["posted"], 1);
    assert!((top(&world) - 0.5).abs() < 1e-9);
}

#[tokio::test]
async fn a_poster_that_dies_loses_its_lease_and_what_it_left_is_posted() {
    let Some(world) = World::start("a_poster_that_dies", &[]).await else {
        return;
    };
    world.simulator.ranking().lock("s-1");
    // The lease begins some time after this.
    let since = Instant::now();
    let poster = begin(&world, &[0.1], TIME).await;
    accepted(&world, 1).await;
    poster.abort();
    let heir = begin(&world, &[0.2], TIME).await;
    world.simulator.ranking().unlock("s-1");
    let heir = heir.await.unwrap();
    assert_eq!(heir.status_code, 200, "{}", heir.body);
    assert!(
        since.elapsed() > Duration::from_secs(7),
        "{:?}",
        since.elapsed()
    );
    assert!((top(&world) - 0.2).abs() < 1e-9);
    // What the dead one posted may still arrive: the newest is posted once more.
    assert_eq!(world.tick().await["posted"], 1);
    let rest = "UPDATE ranking_orders SET created_at = now() - interval '2 minutes'";
    world.rows.execute(rest, &[]).await.unwrap();
    assert_eq!(world.tick().await["abandoned"], 1);
    let states: String = world
        .value("SELECT string_agg(state, ' ' ORDER BY version) FROM ranking_orders")
        .await;
    assert_eq!(states, "superseded posted");
}

#[tokio::test]
async fn a_repeat_takes_over_what_a_dead_environment_left() {
    let Some(world) = World::start("a_repeat_takes_over", &[]).await else {
        return;
    };
    world.simulator.ranking().lock("s-1");
    let app = world.another().await;
    let key = [("idempotency-key", "k-1")];
    let event = world.event("POST", SESSION, &key, &request(&[0.5]));
    let asked = event.clone();
    let dead = tokio::spawn({
        let app = Arc::clone(&app);
        async move { send(&app, asked, TIME).await }
    });
    accepted(&world, 1).await;
    dead.abort();
    world.simulator.ranking().unlock("s-1");
    let response = send(&app, event, TIME).await;
    assert_eq!(response.status_code, 200, "{}", response.body);
    assert_eq!(json_of(&response)["version"], 1);
}

#[tokio::test]
async fn an_order_that_is_on_its_way_while_a_newer_one_comes_is_told_as_posted() {
    let Some(world) = World::start("on_its_way_while_newer", &[]).await else {
        return;
    };
    let mut body = request(&[0.1]);
    body["callback_url"] = json!("http://127.0.0.1:9/told");
    let key = [("idempotency-key", "k-1")];
    let event = world.event("POST", SESSION, &key, &body);
    let (app, other) = (world.another().await, world.another().await);
    // Almost as long as anybody waits for an answer, so that the others come meanwhile.
    world.meet(1, Fault::Slow { ms: 4_500 });
    let asked = event.clone();
    let poster = tokio::spawn(async move { send(&app, asked, TIME).await });
    while world.posted() == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    let newest = world.event("POST", SESSION, &[], &request(&[0.2]));
    let newer = tokio::spawn(async move { send(&other, newest, TIME).await });
    accepted(&world, 2).await;
    let repeat = send(&world.app, event, TIME).await;
    assert_eq!(repeat.status_code, 409, "{}", repeat.body);
    let poster = poster.await.unwrap();
    assert_eq!(poster.status_code, 200, "{}", poster.body);
    assert_eq!(newer.await.unwrap().status_code, 200);
    let states: String = world
        .value("SELECT string_agg(state, ' ' ORDER BY version) FROM ranking_orders")
        .await;
    assert_eq!(states, "posted posted");
    let callbacks: i64 = world.value("SELECT count(*) FROM callbacks").await;
    assert_eq!(callbacks, 1);
}
