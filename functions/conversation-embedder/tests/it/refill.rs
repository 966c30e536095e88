//! Re-embedding: in short runs, beside new events and erasures, and under a new map.

use std::time::Duration;

use conversation_embedder::App;
use cxone_simulator::{Fault, FaultPlan, FaultRule};
use serde_json::{Value, json};
use shared::testing::proof_size;

use crate::drive::{deliver, invoke, redeliver};
use crate::messages::{completed, message, payload};
use crate::world::World;

/// Leaves two or three seconds for pages.
const SHORT: Duration = Duration::from_secs(11);

fn second(world: &World) -> String {
    json!({"provider": "openai", "base_url": world.simulator.url(), "model": "all-MiniLM-L6-v2", "dimensions": 384, "key_secret_id": "embedding-key"})
        .to_string()
}

async fn fill(app: &App, time: Duration) -> Value {
    invoke(app, json!({"task": "reembed"}), time).await.unwrap()
}

fn said(from: usize, to: usize) -> Vec<String> {
    (from..to)
        .map(|n| completed(&format!("c{n}"), &format!("Number {n}.")))
        .collect()
}

#[tokio::test]
async fn short_runs_fill_a_model_while_events_come_and_go() {
    let Some(world) = World::start("short_runs_fill_a_model", &[]).await else {
        return;
    };
    let count = proof_size(400, 20_000);
    assert!(redeliver(&world.app, said(0, count), 1).await.is_empty());
    let app = world.again(&[("EMBEDDING_SECOND", &second(&world))]).await;
    let slow = FaultRule::rate(
        "/v1/embeddings",
        1.0,
        Fault::Slow {
            ms: proof_size(600, 100) as u64,
        },
    );
    world
        .simulator
        .set_faults(FaultPlan {
            seed: 0,
            rules: vec![slow],
        })
        .unwrap();
    let (mut runs, mut idle, mut done) = (0, 0, 0);
    let mut expected = i64::try_from(count).unwrap();
    loop {
        // Beside it new events come, which get both models at once, and a conversation that has none yet is erased.
        let new = said(count + runs, count + runs + 1);
        let gone = json!({"task": "erase", "conversation_id": format!("c{}", count - 1 - runs)});
        let (report, failed, receipt) = tokio::join!(
            fill(&app, SHORT),
            deliver(&app, &new, SHORT),
            world.run(&gone)
        );
        assert!(failed.is_empty() && receipt.is_ok());
        runs += 1;
        let line = &report["models"][1];
        expected += i64::from(line["dimensions"] == 384) - 1;
        let counts = |field: &str| line[field].as_i64().unwrap();
        assert_eq!(counts("failed"), 0);
        // On a slow machine the time of one run may be over before its first page.
        let goes_on = counts("done") > done || report["finished"] == true;
        idle = if goes_on { 0 } else { idle + 1 };
        assert!(idle < 2, "it goes on: {report}");
        done = counts("done");
        assert!(
            (counts("done") + counts("left") - expected).abs() <= 1,
            "{report}, expected {expected}"
        );
        if report["finished"] == true {
            break;
        }
        assert!(runs < 500, "{report}");
    }
    assert!(runs > 1, "one run was enough, so nothing is proven");
    world.simulator.clear_faults();
    let asked = world.asked();
    let report = fill(&app, SHORT).await;
    assert_eq!(
        (&report["finished"], world.asked()),
        (&json!(true), asked),
        "a repeat does nothing"
    );
    let both = "(SELECT event_id FROM conversation_embeddings GROUP BY event_id HAVING count(*) = 2 AND count(embedding) = 2
        AND count(DISTINCT model_id) = 2) e";
    let events = world.count("conversation_events").await;
    assert_eq!(world.count(both).await, events);
    assert_eq!(report["models"][1]["done"], events);
    println!(
        "{count} events in {runs} runs, each {SHORT:?}: {events} left after {runs} erasures, all with both models"
    );
}

