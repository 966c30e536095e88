//! What is personal or secret is in no log line, no answer and no attribute of a queue, even at the most talkative level.

use aws_sdk_sqs::types::Message;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cxone_simulator::{Fault, FaultPlan, FaultRule, SettingsUpdate};
use end_to_end::canary::{leaks, told};
use serde_json::json;
use shared::aws;

use crate::world::{
    AMPLE, DATABASE_PASSWORD, DEAD, ERASURE_KEY, PROVIDER_KEY, Process, Queue, World, message,
};

const TRACE: [(&str, &str); 2] = [("LOG_LEVEL", "trace"), ("RUST_LOG", "trace")];
/// Its late copies name it in no log.
const ERASED: &str = "conv-erased";
const CARD: &str = "4111 1111 1111 1111";

/// A conversation full of what nobody else may read.
fn personal(conversation: &str, customer: &str) -> String {
    message(&json!({
        "event": "conversation.completed",
        "timestamp": "2026-01-15T10:30:00Z",
        "conversationId": conversation,
        "data": {
            "subject": format!("canary-subject of {conversation}"),
            "canary-name": "canary-value",
            "transcript": {
                "agent": format!("canary-agent, what can I do about {conversation}?"),
                "customer": format!("{customer} Write to canary.mail@example.org, my card is {CARD}."),
            },
        },
    }))
}

/// Gives one message again and again, until it is settled or has had its five times; says whether it was settled.
async fn deliver(process: &mut Process, body: String) -> bool {
    let mut queue = Queue::default();
    queue.send(body);
    let answer = process.function.invoke_within(queue.event(), AMPLE).await;
    let answer = answer.unwrap();
    let text = String::from_utf8_lossy(&answer.body);
    assert!(!text.contains("canary"), "{text}");
    queue.settle(&answer);
    queue.is_empty()
}

async fn refuse(world: &World, process: &mut Process) {
    let echo = "canary-echo Customer: canary-refused";
    let error = json!({"error": {"message": echo, "type": echo, "param": echo, "code": echo}});
    for (status, body) in [
        (500, error.clone()),
        (503, json!(echo)),
        (429, error.clone()),
        (401, error.clone()),
        (404, json!(echo)),
        (200, json!(echo)),
        (200, error),
    ] {
        let fault = Fault::Status {
            status,
            retry_after: Some("600".to_owned()),
            code: None,
            body: Some(body),
        };
        let rules = vec![FaultRule::rate("/v1/embeddings", 1.0, fault)];
        world
            .simulator
            .set_faults(FaultPlan { seed: 1, rules })
            .unwrap();
        let conversation = format!("echo-{status}");
        deliver(process, personal(&conversation, "canary-refused.")).await;
    }
    world.simulator.clear_faults();
}

fn malformed() -> Vec<String> {
    let good = personal("conv-cut", "canary-cut.");
    let mut document: serde_json::Value = serde_json::from_str(&good).unwrap();
    let mut bodies = vec![
        "canary-malformed".to_owned(),
        "{\"canary-name\": \"canary-value\"}".to_owned(),
        good[..good.len() - 10].to_owned(),
        good.replace("\"version\":1", "\"version\":7"),
        good.replace("conversation.completed", "canary event \\u0000"),
        good.replace(
            "\"encoding\":\"base64\"",
            "\"encoding\":\"canary-encoding\"",
        ),
        good.replace("\"encoding\":\"base64\"", "\"encoding\":\"gzip+base64\""),
    ];
    for raw in [
        "canary-body",
        "{\"canary-name\": canary}",
        "[\"canary-value\"]",
        "{\"data\": {\"canary\": \"canary",
    ] {
        document["body"] = json!(STANDARD.encode(raw));
        bodies.push(document.to_string());
    }
    document["body"] = json!("canary, which is not base64");
    bodies.push(document.to_string());
    bodies
}

async fn parked(world: &World) -> Vec<Message> {
    let client = aws::queue_client(&world.sdk);
    let url = client
        .get_queue_url()
        .queue_name(DEAD)
        .send()
        .await
        .unwrap();
    let mut all = Vec::new();
    loop {
        let receive = client.receive_message().max_number_of_messages(10);
        let receive = receive
            .queue_url(url.queue_url().unwrap())
            .visibility_timeout(600);
        let receive = receive.message_attribute_names("All").send().await.unwrap();
        match receive.messages {
            Some(messages) if !messages.is_empty() => all.extend(messages),
            _ => return all,
        }
    }
}

#[tokio::test]
async fn nothing_personal_and_no_secret_leaves_at_trace() {
    let Some(world) = World::start("nothing_personal_and_no_secret").await else {
        return;
    };
    // Postgres quotes the row that breaks such a rule.
    let rule =
        "ALTER TABLE conversation_embeddings ADD CHECK (text_content NOT LIKE '%canary-row%')";
    world.rows.execute(rule, &[]).await.unwrap();
    let refused_text = Some("canary-refused".to_owned());
    world.simulator.update(SettingsUpdate {
        refused_text,
        ..SettingsUpdate::default()
    });
    let mut process = world.spawn(&TRACE).await;
    assert!(deliver(&mut process, personal("conv-1", "canary-customer.")).await);
    assert!(deliver(&mut process, personal("conv-2", "canary-refused.")).await);
    // That is our mistake, not the sender's: it is tried again, and lies in the dead-letter queue only after that.
    assert!(!deliver(&mut process, personal("conv-3", "canary-row.")).await);
    assert_eq!(world.double.message_count(DEAD), 0, "the row is not parked");
    let erase = json!({"task": "erase", "conversation_id": ERASED});
    assert!(process.run(&erase).await.unwrap().is_ok);
    assert!(deliver(&mut process, personal(ERASED, "canary-late.")).await);
    let bodies = malformed();
    for body in &bodies {
        deliver(&mut process, body.clone()).await;
    }
    let parked = parked(&world).await;
    // All but one, which is JSON and says nothing.
    assert_eq!(parked.len(), bodies.len() - 1);
    for message in &parked {
        let attributes = format!("{:?}", message.message_attributes());
        assert!(
            attributes.contains("correlation_id") && !attributes.contains("canary"),
            "{attributes}"
        );
    }
    refuse(&world, &mut process).await;
    world.wires.database.down();
    assert!(!deliver(&mut process, personal("conv-4", "canary-away.")).await);
    let mut panicking = world
        .spawn(&[TRACE[0], TRACE[1], ("FAIL_POINT", "panic:conv-5")])
        .await;
    world.wires.database.up();
    assert!(!deliver(&mut panicking, personal("conv-5", "canary-panic.")).await);
    assert_eq!(told(&world.rows).await.unwrap(), [""; 0]);
    for (process, says) in [(&process, "\"settled\""), (&panicking, "panicked")] {
        assert_silent(&process.log(), says);
    }
}

fn assert_silent(log: &str, says: &str) {
    assert!(log.contains(says), "it logs at all: {log}");
    let tight = CARD.replace(' ', "");
    let others = [
        ERASED,
        "example.org",
        CARD,
        tight.as_str(),
        DATABASE_PASSWORD,
        ERASURE_KEY,
        PROVIDER_KEY,
        "the fail point",
    ];
    assert_eq!(leaks(log, &others), [""; 0]);
}
