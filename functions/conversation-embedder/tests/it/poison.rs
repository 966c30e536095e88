//! Texts that the provider refuses, and payloads that want to break something.

use std::collections::HashSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cxone_simulator::SettingsUpdate;
use serde_json::{Value, json};
use shared::testing::proof_size;

use crate::drive::{deliver, redeliver};
use crate::messages::{completed, message, payload};
use crate::world::World;

const BAD: &str = "POISON";

#[tokio::test]
async fn refused_texts_cost_the_others_nothing() {
    let Some(world) = World::start("refused_texts_cost_the_others_nothing", &[]).await else {
        return;
    };
    world.simulator.update(SettingsUpdate {
        refused_text: Some(BAD.to_owned()),
        ..SettingsUpdate::default()
    });
    let count = proof_size(300, 10_000);
    let is_bad = |n: usize| n % 100 == 41;
    let said = |n: usize| {
        let what = if is_bad(n) { BAD } else { "harmless" };
        format!("Number {n} is {what}.")
    };
    let bodies: Vec<_> = (0..count)
        .map(|n| completed(&format!("c{n}"), &said(n)))
        .collect();
    assert!(redeliver(&world.app, bodies.clone(), 1).await.is_empty());
    let bad = count / 100;
    let without = "conversation_embeddings WHERE embedding IS NULL AND text_content LIKE '%POISON%'
        AND semantic_metadata->>'without_vector' = 'refused'";
    assert_eq!(world.count(without).await, i64::try_from(bad).unwrap());
    let with = "conversation_embeddings WHERE embedding IS NOT NULL AND NOT semantic_metadata ? 'without_vector'";
    assert_eq!(world.count(with).await, i64::try_from(count - bad).unwrap());
    // A hundred texts are halved seven times, and both halves are asked for; a batch that is refused at first costs a probe;
    // and there are the examples of intents.
    let most = count / 100 * 2 + bad * 2 * 7 + 1;
    println!(
        "{count} texts, {bad} refused: {} requests of at most {most}",
        world.asked()
    );
    assert!(world.asked() <= most, "{} of {most}", world.asked());
    let asked = world.asked();
    assert!(redeliver(&world.app, bodies, 1).await.is_empty());
    assert_eq!(world.asked(), asked, "a repeat asks nothing");
    assert!(world.parked().is_empty());
}

fn with_customer(conversation: &str, customer: &str) -> Value {
    payload(conversation, "conversation.completed", 30, customer)
}

#[tokio::test]
async fn strange_letters_and_long_names_are_kept() {
    let Some(world) = World::start("strange_letters_and_long_names", &[]).await else {
        return;
    };
    let long = "ü".repeat(255);
    let nul = with_customer("nul", "before\u{0}after \u{feff}\u{202e}🎉");
    let bodies = [message(&nul), message(&with_customer(&long, "Hello."))];
    assert!(world.deliver(&bodies).await.is_empty());
    assert!(world.parked().is_empty());
    let texts = world.texts().await;
    let of = |id: &str| &texts.iter().find(|(known, _)| known == id).unwrap().1;
    assert!(
        of("nul").contains("before after") && of("nul").contains('🎉'),
        "{:?}",
        of("nul")
    );
    assert!(of(&long).ends_with("Hello."));
    let raw = world.rows.query_one(
        "SELECT raw_event::text FROM conversation_events WHERE conversation_id = 'nul'",
        &[],
    );
    let raw: String = raw.await.unwrap().get(0);
    assert_eq!(
        serde_json::from_str::<Value>(&raw).unwrap(),
        nul,
        "what was sent is kept"
    );
}

/// The webhook lets none of these through; a queue may hold them all the same.
#[tokio::test]
async fn half_letters_are_parked_and_cost_the_others_nothing() {
    let Some(world) = World::start("half_letters_are_parked", &[]).await else {
        return;
    };
    let good = completed("good", "Hello.");
    let whole = with_customer("half", "HALF").to_string();
    let packed = |bytes: &[u8]| {
        let mut text: Value = serde_json::from_str(&completed("half", "x")).unwrap();
        text["body"] = json!(STANDARD.encode(bytes));
        text.to_string()
    };
    let surrogate = packed(whole.replace("HALF", "\\ud800").as_bytes());
    let invalid = packed(
        &whole
            .into_bytes()
            .into_iter()
            .map(|b| if b == b'H' { 0xff } else { b })
            .collect::<Vec<_>>(),
    );
    let bodies = [
        surrogate.clone(),
        good,
        invalid.clone(),
        packed(b"[]"),
        packed(b""),
    ];
    assert!(world.deliver(&bodies).await.is_empty());
    assert!(world.parked().contains(&surrogate) && world.parked().contains(&invalid));
    assert_eq!(world.texts().await.len(), 1);
}

#[tokio::test]
async fn long_transcripts_are_cut_and_nothing_is_lost() {
    let Some(world) = World::start("long_transcripts_are_cut", &[]).await else {
        return;
    };
    let sentences = proof_size(4_000, 30_000);
    let said: Vec<_> = (0..sentences)
        .map(|n| format!("Sentence number n{n}n is about parcels."))
        .collect();
    let said = said.join(" ");
    let mut event = with_customer("long", &said);
    // What no map reads makes the payload larger.
    event["data"]["attachment"] = json!("x".repeat(4 << 20));
    let body = message(&event);
    assert!(body.contains("gzip+base64"));
    let failed = deliver(&world.app, &[body], Duration::from_mins(5)).await;
    assert!(failed.is_empty());
    let texts = world.texts().await;
    let words = texts.iter().flat_map(|(_, text)| text.split(' '));
    let words: HashSet<&str> = words.collect();
    let is_lost = |n: &usize| !words.contains(format!("n{n}n").as_str());
    assert_eq!((0..sentences).find(is_lost), None, "a sentence is lost");
    let whole = "conversation_embeddings WHERE embedding IS NOT NULL";
    assert_eq!(
        world.count(whole).await,
        i64::try_from(texts.len()).unwrap()
    );
    println!(
        "{} kB of words: {} chunks, {} requests",
        said.len() >> 10,
        texts.len(),
        world.asked()
    );
}

#[tokio::test]
async fn large_payloads_are_unpacked_a_few_at_a_time() {
    let Some(world) = World::start("large_payloads_are_unpacked", &[]).await else {
        return;
    };
    assert!(
        world
            .deliver(&[completed("first", "Hello.")])
            .await
            .is_empty()
    );
    world.simulator.clear_requests();
    let large = |n: usize| {
        let mut event = with_customer(&format!("large-{n}"), &format!("Number {n}."));
        event["data"]["attachment"] = json!("x".repeat(10 << 20));
        message(&event)
    };
    let bodies: Vec<_> = (0..5).map(large).collect();
    let failed = deliver(&world.app, &bodies, Duration::from_mins(2)).await;
    assert!(failed.is_empty());
    assert_eq!(world.count("conversation_events").await, 6);
    assert_eq!(world.asked(), 2, "four are 40 MB, and one is left");
}
