//! What is taken in, what is not, and what is known of it afterwards.

use fault_proxy::{FaultProxy, Plan};
use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::db::conversations::erase;
use shared::domain::{ConversationId, ErasureKey, ReceiptId};
use shared::injection::Intake;

use crate::world::{ERASURE_KEY, EVENT, World, json_of, send, transcript};

const METRICS: &str = include_str!("../../../../events/transcript-intake.metrics.json");

#[tokio::test]
async fn what_is_taken_in_stands_in_the_database_as_it_will_be_sent() {
    let Some(world) = World::start("intake_what_is_taken_in").await else {
        return;
    };
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let response = send(&world.app, event).await;
    assert_eq!(response.status_code, 202, "{}", response.body);
    let accepted = json_of(&response);
    let id = accepted["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "interaction_id": "ext_interaction_998877", "parts": 1, "messages": 3,
        "repairs": { "sorted": 0, "defaulted": 0, "dropped": 0, "moved": 0 },
    });
    assert_eq!(accepted, expected);
    let payload: Vec<u8> = world.value("SELECT payload FROM transcripts").await;
    let intake = Intake::parse(transcript().to_string().as_bytes()).unwrap();
    assert_eq!(payload, intake.parts[0].payload);
    let url: String = world
        .value("SELECT archive_callback_url FROM transcripts")
        .await;
    assert_eq!(url, "https://archive.example.com/told");

    let told = world.told().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["status"], "accepted");
    assert_eq!(told[0]["parts"][0]["messages"], 3);
    assert!(!told[0].to_string().contains("order"), "no text");
    let told = &told[0]["parts"][0];
    assert!(told["sha256"].is_null(), "nor found by the text: {told}");
    assert_eq!(told["sha256_hmac"].as_str().map(str::len), Some(64));
    assert!(world.audit().await.is_sound());

    let known = json_of(&world.get(&format!("/transcripts/{id}")).await);
    assert_eq!(known["id"], id);
    assert_eq!(known["state"], "pending");
    let part = &known["parts"][0];
    assert_eq!(
        (&part["messages"], &part["attempts"]),
        (&json!(3), &json!(0))
    );
    assert!(part["estimated_at"].is_string(), "{known}");

    let mut event: Value = serde_json::from_str(METRICS).unwrap();
    event["headers"]["x-api-key"] = json!(world.key);
    let metrics = json_of(&send(&world.app, event).await);
    assert_eq!(
        (&metrics["backlog"], &metrics["success_count"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn a_repeat_is_known_by_its_key() {
    let Some(world) = World::start("intake_a_repeat_is_known").await else {
        return;
    };
    let first = world.post_as("k-1", &transcript()).await;
    assert_eq!(first.status_code, 202);
    let again = world.post_as("k-1", &transcript()).await;
    assert_eq!((again.status_code, again.body), (202, first.body.clone()));
    let mut other = transcript();
    other["messages"][0]["text"] = json!("Something else");
    assert_eq!(world.post_as("k-1", &other).await.status_code, 409);
    assert_eq!(world.post_as("k 1", &other).await.status_code, 400);
    let further = world.post(&transcript()).await;
    assert_ne!(
        json_of(&further)["id"],
        json_of(&first)["id"],
        "under another key it is another"
    );
    let count: i64 = world.value("SELECT count(*) FROM transcripts").await;
    assert_eq!(count, 2);
    assert_eq!(world.told().await.len(), 2);
}

#[tokio::test]
async fn without_a_key_it_is_known_by_its_content() {
    let Some(world) = World::start("intake_without_a_key").await else {
        return;
    };
    let first = world.post(&transcript()).await;
    let spelled = serde_json::to_string_pretty(&transcript()).unwrap();
    let again = world.post_bytes(&[], &spelled).await;
    assert_eq!((again.status_code, again.body), (202, first.body.clone()));
    let mut other = transcript();
    other["messages"][0]["text"] = json!("Something else");
    let other = world.post(&other).await;
    assert_ne!(json_of(&other)["id"], json_of(&first)["id"]);
    let count: i64 = world.value("SELECT count(*) FROM transcripts").await;
    assert_eq!(count, 2);
}

#[tokio::test]
async fn twins_are_one_transcript() {
    let Some(world) = World::start("intake_twins_are_one").await else {
        return;
    };
    let body = transcript();
    for key in [Some("twin"), None] {
        let keyed = key.map(|key| ("idempotency-key", key));
        let text = body.to_string();
        let posts = (0..8).map(|_| world.post_bytes(keyed.as_slice(), &text));
        let mut ids = Vec::new();
        for response in join_all(posts).await {
            assert_eq!(response.status_code, 202, "{}", response.body);
            ids.push(json_of(&response)["id"].clone());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{key:?}");
    }
    let count: i64 = world.value("SELECT count(*) FROM transcripts").await;
    assert_eq!(count, 2);
}

/// Whoever is told 503 is told that a repeat has its effect once: also where the transcript was kept and the answer was lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_key_a_lost_answer_makes_no_second_transcript() {
    let Some(world) = World::start("intake_a_lost_answer").await else {
        return;
    };
    let server = world.database.address().await.unwrap();
    let wire = FaultProxy::start(server, Plan::none()).unwrap();
    let app = world.behind(wire.address()).await;
    let mut late = 0;
    for round in 0..40_i64 {
        wire.set_plan(Plan {
            seed: round.unsigned_abs(),
            lose_answer: 0.1,
            ..Plan::none()
        });
        let mut body = transcript();
        body["messages"][0]["text"] = json!(format!("This is about order {round}."));
        let event = world.posting(&[], &body.to_string());
        let mut kept = 0;
        loop {
            let answered = send(&app, event.clone()).await.status_code;
            if answered == 202 {
                break;
            }
            assert_eq!(answered, 503);
            kept = world.value("SELECT count(*) FROM transcripts").await;
        }
        late += i64::from(kept > round);
        let count: i64 = world.value("SELECT count(*) FROM transcripts").await;
        assert_eq!(count, round + 1, "one for each");
    }
    assert!(late > 0, "in some round it was the answer of the COMMIT");
    assert_eq!(world.told().await.len(), 40);
}

#[tokio::test]
async fn every_broken_rule_is_told_and_stands_in_the_audit() {
    let Some(world) = World::start("intake_every_broken_rule").await else {
        return;
    };
    let mut wrong = transcript();
    wrong["repair"] = json!(null);
    wrong["messages"][1]["timestamp"] = json!("2024-06-15T08:00:00Z");
    wrong["messages"][2]["text"] = json!("");
    wrong["archive_callback_url"] = json!("https://10.0.0.1/told");
    wrong["canary"] = json!("canary");
    let response = world.post(&wrong).await;
    assert_eq!(response.status_code, 400);
    let errors = json_of(&response)["errors"].clone();
    let pointers: Vec<_> = errors
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["pointer"].as_str().unwrap())
        .collect();
    let expected = [
        "/archive_callback_url",
        "/canary",
        "/messages/1/timestamp",
        "/messages/2/text",
    ];
    assert_eq!(pointers, expected);
    let told = world.told().await;
    let expected = json!({
        "status": "validation_failed", "violations": 4,
        "rules": [
            "is no field of this object", "lies before that of the message before",
            "must lead to a public server", "must not be empty",
        ],
    });
    assert_eq!(told, [expected]);
    let count: i64 = world.value("SELECT count(*) FROM transcripts").await;
    assert_eq!(count, 0);
    assert!(world.audit().await.is_sound());
}

#[tokio::test]
async fn what_could_be_anybodys_leaves_nothing_in_the_audit() {
    let Some(world) = World::start("intake_what_is_no_transcript").await else {
        return;
    };
    let half = |text: String| text.replace("ORD-2024", r"\ud800");
    let mut nobodys = transcript();
    nobodys["interaction_id"] = json!(null);
    let unsaid = half(nobodys.to_string());
    for (body, detail) in [
        ("", "is not JSON: line 1, column 0"),
        ("[]", "must be a JSON object"),
        ("\u{feff}{}", "begins with a byte order mark"),
        ("{\"a\": \"\0\"}", "holds a NUL byte at byte 7"),
        (unsaid.as_str(), "holds half a surrogate pair"),
    ] {
        let response = world.post_bytes(&[], body).await;
        assert_eq!(response.status_code, 400, "{body}");
        let errors = json_of(&response)["errors"].to_string();
        assert!(errors.contains(detail), "{errors}");
    }
    for interaction in [json!(null), json!(" "), json!(7)] {
        let mut nameless = transcript();
        nameless["interaction_id"] = interaction;
        assert_eq!(world.post(&nameless).await.status_code, 400);
    }
    assert_eq!(world.told().await.len(), 0);
    let keys: i64 = world.value("SELECT count(*) FROM audit_keys").await;
    assert_eq!(keys, 0);
    let known = half(transcript().to_string());
    assert_eq!(world.post_bytes(&[], &known).await.status_code, 400);
    assert_eq!(world.told().await.len(), 1, "it says whose it is");
    assert!(world.audit().await.is_sound());
}

#[tokio::test]
async fn a_long_transcript_is_parts() {
    let Some(world) = World::start("intake_a_long_transcript").await else {
        return;
    };
    let mut long = transcript();
    let mut messages = Vec::new();
    for number in 0..1_001 {
        let mut message = long["messages"][0].clone();
        message["id"] = json!(format!("m-{number}"));
        messages.push(message);
    }
    long["messages"] = messages.into();
    long["repair"] = json!(false);
    assert_eq!(world.post(&long).await.status_code, 400);
    long["split"] = json!(true);
    let response = world.post(&long).await;
    assert_eq!(response.status_code, 202, "{}", response.body);
    let accepted = json_of(&response);
    assert_eq!(
        (&accepted["parts"], &accepted["messages"]),
        (&json!(3), &json!(1_001))
    );
    let counts: Vec<i32> = world
        .value("SELECT array_agg(messages ORDER BY number) FROM transcripts")
        .await;
    assert_eq!(counts, [500, 500, 1]);
}

#[tokio::test]
async fn an_interaction_that_was_erased_takes_no_transcript() {
    let Some(world) = World::start("intake_an_interaction_erased").await else {
        return;
    };
    assert_eq!(world.post(&transcript()).await.status_code, 202);
    let database = world.database.database().unwrap();
    let key = ErasureKey::parse(&ERASURE_KEY.into()).unwrap();
    let interaction = ConversationId::parse("ext_interaction_998877").unwrap();
    let receipt = ReceiptId::generate();
    erase(&database, &key, &interaction, receipt).await.unwrap();
    let count: i64 = world.value("SELECT count(*) FROM transcripts").await;
    assert_eq!(count, 0);
    assert_eq!(world.post(&transcript()).await.status_code, 409);
}
