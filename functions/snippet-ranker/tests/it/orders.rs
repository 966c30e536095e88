//! What whoever asks is answered, and what the agent sees then.

use serde_json::{Value, json};

use crate::world::{SESSION, World, json_of, request};

const FIXTURE: &str = include_str!("../../../../events/snippet-ranker.ranking.json");

#[tokio::test]
async fn the_fixture_is_ranked_and_the_agent_sees_it() {
    let Some(world) = World::start("the_fixture_is_ranked", &[]).await else {
        return;
    };
    let event: Value = serde_json::from_str(FIXTURE).unwrap();
    let response = crate::world::send(&world.app, event, crate::world::TIME).await;
    assert_eq!(response.status_code, 200, "{}", response.body);
    let answer = json_of(&response);
    assert_eq!(answer["session_id"], "default-agent-session-001");
    assert_eq!(answer["version"], 1);
    let shown = world.simulator.ranking().shown("default-agent-session-001");
    assert_eq!(shown.unwrap()["snippets"], answer["snippets"]);
    let audit = &answer["audit"];
    assert_eq!(audit["status"], "success");
    assert_eq!(audit["snippet_count"], 5);
    assert_eq!(audit["max_window"], 15);
    assert_eq!(audit["ranking_checksum"], answer["checksum"]);
    assert_eq!(answer["learning"], json!({ "mode": "shadow" }));
}

#[tokio::test]
async fn an_order_leaves_its_rows_impressions_and_an_entry_without_names() {
    let Some(world) = World::start("an_order_leaves_its_rows", &[]).await else {
        return;
    };
    let answer = json_of(&world.rank(&request(&[0.5, 0.9])).await);
    let order: String = world
        .value("SELECT state || ' ' || status || ' ' || version FROM ranking_orders WHERE latency_ms > 0")
        .await;
    assert_eq!(order, "posted 200 1");
    let session: String = world
        .value("SELECT concat_ws(' ', version, posted_version, unsure, poster, doubt_until) FROM ranking_sessions")
        .await;
    assert_eq!(session, "1 1 f");
    let shown: String = world
        .value("SELECT string_agg(concat_ws(' ', snippet_id, position, source, score, state), ', ' ORDER BY position) FROM assist_impressions")
        .await;
    assert_eq!(shown, "kb-1 1 ranking 0.9 shown, kb-0 2 ranking 0.5 shown");
    let entry: String = world.value("SELECT content FROM audit_entries").await;
    assert!(!entry.contains("s-1") && !entry.contains("kb-"), "{entry}");
    let checksum = answer["checksum"].as_str().unwrap();
    assert!(!entry.contains(checksum), "nor is it found by the order");
    let entry: Value = serde_json::from_str(&entry).unwrap();
    assert_eq!(
        (&entry["status"], &entry["version"]),
        (&json!("success"), &json!(1))
    );
    assert!(world.audit().await.is_sound());
}

#[tokio::test]
async fn a_repeat_under_its_key_gets_the_same_answer_without_another_post() {
    let Some(world) = World::start("a_repeat_under_its_key", &[]).await else {
        return;
    };
    let key = [("Idempotency-Key", "k-1")];
    let body = request(&[0.5, 0.9]);
    let first = world.ask_with("POST", SESSION, &key, &body).await;
    assert_eq!(first.status_code, 200, "{}", first.body);
    world.rank(&request(&[0.1])).await;
    // Other spelling, same document.
    let spaced = serde_json::to_string_pretty(&body).unwrap();
    let headers = [("x-api-key", world.key.as_str()), key[0]];
    let event = crate::world::event("POST", SESSION, &headers, &spaced);
    let again = crate::world::send(&world.app, event, crate::world::TIME).await;
    assert_eq!((again.status_code, &again.body), (200, &first.body));
    let other = world
        .ask_with("POST", SESSION, &key, &request(&[0.2]))
        .await;
    assert_eq!(other.status_code, 409);
    let elsewhere = "/assist/sessions/s-2/ranking";
    let elsewhere = world.ask_with("POST", elsewhere, &key, &body).await;
    assert_eq!(elsewhere.status_code, 200);
    assert_eq!(world.posted(), 3);
}

