//! Tasks by hand: erase, expire, re-embed, switch.

use serde_json::{Value, json};

use crate::drive::{deliver, invoke};
use crate::messages::completed;
use crate::world::World;

const ERASE: &str = include_str!("../../../../events/conversation-embedder.erase.json");
const EXPIRE: &str = include_str!("../../../../events/conversation-embedder.expire.json");
const REEMBED: &str = include_str!("../../../../events/conversation-embedder.reembed.json");
const REPLAY: &str = include_str!("../../../../events/conversation-embedder.replay.json");
const SWITCH: &str = include_str!("../../../../events/conversation-embedder.switch-model.json");
const TIME: std::time::Duration = std::time::Duration::from_secs(30);

fn task(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn an_erased_conversation_does_not_come_back() {
    let Some(world) = World::start("an_erased_conversation_does_not_come_back", &[]).await else {
        return;
    };
    let one = completed("conv-8842-abc", "Forget me.");
    let bodies = [one.clone(), completed("another", "Keep me.")];
    assert!(world.deliver(&bodies).await.is_empty());
    let receipt = world.run(&task(ERASE)).await.unwrap();
    assert_eq!(
        receipt["removed"],
        json!({"conversation_events": 1, "conversation_embeddings": 1, "transcripts": 0})
    );
    assert_eq!(receipt["conversation_mac"].as_str().unwrap().len(), 64);
    assert!(
        world.deliver(&[one]).await.is_empty(),
        "a late copy is settled"
    );
    let texts = world.texts().await;
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!(texts[0].0, "another");
    let repeated = world.run(&task(ERASE)).await.unwrap();
    assert_eq!(repeated, receipt, "the receipt that is on record");
    let id = receipt["receipt_id"].as_str().unwrap();
    let recorded = format!("erased_conversations WHERE receipt_id = '{id}'");
    assert_eq!(world.count(&recorded).await, 1);
}

#[tokio::test]
async fn under_another_key_nothing_is_stored_or_erased() {
    let Some(world) = World::start("under_another_key", &[]).await else {
        return;
    };
    let one = completed("conv-8842-abc", "Forget me.");
    assert!(world.deliver(std::slice::from_ref(&one)).await.is_empty());
    world.run(&task(ERASE)).await.unwrap();
    world
        .put_secret("another-key", "another-0123456789abcdef0123456789ab")
        .await;
    let other = [("ERASURE_KEY_SECRET_ID", "another-key")];
    let other = world.again(&other).await;
    let bodies = [one, completed("late", "Wait.")];
    assert_eq!(
        deliver(&other, &bodies, TIME).await,
        ["0", "1"],
        "they wait until the key is put right"
    );
    let error = invoke(&other, task(ERASE), TIME).await.unwrap_err();
    assert_eq!(error.error_type, "misconfigured");
    assert!(
        error.error_message.contains("ErasureKeySecretArn"),
        "{}",
        error.error_message
    );
    assert_eq!(world.count("erased_conversations").await, 1);
    assert!(world.deliver(&bodies).await.is_empty());
    assert_eq!(world.texts().await.len(), 1, "what was erased stays so");
}

#[tokio::test]
async fn what_is_older_than_the_retention_goes() {
    let Some(world) = World::start("what_is_older_than_the_retention_goes", &[]).await else {
        return;
    };
    assert!(
        world
            .deliver(&[completed("old", "Old."), completed("new", "New.")])
            .await
            .is_empty()
    );
    let aged = "UPDATE conversation_events SET received_at = now() - interval '31 days' WHERE conversation_id = 'old'";
    world.rows.execute(aged, &[]).await.unwrap();
    let kept = world.run(&task(EXPIRE)).await.unwrap();
    assert_eq!(
        (kept["finished"].clone(), world.texts().await.len()),
        (json!(true), 2),
        "no retention is set"
    );
    let longest = world.again(&[("RETENTION_DAYS", "36500")]).await;
    let report = invoke(&longest, task(EXPIRE), TIME).await.unwrap();
    assert_eq!(report["removed"]["conversation_events"], 0, "{report}");
    let app = world.again(&[("RETENTION_DAYS", "30")]).await;
    let report = invoke(&app, task(EXPIRE), TIME).await.unwrap();
    assert_eq!(report["removed"]["conversation_events"], 1, "{report}");
    assert_eq!(world.texts().await[0].0, "new");
    // What the same day received goes when all of it is over.
    let aged = |time: &str| {
        format!(
            "UPDATE conversation_events SET received_at = date_trunc('day', now() - interval '30 days', 'UTC') {time}"
        )
    };
    for (time, removed) in [("", 0), ("- interval '1 second'", 1)] {
        world.rows.batch_execute(&aged(time)).await.unwrap();
        let report = invoke(&app, task(EXPIRE), TIME).await.unwrap();
        let gone = &report["removed"]["conversation_events"];
        assert_eq!(gone, removed, "{time}: {report}");
    }
}

#[tokio::test]
async fn callbacks_that_were_given_up_or_never_told_go_with_the_retention() {
    let Some(world) = World::start("callbacks_that_were_given_up", &[]).await else {
        return;
    };
    let told = "INSERT INTO callbacks (id, subject_mac, url, body, created_at, dead, died_at)
        SELECT gen_random_uuid(), sha256(state::bytea), 'https://cups.example/' || state, '{}', now() - CASE state WHEN 'waits' THEN interval '29 days' ELSE interval '40 days' END,
            CASE WHEN age IS NOT NULL THEN 'gone' END, now() - age
        FROM (VALUES ('waits', NULL), ('young', interval '29 days'), ('old', interval '31 days'), ('never, old', NULL)) AS c (state, age),
            generate_series(1, CASE WHEN state = 'old' THEN 700 ELSE 1 END)";
    world.rows.batch_execute(told).await.unwrap();
    world.run(&task(EXPIRE)).await.unwrap();
    assert_eq!(world.count("callbacks").await, 703, "no retention is set");
    let app = world.again(&[("RETENTION_DAYS", "30")]).await;
    let report = invoke(&app, task(EXPIRE), TIME).await.unwrap();
    assert_eq!(report["finished"], true, "{report}");
    let (left, old) = ("callbacks", "callbacks WHERE url LIKE '%old'");
    assert_eq!((world.count(left).await, world.count(old).await), (2, 0));
}

#[tokio::test]
async fn a_second_model_is_filled_and_switched_to_and_back() {
    let Some(world) = World::start("a_second_model_is_filled", &[]).await else {
        return;
    };
    assert!(
        world
            .deliver(&[completed("one", "One."), completed("two", "Two.")])
            .await
            .is_empty()
    );
    let second = json!({"provider": "openai", "base_url": world.simulator.url(), "model": "all-MiniLM-L6-v2",
        "dimensions": 384, "key_secret_id": "embedding-key"});
    let app = world
        .again(&[("EMBEDDING_SECOND", &second.to_string())])
        .await;
    let early = invoke(&app, task(SWITCH), TIME).await.unwrap_err();
    assert!(
        early.error_type == "conflict" && early.error_message.contains("2 events"),
        "{early:?}"
    );
    let three = completed("three", "Three.");
    assert!(deliver(&app, &[three], TIME).await.is_empty());
    let report = invoke(&app, task(REEMBED), TIME).await.unwrap();
    assert_eq!(report["finished"], true, "{report}");
    assert_eq!(report["models"][1]["done"], 3, "{report}");
    assert_eq!(
        world
            .count("conversation_embeddings WHERE vector_dims(embedding) = 384")
            .await,
        3
    );
    assert_eq!(
        world
            .count("conversation_embeddings WHERE vector_dims(embedding) = 1536")
            .await,
        3
    );
    let torn = "(SELECT event_id FROM conversation_embeddings GROUP BY event_id
        HAVING count(DISTINCT (semantic_metadata->>'intent_category', semantic_metadata->>'intent_score')) > 1) e";
    assert_eq!(
        world.count(torn).await,
        0,
        "what it is about does not depend on the way it came"
    );
    invoke(&app, task(SWITCH), TIME).await.unwrap();
    assert_eq!(
        world
            .count("embedding_models WHERE active AND dimensions = 384")
            .await,
        1
    );
    let back = json!({"task": "switch_model", "model": "text-embedding-3-small"});
    invoke(&app, back, TIME).await.unwrap();
    assert_eq!(
        world
            .count("embedding_models WHERE active AND dimensions = 1536")
            .await,
        1
    );
    assert_eq!(world.count("embedding_models WHERE active").await, 1);
}

