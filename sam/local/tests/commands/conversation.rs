//! The way of a conversation: tried, sent, found, made anew, erased.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_postgres::{Client, NoTls};

use crate::world::{Desk, payload, run, stack};

async fn rows(stack: &Value) -> Client {
    let url = stack["database_url"].as_str().unwrap();
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Text and tags of every piece.
async fn stored(client: &Client, conversation: &str) -> Vec<(String, Value)> {
    let stored = "SELECT text_content, semantic_metadata::text FROM conversation_embeddings WHERE conversation_id = $1 ORDER BY chunk";
    let rows = client.query(stored, &[&conversation]).await.unwrap();
    let tags = |row: &tokio_postgres::Row| serde_json::from_str(row.get(1)).unwrap();
    rows.iter().map(|row| (row.get(0), tags(row))).collect()
}

/// Waits until it went through the queue.
async fn wait_for(client: &Client, conversation: &str) -> Vec<(String, Value)> {
    for _ in 0..3_000 {
        let stored = stored(client, conversation).await;
        if !stored.is_empty() {
            return stored;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{conversation} was not stored");
}

#[tokio::test]
async fn a_conversation_is_tried_sent_found_and_erased() {
    let Some(stack) = stack("a_conversation_is_tried_sent_found") else {
        return;
    };
    let (client, desk) = (rows(&stack).await, Desk::new());
    let name = format!("kettle-{}", uuid::Uuid::new_v4());
    let said = format!(
        "The kettle {name} hums. Write to a@example.com! {}",
        "It was new, and I am not amused. ".repeat(60)
    );
    let file = desk.put("payload.json", &payload(&name, &said));
    let foreseen = run(&["map", "--try", &file, "--json"], &[]).await.json();
    assert_eq!(
        foreseen["intent_by"], "examples",
        "the local model was asked"
    );
    assert!(
        stored(&client, &name).await.is_empty(),
        "nothing is stored for it"
    );

    let receipt = run(&["send", &file, "--json"], &[]).await.json();
    assert_eq!(receipt["conversation_id"], json!(name), "{receipt}");
    let stored_now = wait_for(&client, &name).await;
    let foreseen = foreseen["chunks"].as_array().unwrap();
    assert!(foreseen.len() > 1 && foreseen.len() == stored_now.len());
    for (foreseen, (text, tags)) in foreseen.iter().zip(&stored_now) {
        assert_eq!(foreseen["text"], json!(text));
        for name in [
            "pii_types",
            "intent_category",
            "language",
            "content_length",
            "conversation_id",
        ] {
            assert_eq!(foreseen["tags"][name], tags[name], "{name}");
        }
        let score = |tags: &Value| tags["intent_score"].as_f64().unwrap();
        assert!(
            (score(&foreseen["tags"]) - score(tags)).abs() < 0.002,
            "{tags}"
        );
    }
    let again = run(&["send", &file, "--scheme", "bearer"], &[]).await;
    assert!(
        again.code == Some(0) && again.out.contains("receipt"),
        "{again:?}"
    );

    let found = run(&["search", &name, "--conversations", "--explain"], &[]).await;
    assert_eq!(found.code, Some(0), "{found:?}");
    for word in [name.as_str(), "adds", "vectors", "words", "fused by"] {
        assert!(found.out.contains(word), "{word}: {found:?}");
    }
    let erased = run(&["erase", &name], &[]).await;
    assert!(
        erased.code == Some(1) && erased.err.contains("--yes"),
        "{erased:?}"
    );
    let erased = run(&["erase", &name, "--yes", "--json"], &[]).await.json();
    assert_eq!(erased["removed"]["conversation_events"], 1, "{erased}");
    assert!(stored(&client, &name).await.is_empty());
}

#[tokio::test]
async fn a_conversation_is_made_anew() {
    let Some(stack) = stack("a_conversation_is_made_anew") else {
        return;
    };
    let (client, desk) = (rows(&stack).await, Desk::new());
    let name = format!("anew-{}", uuid::Uuid::new_v4());
    let file = desk.put("payload.json", &payload(&name, "It hums."));
    run(&["send", &file, "--json"], &[]).await.json();
    let before = wait_for(&client, &name).await;
    let spoil =
        "UPDATE conversation_embeddings SET semantic_metadata = '{}' WHERE conversation_id = $1";
    client.execute(spoil, &[&name]).await.unwrap();
    assert_eq!(
        run(&["reembed", "--json"], &[]).await.json()["finished"],
        true
    );
    assert_ne!(
        stored(&client, &name).await,
        before,
        "there was no reason to look at it"
    );
    let told = run(&["replay", "--conversation", &name, "--json"], &[])
        .await
        .json();
    assert_eq!(
        (&told["events"], &told["finished"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(stored(&client, &name).await, before);
    let shown = run(&["reembed"], &[]).await;
    assert!(
        shown.code == Some(0) && shown.out.contains("nothing is left"),
        "{shown:?}"
    );
    let wrong = run(&["reembed", "--switch", "nobody"], &[]).await;
    assert!(
        wrong.code == Some(1) && wrong.err.contains("is not a configured model"),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn what_is_refused_says_why_and_no_key_is_told() {
    let Some(stack) = stack("what_is_refused_says_why") else {
        return;
    };
    let desk = Desk::new();
    let mut bad = payload("conv-1", "It hums.");
    bad["timestamp"] = json!("yesterday");
    let bad = desk.put("bad.json", &bad);
    let good = desk.put("good.json", &payload("conv-1", "It hums."));
    let said = run(&["send", &bad], &[]).await;
    assert!(
        said.code == Some(1) && said.err.contains("/timestamp"),
        "{said:?}"
    );
    let webhook = stack["webhook"]["url"].as_str().unwrap();
    let http = stack["http_url"].as_str().unwrap();
    let forged = [("TEST_KEY", "a-key-of-somebody-else-entirely")];
    for (arguments, code, words) in [
        (
            vec![
                "send",
                &good,
                "--url",
                webhook,
                "--key-env",
                "TEST_KEY",
                "--scheme",
                "bearer",
            ],
            1,
            "answered 401",
        ),
        (
            vec!["send", &good, "--url", webhook, "--key-env", "NOT_SET"],
            1,
            "NOT_SET is not set",
        ),
        (
            vec![
                "send",
                &good,
                "--url",
                "http://example.org/",
                "--key-env",
                "TEST_KEY",
            ],
            1,
            "https://",
        ),
        (vec!["send", &good, "--url", webhook], 2, "--key-env"),
        (
            vec!["send", &good, "--scheme", "basic"],
            1,
            "does not take basic",
        ),
        (
            vec!["search", "kettle", "--url", http, "--key-env", "TEST_KEY"],
            1,
            "answered 401",
        ),
        (vec!["search", "kettle", "--limit", "51"], 2, "51"),
        (
            vec!["search", "kettle", "--language", "no language"],
            1,
            "/language",
        ),
    ] {
        let said = run(&arguments, &forged).await;
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:?}");
        assert!(said.err.contains(words), "{arguments:?}: {said:?}");
        assert!(!format!("{said:?}").contains(forged[0].1), "{said:?}");
    }
}
