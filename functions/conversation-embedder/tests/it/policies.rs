//! What becomes of personal data under each policy.

use serde_json::{Value, json};
use shared::testing;

use crate::drive::deliver;
use crate::messages::{completed, message, payload};
use crate::world::World;

/// Whoever speaks may be named by an address.
const SPEAKER: &str = "canary.speaker@example.com";
/// Invented, and of the form that the detectors know.
const CANARIES: [&str; 7] = [
    "4111 1111 1111 1111",
    "078-05-1120",
    "DE89 3704 0044 0532 0130 00",
    "canary.person@example.com",
    "+1 212 555 0187",
    "1961-03-14",
    SPEAKER,
];
const KINDS: [&str; 6] = ["card", "ssn", "iban", "email", "phone", "date_of_birth"];

/// A conversation that holds every canary in every corner of its payload.
fn telling(conversation: &str) -> Value {
    let [card, ssn, iban, email, phone, born, speaker] = CANARIES;
    let said = format!(
        "My card is {card}. My social security number is {ssn}, my IBAN {iban}. Write to {email} or call {phone}. \
        I was born on {born}, that is my date of birth."
    );
    let mut event = payload(conversation, "conversation.completed", 30, &said);
    event["data"]["subject"] = json!(format!("Write to {email}"));
    event["data"]["nested"] =
        json!({"deep": [{"note": said, "email": email}], "phone": phone, "card": card});
    event["notes"] = json!([said]);
    event["data"]["transcript"]["segments"] = json!([{"speaker": speaker, "text": "Hello."}]);
    event
}

/// Rows of any table in which a canary stands, whatever its spaces.
async fn found(world: &World) -> Vec<String> {
    let tables = "SELECT table_name::text, 1::int8 FROM information_schema.tables WHERE table_schema = 'public'";
    let mut hits = Vec::new();
    for table in world.tally(tables).await.into_keys() {
        for canary in CANARIES {
            for form in [canary.to_owned(), canary.replace([' ', '-'], "")] {
                let rows = format!("{table} t WHERE t::text LIKE '%{form}%'");
                if world.count(&rows).await > 0 {
                    hits.push(format!("{canary} in {table}"));
                }
            }
        }
    }
    hits
}

fn sent(world: &World) -> String {
    let bodies = world.simulator.requests("/v1/embeddings").into_iter();
    bodies.map(|request| request.body).collect()
}

#[tokio::test]
async fn by_default_kinds_are_tagged_and_nothing_is_hidden() {
    let Some(world) = World::start("by_default_kinds_are_tagged", &[]).await else {
        return;
    };
    let bodies = [
        message(&telling("one")),
        completed("two", "Nothing personal."),
    ];
    assert!(world.deliver(&bodies).await.is_empty());
    let tags = world.tags().await;
    assert_eq!(
        (&tags[0]["contains_pii"], &tags[0]["pii_types"]),
        (&json!(true), &json!(KINDS))
    );
    assert_eq!(
        (&tags[1]["contains_pii"], &tags[1]["pii_types"]),
        (&json!(false), &json!([]))
    );
    assert!(
        !found(&world).await.is_empty(),
        "the scan finds what is there"
    );
    assert!(sent(&world).contains(CANARIES[0]));
    assert!(tags.iter().all(|tags| {
        CANARIES
            .iter()
            .all(|canary| !tags.to_string().contains(canary))
    }));
}

#[tokio::test]
async fn masked_means_nowhere() {
    let Some(world) = World::start("masked_means_nowhere", &[("PII_POLICY", "mask")]).await else {
        return;
    };
    let bodies = [message(&telling("one")), message(&telling("two"))];
    assert!(world.deliver(&bodies).await.is_empty());
    assert_eq!(found(&world).await, [""; 0]);
    for canary in CANARIES {
        assert!(!sent(&world).contains(canary), "{canary} was sent");
    }
    let text = world.texts().await.remove(0).1;
    assert!(text.contains("\n[EMAIL]: Hello."), "the speaker: {text}");
    for token in [
        "[CARD]",
        "[SSN]",
        "[IBAN]",
        "[EMAIL]",
        "[PHONE]",
        "[DATE_OF_BIRTH]",
    ] {
        assert!(text.contains(token), "{token}: {text}");
    }
    assert_eq!(world.tags().await[0]["pii_types"], json!(KINDS));
    assert_eq!(world.count("conversation_events WHERE raw_masked").await, 2);
    // Re-embedding reads what is stored, so it stays masked, and what was known stays known.
    let second = json!({"provider": "openai", "base_url": world.simulator.url(), "model": "all-MiniLM-L6-v2", "dimensions": 384, "key_secret_id": "embedding-key"});
    let app = world
        .again(&[("EMBEDDING_SECOND", &second.to_string())])
        .await;
    let task = json!({"task": "reembed"});
    crate::drive::invoke(&app, task, std::time::Duration::from_secs(30))
        .await
        .unwrap();
    assert_eq!(found(&world).await, [""; 0]);
    let tags = world.tags().await;
    assert_eq!(tags.len(), 4);
    assert!(
        tags.iter().all(|tags| tags["pii_types"] == json!(KINDS)),
        "{tags:?}"
    );
}

