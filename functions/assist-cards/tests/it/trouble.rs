//! CXone, the provider and the database fail, and no card comes twice.

use std::time::{Duration, Instant};

use cxone_simulator::{Fault, FaultPlan, FaultRule};
use serde_json::json;
use shared::db::conversations::erase;
use shared::domain::{ConversationId, ErasureKey, ReceiptId};

use crate::world::{ERASURE_KEY, REFUND, ROUTER, World, said};

fn strike(world: &World, path: &str, fault: Fault, times: Option<u64>) {
    let rule = match times {
        Some(count) => FaultRule::next(path, count, fault),
        None => FaultRule::rate(path, 1.0, fault),
    };
    let plan = FaultPlan {
        seed: 0,
        rules: vec![rule],
    };
    world.simulator.set_faults(plan).unwrap();
}

fn status(status: u16, retry_after: Option<&str>) -> Fault {
    Fault::Status {
        status,
        retry_after: retry_after.map(str::to_owned),
        code: None,
        body: None,
    }
}

async fn state(world: &World, interaction: &str) -> Vec<String> {
    let kept = world.kept(interaction).await;
    kept.into_iter().map(|(_, state)| state).collect()
}

#[tokio::test]
async fn a_lost_answer_leaves_one_card_and_a_lost_post_none() {
    let Some(world) = World::start("cards_lost").await else {
        return;
    };
    for (interaction, fault, cards) in
        [("i-1", Fault::ExecutedThenLost, 1), ("i-2", Fault::Lost, 0)]
    {
        strike(&world, "assist", fault, None);
        let first = said(interaction, 1, REFUND);
        assert!(world.hear(std::slice::from_ref(&first)).await.is_empty());
        world.simulator.clear_faults();
        world.hear(&[first]).await;
        world
            .hear(&[said(interaction, 2, &format!("Again: {REFUND}"))])
            .await;
        assert_eq!(world.screen(interaction).len(), cards, "{interaction}");
        assert_eq!(state(&world, interaction).await, ["unknown"]);
    }
}

#[tokio::test]
async fn what_was_answered_is_tried_again_within_the_deadline() {
    let Some(world) = World::start("cards_busy").await else {
        return;
    };
    for (interaction, fault) in [
        ("i-1", status(429, Some("1"))),
        ("i-2", status(503, None)),
        ("i-3", status(500, None)),
    ] {
        strike(&world, "assist", fault, Some(2));
        assert!(world.hear(&[said(interaction, 1, REFUND)]).await.is_empty());
        assert_eq!(world.screen(interaction), ["refund"]);
        assert_eq!(state(&world, interaction).await, ["shown"]);
    }
    strike(&world, "assist", status(429, Some("3600")), None);
    assert!(world.hear(&[said("i-4", 1, REFUND)]).await.is_empty());
    strike(&world, "assist", status(400, None), None);
    assert!(world.hear(&[said("i-5", 1, REFUND)]).await.is_empty());
    for interaction in ["i-4", "i-5"] {
        assert!(state(&world, interaction).await.is_empty(), "{interaction}");
    }
}

#[tokio::test]
async fn a_card_that_is_not_taken_holds_up_its_batch_for_some_seconds_only() {
    let Some(world) = World::start("cards_holding_up").await else {
        return;
    };
    strike(&world, "/api/v2/interactions/i-1/", status(503, None), None);
    let begun = Instant::now();
    let batch = [said("i-1", 1, REFUND), said("i-2", 1, ROUTER)];
    assert!(world.hear(&batch).await.is_empty());
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(12), "of 20 s it took {took:?}");
    assert_eq!(world.screen("i-2"), ["router"]);
    assert!(state(&world, "i-1").await.is_empty());
    world.simulator.clear_faults();
    world.hear(&[said("i-1", 2, REFUND)]).await;
    assert_eq!(world.screen("i-1"), ["refund"]);
}

#[tokio::test]
async fn what_could_not_be_posted_comes_when_it_is_asked_for_again() {
    let Some(world) = World::start("cards_withdrawn").await else {
        return;
    };
    strike(&world, "assist", status(400, None), Some(1));
    world.hear(&[said("i-1", 1, REFUND)]).await;
    assert!(world.screen("i-1").is_empty());
    world.hear(&[said("i-1", 2, REFUND)]).await;
    assert_eq!(world.screen("i-1"), ["refund"]);
    assert_eq!(state(&world, "i-1").await, ["shown"]);
}