/// Where many events are done already, to look for the first that is not takes all of a run.
#[tokio::test]
async fn a_run_goes_on_where_the_one_before_stopped() {
    let Some(world) = World::start("a_run_goes_on_where_the_one_before", &[]).await else {
        return;
    };
    assert!(redeliver(&world.app, said(0, 200), 1).await.is_empty());
    let app = world.again(&[("EMBEDDING_SECOND", &second(&world))]).await;
    let slow = FaultRule::rate("/v1/embeddings", 1.0, Fault::Slow { ms: 1_500 });
    let rules = vec![slow];
    world
        .simulator
        .set_faults(FaultPlan { seed: 0, rules })
        .unwrap();
    let first = fill(&app, SHORT).await;
    assert_eq!(first["finished"], false, "{first}");
    let place = first["after"].clone();
    assert!(place["event"].as_i64() >= Some(50), "{first}");
    world.simulator.clear_faults();
    // What lies before the place is not looked at: one event of it is done no more.
    let undone = "DELETE FROM embedded WHERE event_id = (SELECT min(id) FROM conversation_events) AND model_id = 2";
    world.rows.execute(undone, &[]).await.unwrap();
    let asked = world.asked();
    let task = json!({"task": "reembed", "after": place});
    let report = invoke(&app, task, Duration::from_secs(30)).await.unwrap();
    assert!(world.asked() > asked, "{report}");
    assert_eq!(
        (
            &report["finished"],
            &report["models"][1]["left"],
            &report["after"]
        ),
        (&json!(false), &json!(1), &Value::Null),
        "the next pass begins anew: {report}"
    );
    let report = fill(&app, Duration::from_secs(30)).await;
    assert_eq!(report["finished"], true, "{report}");
    // A model that is not configured any more is no place: all of it is looked at.
    world.rows.execute(undone, &[]).await.unwrap();
    let gone = json!({"model": 99, "event": 1_000_000, "failed": 0});
    let task = json!({"task": "reembed", "after": gone});
    let report = invoke(&app, task, Duration::from_secs(30)).await.unwrap();
    assert_eq!(report["finished"], true, "{report}");
}

/// A run whose last page was begun too late for a slow model, or during an outage, forgets nothing of its way.
#[tokio::test]
async fn the_place_is_kept_where_the_model_is_slow_or_away() {
    let Some(world) = World::start("the_place_is_kept", &[]).await else {
        return;
    };
    assert!(redeliver(&world.app, said(0, 120), 1).await.is_empty());
    let second = second(&world);
    let settings = [("EMBEDDING_SECOND", second.as_str())];
    let meet = |rules| {
        let plan = FaultPlan { seed: 0, rules };
        world.simulator.set_faults(plan).unwrap();
    };
    let slow = FaultRule::rate("/v1/embeddings", 1.0, Fault::Slow { ms: 30_000 });
    let well = FaultRule::next("/v1/embeddings", 1, Fault::Slow { ms: 1 });
    meet(vec![well, slow]);
    let report = fill(&world.again(&settings).await, Duration::from_secs(30)).await;
    let fiftieth = "(SELECT id FROM conversation_events ORDER BY id LIMIT 50) e";
    let fiftieth = "SELECT 'event', max(id) FROM ".to_owned() + fiftieth;
    let event = world.tally(&fiftieth).await["event"];
    let place = json!({"model": 2, "event": event, "failed": 0});
    assert_eq!(report["after"], place, "{report}");
    assert_eq!(report["models"][1]["failed"], 50, "{report}");
    let on = |place: &Value| json!({"task": "reembed", "after": place});
    let away = FaultRule::rate("/v1/embeddings", 1.0, Fault::status(503));
    meet(vec![away]);
    let app = world.again(&settings).await;
    let report = invoke(&app, on(&place), SHORT).await.unwrap();
    assert_eq!(report["after"], place, "{report}");
    world.simulator.clear_faults();
    let app = world.again(&settings).await;
    let report = invoke(&app, on(&place), Duration::from_secs(30)).await;
    assert_eq!(report.unwrap()["finished"], true);
}