/// Nine digits, of which only the question says what they are.
const DIGITS: &str = "078051120";

fn asked_and_answered(conversation: &str) -> String {
    let mut event = payload(conversation, "conversation.completed", 30, DIGITS);
    event["data"]["transcript"]["agent"] = json!("What is your social security number?");
    message(&event)
}

async fn digits(world: &World, table: &str) -> i64 {
    world
        .count(&format!("{table} t WHERE t::text LIKE '%{DIGITS}%'"))
        .await
}

#[tokio::test]
async fn what_is_incomplete_is_masked_all_the_same() {
    let map = r#"{"default": {"fields": {"transcript.agent": "Agent", "transcript.customer": "Customer"},
        "required": ["resolution"]}}"#;
    let settings = [("PII_POLICY", "mask"), ("SCHEMA_MAP", map)];
    let Some(world) = World::start("what_is_incomplete_is_masked", &settings).await else {
        return;
    };
    assert!(world.deliver(&[asked_and_answered("one")]).await.is_empty());
    let incomplete = "conversation_events WHERE state = 'incomplete' AND raw_masked";
    assert_eq!(world.count(incomplete).await, 1);
    assert_eq!(digits(&world, "conversation_events").await, 0);
}

#[tokio::test]
async fn a_new_map_that_joins_a_question_with_its_answer_tells_nobody() {
    let answer = r#"{"transcript.customer": "Customer"}"#;
    let settings = [("PII_POLICY", "mask"), ("SCHEMA_MAP", answer)];
    let Some(world) = World::start("a_new_map_that_joins", &settings).await else {
        return;
    };
    assert!(world.deliver(&[asked_and_answered("one")]).await.is_empty());
    assert_eq!(
        digits(&world, "conversation_embeddings").await,
        1,
        "by itself it is any number"
    );
    world.simulator.clear_requests();
    let both = r#"{"transcript.agent": "Agent", "transcript.customer": "Customer"}"#;
    let app = world.again(&[("SCHEMA_MAP", both)]).await;
    let task = json!({"task": "reembed"});
    crate::drive::invoke(&app, task, std::time::Duration::from_secs(30))
        .await
        .unwrap();
    assert_eq!(digits(&world, "conversation_embeddings").await, 0);
    assert!(world.texts().await[0].1.contains("[SSN]"));
    assert!(!sent(&world).contains(DIGITS));
}

const WITHHELD: &str = "conversation_embeddings WHERE conversation_id = 'one' AND embedding IS NULL
    AND semantic_metadata->>'without_vector' = 'withheld'";

#[tokio::test]
async fn blocked_means_that_nobody_outside_reads_it() {
    let Some(world) = World::start("blocked_means_that_nobody", &[("PII_POLICY", "block")]).await
    else {
        return;
    };
    let bodies = [
        message(&telling("one")),
        completed("two", "Nothing personal."),
    ];
    assert!(world.deliver(&bodies).await.is_empty());
    let sent = sent(&world);
    assert!(
        sent.contains("Nothing personal.") && !sent.contains("social security"),
        "{sent}"
    );
    assert!(CANARIES.iter().all(|canary| !sent.contains(canary)));
    assert_eq!(world.count(WITHHELD).await, 1);
    assert_eq!(
        world
            .count("conversation_embeddings WHERE conversation_id = 'one'")
            .await,
        1
    );
    let free = "conversation_embeddings WHERE conversation_id = 'two' AND embedding IS NOT NULL
        AND NOT semantic_metadata ? 'without_vector'";
    assert_eq!(world.count(free).await, 1);
    let tags = world.tags().await;
    assert!(
        tags[0]["intent_category"].is_string() && tags[0]["intent_score"].is_null(),
        "by words alone"
    );
}

#[tokio::test]
async fn what_is_embedded_here_is_not_withheld() {
    let test = "what_is_embedded_here_is_not_withheld";
    let Some(folder) = testing::setting("LOCAL_MODEL_DIR") else {
        return testing::skip(
            test,
            "LOCAL_MODEL_DIR is not set; `cargo local test` sets it",
        );
    };
    let settings = [
        ("PII_POLICY", "block"),
        ("EMBEDDING_PROVIDER", "local"),
        ("LOCAL_MODEL_DIR", &folder),
    ];
    let Some(world) = World::start_without_provider(test, &settings).await else {
        return;
    };
    let time = std::time::Duration::from_mins(1);
    assert!(
        deliver(&world.app, &[message(&telling("one"))], time)
            .await
            .is_empty()
    );
    assert_eq!(world.count(WITHHELD).await, 0);
    let embedded =
        "conversation_embeddings WHERE vector_dims(embedding) = 384 AND conversation_id = 'one'";
    assert_eq!(world.count(embedded).await, 1);
    assert_eq!(world.asked(), 0);
}
