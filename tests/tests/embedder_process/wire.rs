//! What goes over the wire: the exact answers to batches, tasks, and what is neither.

use serde_json::{Value, json};

use crate::world::{AMPLE, DEAD, Process, World, completed};

/// The bytes of an answer, and whether it is a result.
async fn ask(process: &mut Process, event: &str) -> (bool, String) {
    let answer = process
        .function
        .invoke_within(event.to_owned(), AMPLE)
        .await
        .unwrap();
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    (answer.is_ok, body)
}

fn records(bodies: &[(&str, &str)]) -> String {
    let record = |(id, body): &(&str, &str)| json!({"messageId": id, "body": body});
    json!({ "Records": bodies.iter().map(record).collect::<Vec<_>>() }).to_string()
}

#[tokio::test]
async fn batches_are_answered_as_the_queue_reads_it() {
    let Some(world) = World::start("batches_are_answered").await else {
        return;
    };
    let mut process = world.spawn(&[]).await;
    let nothing = (true, r#"{"batchItemFailures":[]}"#.to_owned());
    assert_eq!(ask(&mut process, r#"{"Records": []}"#).await, nothing);
    let good = completed("conv-1", "I am well.");
    let event = records(&[("a", &good), ("b", &good), ("c", "no message")]);
    assert_eq!(ask(&mut process, &event).await, nothing);
    assert_eq!(world.double.message_count(DEAD), 1, "c is parked");
    world.wires.database.down();
    let late = completed("conv-2", "I am late.");
    let event = records(&[("a", &good), ("b \"quoted\"", &late)]);
    let all = r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b \"quoted\""}]}"#;
    assert_eq!(ask(&mut process, &event).await, (true, all.to_owned()));
    world.wires.database.up();
    world
        .double
        .fail_rate("SendMessage", aws_double::Fault::Status(503), 1.0, 1);
    let one = r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#;
    let event = records(&[("a", &good), ("b", &late), ("c", "no message")]);
    assert_eq!(ask(&mut process, &event).await, (true, one.to_owned()));
}

#[tokio::test]
async fn tasks_are_answered_or_refused_by_kind() {
    let Some(world) = World::start("tasks_are_answered").await else {
        return;
    };
    let mut process = world.spawn(&[]).await;
    let event = records(&[("a", &completed("conv-1", "I am well."))]);
    assert!(ask(&mut process, &event).await.0);
    for (task, fields) in [
        (json!({"task": "expire"}), vec!["finished", "removed"]),
        (json!({"task": "reembed"}), vec!["finished", "models"]),
        (
            json!({"task": "switch_model", "model": "text-embedding-3-small"}),
            vec!["active", "lacking"],
        ),
        (
            json!({"task": "erase", "conversation_id": "conv-1"}),
            vec!["conversation_mac", "erased_at", "receipt_id", "removed"],
        ),
    ] {
        let (is_ok, body) = ask(&mut process, &task.to_string()).await;
        assert!(is_ok, "{task}: {body}");
        let answer: serde_json::Map<String, Value> = serde_json::from_str(&body).unwrap();
        assert_eq!(answer.keys().collect::<Vec<_>>(), fields, "{task}: {body}");
    }
    for (event, kind, says) in [
        (
            r#"{"task": "switch_model", "model": "none"}"#,
            "invalid",
            "/model",
        ),
        (r#"{"task": "vanish"}"#, "invalid", "erase"),
        (r#"{"task": "erase"}"#, "invalid", "conversation_id"),
        (
            r#"{"task": "erase", "conversation_id": ""}"#,
            "invalid",
            "1 to 255 characters",
        ),
        (r#"{"task": "expire", "days": 1}"#, "invalid", "days"),
        ("{}", "invalid", "task"),
        ("[]", "invalid", "task"),
        ("\"canary\"", "invalid", "task"),
    ] {
        let (is_ok, body) = ask(&mut process, event).await;
        assert!(!is_ok, "{event}: {body}");
        let answer: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(answer["errorType"], kind, "{event}: {body}");
        let said = answer["errorMessage"].as_str().unwrap();
        assert!(
            said.contains(says) && !said.contains("canary"),
            "{event}: {body}"
        );
        assert_eq!(answer.as_object().unwrap().len(), 2, "{event}: {body}");
    }
    world.wires.database.down();
    let (is_ok, body) = ask(&mut process, r#"{"task": "expire"}"#).await;
    assert!(
        !is_ok && body.contains(r#""errorType":"transient""#),
        "{body}"
    );
}

#[tokio::test]
async fn a_start_without_good_settings_ends_with_one_line() {
    let Some(world) = World::start("a_start_without_good_settings").await else {
        return;
    };
    let mut process = world
        .spawn(&[
            ("DATABASE_SECRET_ID", ""),
            ("CONVERSATIONS_DEAD_LETTER_QUEUE_URL", ""),
            ("SEGMENTS_QUEUE_URL", ""),
            ("SEGMENT_VALUES", "0"),
            ("ERASURE_KEY_SECRET_ID", ""),
            ("EMBEDDING_KEY_SECRET_ID", ""),
            ("EMBEDDING_BASE_URL", "canary ftp"),
            ("EMBEDDING_BATCH_TEXTS", "0"),
            ("EMBEDDING_SECOND", "{\"provider\": \"canary\"}"),
            ("PII_POLICY", "canary"),
            ("RETENTION_DAYS", "canary"),
            ("CHUNK_TOKENS", "canary"),
            ("SCHEMA_MAP", "@/canary/nowhere"),
            ("INTENTS", "canary"),
        ])
        .await;
    let end = tokio::time::timeout(AMPLE, process.function.ended()).await;
    assert_eq!(end.unwrap().unwrap().code(), Some(1));
    let log = process.log();
    assert_eq!(log.lines().count(), 1, "{log}");
    let line: Value = serde_json::from_str(&log).unwrap();
    assert_eq!(
        (&line["level"], &line["error.kind"]),
        (&json!("ERROR"), &json!("misconfigured"))
    );
    let said = line["error"].as_str().unwrap();
    for name in [
        "DATABASE_SECRET_ID",
        "CONVERSATIONS_DEAD_LETTER_QUEUE_URL",
        "SEGMENTS_QUEUE_URL",
        "SEGMENT_VALUES",
        "ERASURE_KEY_SECRET_ID",
        "EMBEDDING_BASE_URL",
        "EMBEDDING_BATCH_TEXTS",
        "EMBEDDING_SECOND",
        "PII_POLICY",
        "RETENTION_DAYS",
        "CHUNK_TOKENS",
        "SCHEMA_MAP",
        "INTENTS",
    ] {
        assert!(said.contains(name), "{name}: {said}");
    }
    assert!(
        !said.contains("Misconfigured") && !said.contains('"'),
        "{said}"
    );
    assert!(!log.contains("canary"), "{log}");
}