#[tokio::test]
async fn a_new_map_rewrites_history() {
    let Some(world) = World::start("a_new_map_rewrites_history", &[]).await else {
        return;
    };
    assert!(world.deliver(&said(0, 120)).await.is_empty());
    let app = world
        .again(&[("SCHEMA_MAP", r#"{"subject": "Topic"}"#)])
        .await;
    let report = fill(&app, Duration::from_secs(30)).await;
    assert_eq!(
        (&report["finished"], &report["models"][0]["done"]),
        (&json!(true), &json!(120)),
        "{report}"
    );
    let texts = world.texts().await;
    assert_eq!(texts.len(), 120);
    assert!(
        texts
            .iter()
            .all(|(_, text)| text == "Topic: Order refund request"),
        "{:?}",
        texts[0]
    );
    // And back, under the map that was there before.
    let report = fill(&world.app, Duration::from_secs(30)).await;
    assert_eq!(report["finished"], true, "{report}");
    let texts = world.texts().await;
    assert_eq!(texts.len(), 120);
    assert!(
        texts.iter().all(|(_, text)| text.contains("Number")),
        "{:?}",
        texts[0]
    );
    assert_eq!(
        world
            .count("conversation_events WHERE state = 'searchable'")
            .await,
        120
    );
}

#[tokio::test]
async fn notes_that_took_each_others_place_stand_again_under_a_map_that_says_so() {
    let Some(world) = World::start("notes_that_took_each_others_place", &[]).await else {
        return;
    };
    let note = |minute| message(&payload("one", "conversation.note", minute, "A note."));
    let notes: Vec<_> = (0..5).map(note).collect();
    assert!(world.deliver(&notes).await.is_empty());
    assert!(
        world
            .deliver(&[completed("one", "The end.")])
            .await
            .is_empty()
    );
    assert_eq!(world.texts().await.len(), 1);
    let map = r#"{"events": {"conversation.note": {"fields": {"transcript.customer": "Note"}, "supersedes": false}}}"#;
    let app = world.again(&[("SCHEMA_MAP", map)]).await;
    let report = fill(&app, Duration::from_secs(30)).await;
    assert_eq!(
        (&report["finished"], &report["models"][0]["done"]),
        (&json!(true), &json!(6)),
        "{report}"
    );
    let texts = world.texts().await;
    let notes = texts.iter().filter(|(_, text)| text == "Note: A note.");
    assert_eq!((texts.len(), notes.count()), (6, 5), "{texts:?}");
    // A later event takes the place of the whole conversation's text and of no note.
    let again = message(&payload("one", "conversation.updated", 50, "More."));
    assert!(deliver(&app, &[again], SHORT).await.is_empty());
    assert_eq!(world.texts().await.len(), 6);
}

#[tokio::test]
async fn a_model_that_does_not_answer_ends_the_run_and_loses_nothing() {
    let Some(world) = World::start("a_model_that_does_not_answer", &[]).await else {
        return;
    };
    assert!(world.deliver(&said(0, 120)).await.is_empty());
    let app = world.again(&[("EMBEDDING_SECOND", &second(&world))]).await;
    let down = FaultRule::rate("/v1/embeddings", 1.0, Fault::status(503));
    world
        .simulator
        .set_faults(FaultPlan {
            seed: 0,
            rules: vec![down],
        })
        .unwrap();
    let report = fill(&app, Duration::from_secs(30)).await;
    assert_eq!(
        (&report["finished"], &report["models"][1]["left"]),
        (&json!(false), &json!(120)),
        "{report}"
    );
    assert_eq!(
        report["models"][1]["failed"], 50,
        "one page, not all of history: {report}"
    );
    let switch =
        |force| json!({"task": "switch_model", "model": "all-MiniLM-L6-v2", "force": force});
    let refused = invoke(&app, switch(false), SHORT).await.unwrap_err();
    assert_eq!(refused.error_type, "conflict");
    let switched = invoke(&app, switch(true), SHORT).await.unwrap();
    assert_eq!(switched["active"]["dimensions"], 384, "{switched}");
    assert_eq!(
        world
            .count("embedding_models WHERE active AND dimensions = 384")
            .await,
        1
    );
    let unknown = json!({"task": "switch_model", "model": "nobody"});
    assert_eq!(
        invoke(&app, unknown, SHORT).await.unwrap_err().error_type,
        "invalid"
    );
}

#[tokio::test]
async fn rows_from_before_get_their_words_and_the_model_is_not_asked() {
    let Some(world) = World::start("rows_from_before_get_their_words", &[]).await else {
        return;
    };
    assert!(world.deliver(&said(0, 60)).await.is_empty());
    let before = "UPDATE conversation_embeddings SET doc = NULL, words = 0, analysis = NULL, words_version = NULL;
        UPDATE embedded SET words_version = 0; TRUNCATE word_blocks, word_postings";
    world.rows.batch_execute(before).await.unwrap();
    let asked = world.asked();
    let report = fill(&world.app, SHORT).await;
    assert_eq!((&report["finished"], world.asked()), (&json!(true), asked));
    assert_eq!(world.texts().await.len(), 60);
    let without = "conversation_embeddings WHERE doc IS NULL OR words = 0";
    assert_eq!(world.count(without).await, 0);
    let chunks = "SELECT 'all', sum(chunks)::int8 FROM word_blocks";
    assert_eq!(world.tally(chunks).await["all"], 60);
}
