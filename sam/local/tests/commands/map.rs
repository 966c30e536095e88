//! A payload is tried: nothing but this machine is needed for it.

use serde_json::{Value, json};

use crate::world::{Desk, Said, payload, run};

const SERVICE: (&str, &str) = ("EMBEDDING_PROVIDER", "openai");

async fn map(file: &str, more: &[&str], settings: &[(&str, &str)]) -> Said {
    let arguments = [&["map", "--try", file], more].concat();
    run(&arguments, &[&[SERVICE], settings].concat()).await
}

#[tokio::test]
async fn text_chunks_and_tags_are_shown() {
    let desk = Desk::new();
    let said = "Write to a@example.com, please: I want my money back for the invoice.";
    let file = desk.put("payload.json", &payload("conv-1", said));
    let told = map(&file, &["--json"], &[]).await.json();
    assert_eq!(told["event"], "conversation.completed");
    let chunks = told["chunks"].as_array().unwrap();
    assert_eq!(chunks.len(), 1, "{told}");
    assert!(chunks[0]["text"].as_str().unwrap().contains(said), "{told}");
    assert_eq!(chunks[0]["tags"]["pii_types"], json!(["email"]), "{told}");
    assert_eq!(chunks[0]["tags"]["language"], "en", "{told}");
    assert_eq!(told["intent_by"], "words", "{told}");

    let masked = map(&file, &["--json"], &[("PII_POLICY", "mask")]).await;
    assert!(!masked.out.contains("a@example.com"), "{masked:?}");
    assert!(masked.json()["masked_payload"].is_object(), "{masked:?}");
    let block = map(&file, &["--json"], &[("PII_POLICY", "block")]).await;
    let tags = &block.json()["chunks"][0]["tags"];
    assert_eq!(tags["without_vector"], "withheld", "{tags}");
    let small = [("CHUNK_TOKENS", "16"), ("CHUNK_OVERLAP_TOKENS", "2")];
    let small = map(&file, &["--json"], &small).await.json();
    assert!(small["chunks"].as_array().unwrap().len() > 1, "{small}");

    let shown = map(&file, &[], &[]).await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for word in ["Chunk 1", "conv-1", "\"pii_types\":[\"email\"]", said] {
        assert!(shown.out.contains(word), "{word}: {shown:?}");
    }
}

#[tokio::test]
async fn another_map_gives_another_text() {
    let desk = Desk::new();
    let file = desk.put("payload.json", &payload("conv-1", "It hums."));
    let before = map(&file, &["--json"], &[]).await.json();
    let new = desk.put("map.json", &json!({"subject": "About"}));
    let after = map(&file, &["--json", "--map", &new], &[]).await.json();
    assert_eq!(after["text"], "About: The kettle hums", "{after}");
    assert_ne!(after["map_version"], before["map_version"]);
    let demanding = json!({"default": {"fields": {"subject": "About"}, "required": ["survey"]}});
    let demanding = desk.put("map.json", &demanding);
    let none = map(&file, &["--json", "--map", &demanding], &[])
        .await
        .json();
    let lack = (&none["missing"], &none["chunks"]);
    assert_eq!(lack, (&json!(["survey"]), &json!([])), "{none}");
}

#[tokio::test]
async fn what_is_wrong_is_said_with_what_to_do() {
    let desk = Desk::new();
    let good = desk.put("payload.json", &payload("conv-1", "It hums."));
    let mut bad = payload("conv-1", "It hums.");
    bad["timestamp"] = json!("yesterday");
    bad["conversationId"] = Value::Null;
    let bad = desk.put("bad.json", &bad);
    let wrong = desk.put("map.json", &json!({"default": {"felder": {}}}));
    for (arguments, settings, code, words) in [
        (vec!["map", "--try", &bad], vec![SERVICE], 1, "/timestamp"),
        (
            vec!["map", "--try", &bad],
            vec![SERVICE],
            1,
            "/conversationId",
        ),
        (
            vec!["map", "--try", "nowhere.json"],
            vec![SERVICE],
            1,
            "check the path",
        ),
        (
            vec!["map", "--try", &good, "--map", &wrong],
            vec![SERVICE],
            1,
            "felder",
        ),
        (
            vec!["map", "--try", &good],
            vec![SERVICE, ("PII_POLICY", "perhaps")],
            1,
            "PII_POLICY",
        ),
        (
            vec!["map", "--try", &good],
            vec![("EMBEDDING_PROVIDER", "somebody")],
            1,
            "EMBEDDING_PROVIDER",
        ),
        (vec!["map", &good], vec![SERVICE], 2, "--try"),
    ] {
        let said = run(&arguments, &settings).await;
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:?}");
        assert!(said.err.contains(words), "{arguments:?}: {said:?}");
    }
}
