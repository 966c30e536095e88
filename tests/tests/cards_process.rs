//! The cards' function as a process: it dies between what it remembers and what it posts, and nobody is shown a card twice.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use end_to_end::canary::{FEW, REFUSALS, Talkative, echo, leaks, told};
use end_to_end::{AMPLE, World};
use jiff::Timestamp;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shared::db::Database;
use shared::db::knowledge::{ArticleChange, PageChanges};
use shared::db::knowledge_chunks::NewChunk;
use shared::db::knowledge_documents::NewDocument;
use shared::db::words::Words;
use shared::domain::{ArticleId, Locale, TextHash};
use shared::testing::{self, new_article};
use shared::text::terms::Analysis;

/// Where it dies.
const PLACE: &str = "assist_cards.before_post";
const NAME: &str = "assist-cards";
/// Too little to try again and again.
const BRIEF: Duration = Duration::from_secs(4);
/// The trace of a sender that is not the function's own.
const SENDERS: &str = "1-11111111-111111111111111111111111";
const QUESTION: &str = "When does the refund reach my credit card after the return was checked?";
const ARTICLES: [(&str, &str); 3] = [
    (
        "refund",
        "A refund reaches the credit card five banking days after the return was checked.",
    ),
    (
        "router",
        "If the router blinks red, pull the plug for ten seconds and wait for green.",
    ),
    (
        "heating",
        "The thermostat lowers the heating at night by two degrees.",
    ),
];

async fn start(test: &str) -> Option<World> {
    let mut world = World::start(test).await?;
    store_articles(&world.database.database()?).await;
    world.set_provider().await;
    let key = "erasure-key-0123456789abcdef0123";
    world.set_secret("ERASURE_KEY_SECRET_ID", key).await;
    Some(world)
}

/// What is kept of an interaction's cards.
async fn kept(world: &World, interaction: &str) -> Vec<String> {
    let kept = "SELECT state FROM assist_impressions WHERE session_id = $1";
    let rows = world.rows.query(kept, &[&interaction]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Articles that words find: no model is needed.
async fn store_articles(database: &Database) {
    let mut page = PageChanges::default();
    for (name, text) in ARTICLES {
        let chunk = NewChunk {
            heading: String::new(),
            text: text.to_owned(),
            hash: TextHash::of(text),
            vectors: Vec::new(),
            words: Words::count(text, Analysis::English),
        };
        let document = NewDocument {
            title: format!("About {name}"),
            metadata: RawValue::from_string("{}".to_owned()).unwrap(),
            chunks: vec![chunk],
        };
        let change = ArticleChange::Live {
            article: new_article(text, Timestamp::UNIX_EPOCH),
            links: BTreeSet::new(),
            documents: BTreeMap::from([(Locale::parse("en").unwrap(), document)]),
        };
        page.articles
            .insert(ArticleId::parse(name).unwrap(), change);
    }
    testing::store_articles(database, &page).await;
}

fn question(interaction: &str) -> Value {
    said(interaction, QUESTION)
}

/// An utterance, as the queue gives it.
fn said(interaction: &str, text: &str) -> Value {
    let body = json!({
        "v": 1, "interaction_id": interaction, "sequence": 1, "offset": 0, "speaker": "customer", "text": text,
        "language": "en", "at": Timestamp::now(), "complete": true,
    });
    batch(&body.to_string())
}

fn batch(body: &str) -> Value {
    let attributes = json!({ "AWSTraceHeader": format!("Root={SENDERS};Sampled=0") });
    json!({ "Records": [{ "messageId": "m-1", "body": body, "attributes": attributes }] })
}

#[tokio::test]
async fn a_card_whose_function_dies_before_it_is_posted_is_lost_and_never_doubled() {
    let Some(world) = start("a_card_whose_function_dies").await else {
        return;
    };
    let event = question("i-1");
    world.die(NAME, PLACE, &event).await;
    assert_eq!(kept(&world, "i-1").await, ["pending"]);

    let mut next = world.spawn(NAME, None).await;
    for event in [event, question("i-2")] {
        let answer = next.invoke_within(event.to_string(), AMPLE).await.unwrap();
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    let screen = |interaction| world.simulator.assist().cards(interaction).len();
    assert_eq!((screen("i-1"), screen("i-2")), (0, 1));
    assert_eq!(kept(&world, "i-2").await, ["shown"]);

    // A minute later it is known that nobody will know.
    let later = "UPDATE assist_impressions SET shown_at = now() - interval '2 minutes'";
    world.rows.execute(later, &[]).await.unwrap();
    let tidy = json!({ "task": "tidy" }).to_string();
    next.invoke_within(tidy, AMPLE).await.unwrap();
    assert_eq!(kept(&world, "i-1").await, ["unknown"]);
}

#[tokio::test]
async fn lines_about_an_utterance_have_its_senders_trace() {
    let Some(world) = start("lines_about_an_utterance").await else {
        return;
    };
    let mut cards = Talkative::spawn(world.command(NAME)).await.unwrap();
    for event in [question("i-1"), batch("no utterance")] {
        let answer = cards.function.invoke_within(event.to_string(), AMPLE);
        assert!(answer.await.is_some());
    }
    let log = cards.end().await.unwrap();
    for told in ["heard", "a message that nobody sent"] {
        let mut lines = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let line = lines.find(|line| line["message"] == told);
        let line = line.unwrap_or_else(|| panic!("no line says {told}: {log}"));
        assert_eq!(line["trace.id"], SENDERS, "{line}");
    }
}

#[tokio::test]
async fn what_is_said_in_a_call_and_by_peers_is_in_no_log_and_no_reason() {
    let Some(world) = start("cards_what_is_said_in_a_call").await else {
        return;
    };
    // Postgres quotes the row that breaks such a rule.
    let rule = "ALTER TABLE assist_interactions ADD CHECK (state::text NOT LIKE '%canary-row%')";
    world.rows.batch_execute(rule).await.unwrap();
    let mut cards = Talkative::spawn(world.command(NAME)).await.unwrap();
    let text = format!("{QUESTION} I am canary-name, canary.mail@example.org.");
    let events = vec![
        said("i-1", &text),
        said("i-row", &format!("{text} canary-row")),
        batch("canary-body"),
        batch(r#"{"v": 1, "text": "canary"}"#),
        batch(&json!({ "v": 7, "text": "canary" }).to_string()),
        json!({ "task": "other" }),
    ];
    for event in events {
        cards
            .function
            .invoke_within(event.to_string(), AMPLE)
            .await
            .unwrap();
    }
    for (capability, statuses) in [
        ("assist", &REFUSALS[..]),
        ("embeddings", &FEW),
        ("tokens", &FEW),
    ] {
        for status in statuses.iter().copied() {
            world.simulator.revoke_tokens(None);
            echo(&world.simulator, capability, status).unwrap();
            let event = said(&format!("i-{capability}-{status}"), &text);
            cards.function.invoke_within(event.to_string(), BRIEF).await;
        }
    }
    let log = cards.end().await.unwrap();
    assert!(log.contains("correlation"), "it logs at all: {log}");
    assert_eq!(
        leaks(
            &log,
            &["local-secret", "sk-local", "banking days", "credit card"]
        ),
        [""; 0]
    );
    assert_eq!(told(&world.rows).await.unwrap(), [""; 0]);
}