#[tokio::test]
async fn repeats_that_arrive_together_are_one_order() {
    let Some(world) = World::start("repeats_that_arrive_together", &[]).await else {
        return;
    };
    let apps = [
        world.another().await,
        world.another().await,
        world.another().await,
    ];
    let mut calls = tokio::task::JoinSet::new();
    for app in apps.iter().cycle().take(12) {
        let key = [("idempotency-key", "k-1")];
        let event = world.event("POST", SESSION, &key, &request(&[0.5]));
        let app = std::sync::Arc::clone(app);
        calls.spawn(async move { crate::world::send(&app, event, crate::world::TIME).await });
    }
    let answers = calls.join_all().await;
    let first = &answers[0].body;
    assert!(
        answers
            .iter()
            .all(|one| one.status_code == 200 && one.body == *first)
    );
    assert_eq!(world.posted(), 1);
}

#[tokio::test]
async fn an_order_for_another_version_is_a_conflict_that_names_the_version() {
    let Some(world) = World::start("an_order_for_another_version", &[]).await else {
        return;
    };
    let expecting = |version: i64| {
        let mut body = request(&[0.5]);
        body["expected_version"] = json!(version);
        body
    };
    for (version, status, names) in [
        (1, 409, "at version 0"),
        (0, 200, ""),
        (0, 409, "at version 1"),
        (1, 200, ""),
        (7, 409, "at version 2"),
    ] {
        let response = world.rank(&expecting(version)).await;
        assert_eq!(response.status_code, status, "{version}: {}", response.body);
        assert!(response.body.contains(names), "{}", response.body);
    }
    assert_eq!(world.posted(), 2);
}

#[tokio::test]
async fn a_session_is_called_by_its_whole_name() {
    let Some(world) = World::start("a_session_is_called", &[]).await else {
        return;
    };
    for (written, name, status) in [
        ("a%2Fb%20c%3Fd%25", "a/b c?d%", 200),
        ("%C3%BC-_.~", "ü-_.~", 200),
        ("..", "..", 404),
        ("%2e%2E", "..", 404),
    ] {
        let path = format!("/assist/sessions/{written}/ranking");
        let response = world.ask("POST", &path, &request(&[0.5])).await;
        assert_eq!(response.status_code, status, "{written}: {}", response.body);
        let shown = world.simulator.ranking().shown(name);
        assert_eq!(shown.is_some(), status == 200, "{written}");
    }
    let asked = world.simulator.requests("/api/v2/agentassist/");
    let named = |name: &str| asked[0].headers.get(name).cloned();
    assert_eq!(named("x-cxone-client-version").as_deref(), Some("1.0.0"));
    assert_eq!(named("content-type").as_deref(), Some("application/json"));
}

#[tokio::test]
async fn what_breaks_rules_is_refused_and_leaves_nothing() {
    let Some(world) = World::start("what_breaks_rules", &[]).await else {
        return;
    };
    let with = |name: &str, value: Value| {
        let mut body = request(&[0.5]);
        body[name] = value;
        body
    };
    for (path, headers, body, pointer) in [
        (SESSION, None, with("colour", json!(1)), "/colour"),
        (
            SESSION,
            None,
            with("session_id", json!("s-2")),
            "/session_id",
        ),
        (
            SESSION,
            None,
            with("callback_url", json!("https://10.0.0.7/")),
            "/callback_url",
        ),
        (
            SESSION,
            None,
            with("callback_url", json!("ftp://x.example/")),
            "/callback_url",
        ),
        (
            SESSION,
            Some(("idempotency-key", "a b")),
            request(&[0.5]),
            "/header/idempotency-key",
        ),
        (
            "/assist/sessions/%00/ranking",
            None,
            request(&[0.5]),
            "/path/session_id",
        ),
    ] {
        let headers: Vec<_> = headers.into_iter().collect();
        let response = world.ask_with("POST", path, &headers, &body).await;
        assert_eq!(response.status_code, 400, "{path} {}", response.body);
        assert_eq!(json_of(&response)["errors"][0]["pointer"], pointer);
    }
    let orders: i64 = world.value("SELECT count(*) FROM ranking_orders").await;
    assert_eq!((orders, world.posted()), (0, 0));
}