#[tokio::test]
async fn an_interaction_that_is_over_is_left_alone() {
    let Some(world) = World::start("cards_over").await else {
        return;
    };
    for (interaction, code) in [("i-1", 404), ("i-2", 409), ("i-3", 410)] {
        strike(&world, "assist", status(code, None), None);
        assert!(world.hear(&[said(interaction, 1, REFUND)]).await.is_empty());
        world.simulator.clear_faults();
        let asked = world.simulator.requests("/api/v2/interactions/").len();
        assert!(world.hear(&[said(interaction, 2, ROUTER)]).await.is_empty());
        assert!(world.kept(interaction).await.is_empty());
        let since = world.simulator.requests("/api/v2/interactions/").len();
        assert_eq!(since, asked, "{code}");
    }
}

#[tokio::test]
async fn without_the_model_words_are_enough_and_the_card_says_so() {
    let Some(world) = World::start("cards_words").await else {
        return;
    };
    strike(&world, "embeddings", status(401, None), None);
    world.hear(&[said("i-1", 1, REFUND)]).await;
    assert_eq!(world.screen("i-1"), ["refund"]);
    let detail = "SELECT detail::text FROM assist_impressions";
    let detail: String = world.rows.query_one(detail, &[]).await.unwrap().get(0);
    let detail: serde_json::Value = serde_json::from_str(&detail).unwrap();
    assert_eq!(detail["has_vector"], json!(false));
}

#[tokio::test]
async fn without_the_database_an_interaction_comes_again_as_a_whole() {
    let Some(world) = World::start("cards_database").await else {
        return;
    };
    let batch = [
        said("i-1", 1, "Hello there."),
        said("i-2", 1, ROUTER),
        said("i-1", 2, REFUND),
    ];
    let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    let away = rename("assist_interactions", "elsewhere");
    world.rows.batch_execute(&away).await.unwrap();
    let mut reported = world.hear(&batch).await;
    reported.sort_unstable();
    assert_eq!(reported, [0, 1, 2]);
    let back = rename("elsewhere", "assist_interactions");
    world.rows.batch_execute(&back).await.unwrap();
    assert!(world.hear(&batch).await.is_empty());
    assert_eq!(world.screen("i-1"), ["refund"]);
    assert_eq!(world.screen("i-2"), ["router"]);
}

#[tokio::test]
async fn who_waits_for_others_of_the_batch_takes_the_database_for_well() {
    let Some(world) = World::start("cards_turns").await else {
        return;
    };
    let hold = "BEGIN; LOCK TABLE assist_interactions IN ACCESS EXCLUSIVE MODE";
    world.rows.batch_execute(hold).await.unwrap();
    let release = async {
        // Longer than a database that is down is waited for.
        tokio::time::sleep(Duration::from_millis(3_500)).await;
        world.rows.batch_execute("COMMIT").await.unwrap();
    };
    let batch = [said("i-1", 1, REFUND), said("i-2", 1, ROUTER)];
    let (reported, ()) = tokio::join!(world.hear(&batch), release);
    assert_eq!(reported, [0; 0]);
    assert_eq!(world.screen("i-1"), ["refund"]);
    assert_eq!(world.screen("i-2"), ["router"]);
}

#[tokio::test]
async fn what_is_on_its_way_when_an_interaction_is_erased_is_refused() {
    let Some(world) = World::start("cards_erased").await else {
        return;
    };
    let key = ErasureKey::parse(&ERASURE_KEY.into()).unwrap();
    let conversation = ConversationId::parse("i-1").unwrap();
    let receipt = ReceiptId::generate();
    let erased = erase(&world.database, &key, &conversation, receipt).await;
    erased.unwrap();
    let asked = world.simulator.requests("/").len();
    assert!(world.hear(&[said("i-1", 1, REFUND)]).await.is_empty());
    assert!(world.screen("i-1").is_empty());
    assert!(world.kept("i-1").await.is_empty());
    let left = "SELECT count(*) FROM assist_interactions";
    let left: i64 = world.rows.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
    let since = world.simulator.requests("/").len();
    assert_eq!(since, asked, "what was said goes nowhere");
}
