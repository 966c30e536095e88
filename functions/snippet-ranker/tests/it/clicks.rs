//! Clicks, what they teach, and the figures.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::db::snippet_boosts::{Lesson, learn};
use shared::ranking::Learning;

use crate::world::{World, json_of, request};

const CLICKS: &str = "/assist/sessions/s-1/clicks";
const FIXTURE: &str = include_str!("../../../../events/snippet-ranker.click.json");

fn click(snippet: &str, position: u8, action: &str) -> Value {
    json!({ "snippet_id": snippet, "rank_position": position, "action": action })
}

#[tokio::test]
async fn a_click_is_recorded_once_and_an_unknown_impression_is_marked() {
    let Some(world) = World::start("a_click_is_recorded_once", &[]).await else {
        return;
    };
    world.rank(&request(&[0.9, 0.5])).await;
    for (body, status, known) in [
        (click("kb-0", 1, "click"), 201, true),
        (click("kb-0", 1, "click"), 200, true),
        (click("kb-0", 1, "copy"), 201, true),
        (click("kb-0", 2, "click"), 201, false),
        (click("kb-7", 1, "dismiss"), 201, false),
    ] {
        let response = world.ask("POST", CLICKS, &body).await;
        assert_eq!(response.status_code, status, "{body}");
        assert_eq!(json_of(&response), json!({ "known": known }), "{body}");
    }
    let wrong = world.ask("POST", CLICKS, &click("kb-0", 0, "click")).await;
    assert_eq!(wrong.status_code, 400);
    let event: Value = serde_json::from_str(FIXTURE).unwrap();
    let response = crate::world::send(&world.app, event, crate::world::TIME).await;
    assert_eq!(response.status_code, 201, "{}", response.body);
}

#[tokio::test]
async fn clicks_teach_boosts_that_count_only_where_they_are_on() {
    let Some(world) = World::start("clicks_teach_boosts", &[("RANKING_LEARNING", "on")]).await
    else {
        return;
    };
    for session in 0..40 {
        let path = format!("/assist/sessions/t-{session}/ranking");
        world.ask("POST", &path, &request(&[0.51, 0.5])).await;
        let path = format!("/assist/sessions/t-{session}/clicks");
        world.ask("POST", &path, &click("kb-1", 2, "click")).await;
    }
    assert_eq!(world.tick().await["learned"], 2);
    assert_eq!(
        world.tick().await["learned"],
        Value::Null,
        "not so soon again"
    );
    let boost = world
        .ask("GET", "/assist/snippets/kb-1/boost", &Value::Null)
        .await;
    let boost = json_of(&boost);
    assert!(boost["boost"].as_f64().unwrap() > 1.2, "{boost}");
    assert_eq!(boost["mode"], "on");
    assert_eq!(boost["explanation"]["clicks"]["click"], 40);
    let unknown = world
        .ask("GET", "/assist/snippets/kb-9/boost", &Value::Null)
        .await;
    assert_eq!(json_of(&unknown)["boost"], 1.0);

    let first = |answer: &Value| answer["snippets"][0]["snippet_id"].clone();
    let on = json_of(&world.rank(&request(&[0.51, 0.5])).await);
    assert_eq!(first(&on), "kb-1", "{on}");
    let shadow = world.another_with(&[("RANKING_LEARNING", "shadow")]).await;
    let off = world.another_with(&[("RANKING_LEARNING", "off")]).await;
    for (app, mode) in [(shadow, "shadow"), (off, "off")] {
        let event = world.event("POST", crate::world::SESSION, &[], &request(&[0.51, 0.5]));
        let answer = json_of(&crate::world::send(&app, event, crate::world::TIME).await);
        assert_eq!(first(&answer), "kb-0", "{answer}");
        assert_eq!(answer["learning"]["mode"], mode);
        assert_eq!(answer["learning"]["boosts"].is_object(), mode == "shadow");
    }
}

#[tokio::test]
async fn a_lesson_that_takes_too_long_is_broken_off() {
    let Some(world) = World::start("a_lesson_that_takes_too_long", &[]).await else {
        return;
    };
    let hold = "BEGIN; LOCK TABLE assist_impressions IN ACCESS EXCLUSIVE MODE";
    world.rows.batch_execute(hold).await.unwrap();
    let database = world.database.database().unwrap();
    let (rules, since) = (Learning::default(), Timestamp::UNIX_EPOCH);
    let pause = Duration::ZERO;
    // By its own limit, and by that of waiting for a lock.
    for (most, at_most) in [(200, 3), (60_000, 9)] {
        let begun = Instant::now();
        let most = Duration::from_millis(most);
        let learned = learn(&database, &rules, since, pause, most).await;
        assert_eq!(learned.unwrap(), Lesson::Late);
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(at_most), "{took:?}");
    }
}

#[tokio::test]
async fn figures_that_take_too_long_are_broken_off() {
    let Some(world) = World::start("figures_that_take_too_long", &[]).await else {
        return;
    };
    let hold = "BEGIN; LOCK TABLE audit_entries IN ACCESS EXCLUSIVE MODE";
    world.rows.batch_execute(hold).await.unwrap();
    let begun = Instant::now();
    let response = world.ask("GET", "/assist/metrics", &Value::Null).await;
    assert_eq!(response.status_code, 503, "{}", response.body);
    let waited = begun.elapsed();
    assert!(waited < Duration::from_secs(15), "{waited:?}");
}

#[tokio::test]
async fn the_figures_are_those_of_the_span() {
    let Some(world) = World::start("the_figures_are_those", &[]).await else {
        return;
    };
    let empty = json_of(&world.ask("GET", "/assist/metrics", &Value::Null).await);
    assert_eq!(
        empty["latency_ms"],
        json!({ "average": null, "p50": null, "p95": null })
    );
    world.meet(1, cxone_simulator::Fault::Slow { ms: 300 });
    world.rank(&request(&[0.9, 0.5])).await;
    world.meet(1, cxone_simulator::Fault::status(400));
    world.rank(&request(&[0.9])).await;
    world.ask("POST", CLICKS, &click("kb-0", 1, "insert")).await;
    world.ask("POST", CLICKS, &click("kb-9", 1, "click")).await;
    let response = world
        .ask("GET", "/assist/metrics?window=1h", &Value::Null)
        .await;
    assert_eq!(response.status_code, 200, "{}", response.body);
    let figures = json_of(&response);
    for (name, expected) in [
        ("posts", json!(1)),
        ("failures", json!({ "failed": 1 })),
        ("impressions", json!(2)),
        ("clicks", json!({ "click": 1, "insert": 1 })),
        ("unknown_clicks", json!(1)),
        ("audit_entries", json!(2)),
        ("learning", json!("shadow")),
        (
            "positions",
            json!([
                { "position": 1, "impressions": 1, "used": 1, "click_through": 1.0 },
                { "position": 2, "impressions": 1, "used": 0, "click_through": 0.0 },
            ]),
        ),
    ] {
        assert_eq!(figures[name], expected, "{name}");
    }
    assert!(figures["latency_ms"]["p95"].as_f64().unwrap() >= 300.0);
    let before = "/assist/metrics?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z";
    let before = json_of(&world.ask("GET", before, &Value::Null).await);
    assert_eq!(
        (&before["posts"], &before["audit_entries"]),
        (&json!(0), &json!(0))
    );
}