#[tokio::test]
async fn of_two_models_of_one_name_the_dimensions_tell_which() {
    let Some(world) = World::start("of_two_models_of_one_name", &[]).await else {
        return;
    };
    let second = json!({"provider": "openai", "base_url": world.simulator.url(), "model": "text-embedding-3-small",
        "dimensions": 512, "key_secret_id": "embedding-key"});
    let app = world
        .again(&[("EMBEDDING_SECOND", &second.to_string())])
        .await;
    let mut switch = json!({"task": "switch_model", "model": "text-embedding-3-small"});
    let unclear = invoke(&app, switch.clone(), TIME).await.unwrap_err();
    assert_eq!(unclear.error_type, "conflict", "{unclear:?}");
    switch["provider"] = json!("local");
    let nobody = invoke(&app, switch.clone(), TIME).await.unwrap_err();
    assert_eq!(nobody.error_type, "invalid", "{nobody:?}");
    (switch["provider"], switch["dimensions"]) = (json!("openai"), json!(512));
    let switched = invoke(&app, switch, TIME).await.unwrap();
    assert_eq!(switched["active"]["dimensions"], 512, "{switched}");
    let active = "embedding_models WHERE active AND dimensions = 512";
    assert_eq!(world.count(active).await, 1);
}

/// Intents are no part of a map: that others are configured is seen by nothing, until it is asked for.
#[tokio::test]
async fn what_is_replayed_is_made_anew_and_nothing_else_is() {
    let Some(world) = World::start("what_is_replayed", &[]).await else {
        return;
    };
    let bodies = [
        completed("conv-8842-abc", "The parcel was late."),
        completed("another", "The parcel was late too."),
    ];
    assert!(world.deliver(&bodies).await.is_empty());
    let (before, asked) = (world.tags().await, world.asked());
    let intents = json!({"threshold": -1.0, "examples": {"parcels": ["Where is the parcel?"]}});
    let app = world.again(&[("INTENTS", &intents.to_string())]).await;
    let report = invoke(&app, task(REEMBED), TIME).await.unwrap();
    assert_eq!(report["finished"], true, "{report}");
    assert_eq!(world.tags().await, before, "nobody knows of it");

    let report = invoke(&app, task(REPLAY), TIME).await.unwrap();
    assert_eq!(report, json!({ "events": 1 }));
    assert_eq!(world.texts().await.len(), 2, "search finds it meanwhile");
    let waiting = "embedded WHERE words_version = 0";
    assert_eq!(world.count(waiting).await, 1);
    invoke(&app, task(REEMBED), TIME).await.unwrap();
    let after = world.tags().await;
    let intents: Vec<_> = after.iter().map(|one| &one["intent_category"]).collect();
    assert_eq!(intents[0], "parcels", "{after:?}");
    assert_eq!(after[1], before[1], "{after:?}");
    assert!(
        world.asked() - asked <= 1,
        "only the example of an intent is new"
    );
    for (wanted, events) in [
        (json!({"from": "2000-01-01T00:00:00Z"}), 2),
        (json!({"to": "2000-01-01T00:00:00Z"}), 0),
        (json!({"conversation_id": "nobody"}), 0),
        (json!({}), 2),
    ] {
        let mut replay = wanted.clone();
        replay["task"] = json!("replay");
        let report = invoke(&app, replay, TIME).await.unwrap();
        assert_eq!(report["events"], events, "{wanted}");
    }
    let wrong = json!({"task": "replay", "since": "2000-01-01T00:00:00Z"});
    let wrong = invoke(&app, wrong, TIME).await.unwrap_err();
    assert_eq!(wrong.error_type, "invalid", "{wrong:?}");
}
