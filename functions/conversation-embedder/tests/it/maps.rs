//! Which parts of a payload are words is configuration, and so is what is missing.

use std::io::Write as _;

use conversation_embedder::Config;
use serde_json::{Value, json};
use shared::config::Env;

use crate::messages::{message, payload};
use crate::world::World;

fn maps() -> Value {
    json!({
        "default": {
            "fields": {"subject": "Subject"},
            "turns": [{"each": "segments[*]", "who": "speaker", "what": "text", "label": "Somebody"}],
            "required": ["segments"],
        },
        "events": {"conversation.note": {"fields": {"note": "Note"}, "supersedes": false}},
    })
}

fn event(name: &str, minute: u32, data: &Value) -> String {
    let mut event = payload("one", name, minute, "");
    event["data"] = data.clone();
    message(&event)
}

async fn texts_under(world: &World) {
    let note = |minute, words| event("conversation.note", minute, &json!({"note": words}));
    let segments = json!([{"speaker": "Mia", "text": "Hello."}, {"text": "Hi."}]);
    let whole = event(
        "conversation.completed",
        5,
        &json!({"subject": "Cups", "segments": segments}),
    );
    let lacking = event("conversation.completed", 9, &json!({"subject": "Spoons"}));
    let bodies = [
        note(1, "First."),
        whole,
        note(2, "Second."),
        lacking.clone(),
    ];
    assert!(world.deliver(&bodies).await.is_empty());
    let mut texts: Vec<_> = world
        .texts()
        .await
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    texts.sort();
    assert_eq!(
        texts,
        [
            "Note: First.",
            "Note: Second.",
            "Subject: Cups\nMia: Hello.\nSomebody: Hi."
        ],
        "notes stand beside each other, and what is incomplete takes nobody's place"
    );
    let states = world
        .tally("SELECT state, count(*) FROM conversation_events GROUP BY state")
        .await;
    assert_eq!(
        states,
        [("incomplete".to_owned(), 1), ("searchable".to_owned(), 3)].into()
    );
    let asked = world.asked();
    assert!(world.deliver(&[lacking]).await.is_empty());
    assert_eq!(
        (world.asked(), world.parked().len()),
        (asked, 0),
        "settled for good"
    );
}

#[tokio::test]
async fn each_event_has_its_map_and_what_lacks_a_part_is_kept() {
    let settings = [("SCHEMA_MAP", &*maps().to_string())];
    let Some(world) = World::start("each_event_has_its_map", &settings).await else {
        return;
    };
    texts_under(&world).await;
}

#[tokio::test]
async fn a_map_may_stand_in_a_file() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(maps().to_string().as_bytes()).unwrap();
    let path = format!("@{}", file.path().display());
    let Some(world) = World::start("a_map_may_stand_in_a_file", &[("SCHEMA_MAP", &path)]).await
    else {
        return;
    };
    texts_under(&world).await;
}

#[test]
fn every_wrong_setting_is_named_with_the_place_where_it_is_wrong() {
    let wrong = |pairs: &[(&str, &str)]| {
        Config::from_env(&Env::from_pairs(pairs.iter().copied()))
            .err()
            .unwrap()
    };
    let all = wrong(&[
        (
            "SCHEMA_MAP",
            r#"{"events": {"conversation.note": {"fields": {"no[te": "Note"}}}}"#,
        ),
        ("INTENTS", "{"),
        ("PII_POLICY", "hide"),
        ("CHUNK_TOKENS", "many"),
        ("RETENTION_DAYS", "-1"),
        ("EMBEDDING_PROVIDER", "somebody"),
    ]);
    let text = all.problems.join("\n");
    for name in [
        "SCHEMA_MAP",
        "INTENTS",
        "PII_POLICY",
        "CHUNK_TOKENS",
        "RETENTION_DAYS",
        "EMBEDDING_PROVIDER",
        "ERASURE_KEY_SECRET_ID is not set",
        "CONVERSATIONS_DEAD_LETTER_QUEUE_URL is not set",
        "SEGMENTS_QUEUE_URL is not set",
        "DATABASE_",
    ] {
        assert!(
            all.problems.iter().any(|problem| problem.starts_with(name)),
            "{name}: {text}"
        );
    }
    assert!(
        text.contains("conversation.note") && text.contains("no[te"),
        "{text}"
    );
    let file = wrong(&[("SCHEMA_MAP", "@/no/such/file.json")]);
    assert!(
        file.problems
            .iter()
            .any(|one| one.starts_with("SCHEMA_MAP names a file")),
        "{file}"
    );
}

#[test]
fn a_retention_is_a_number_of_days_and_not_none_at_all() {
    for (days, is_sound) in [
        ("0", false),
        ("1", true),
        ("36500", true),
        ("36501", false),
        ("4294967295", false),
    ] {
        let wrong = Config::from_env(&Env::from_pairs([("RETENTION_DAYS", days)])).err();
        let problems = wrong.unwrap().problems;
        let is_named = problems.iter().any(|one| one.starts_with("RETENTION_DAYS"));
        assert_eq!(is_named, !is_sound, "{days}: {problems:?}");
    }
}
