//! Who may ask, on every route.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::auth::Scope;

use crate::world::{CONVERSATIONS, KNOWLEDGE, World, event, send};

#[tokio::test]
async fn only_a_live_key_with_the_scope_is_let_in() {
    let Some(mut world) = World::start("only_a_live_key").await else {
        return;
    };
    let now = Timestamp::now();
    let later = now + SignedDuration::from_hours(1);
    let mut issue = |id: &str, scopes: &[Scope], expires| {
        world
            .keys
            .issue(id, [9; 32], scopes.to_vec(), expires)
            .unwrap()
    };
    let reads = [Scope::SearchRead, Scope::ConversationsRead];
    let others: Vec<_> = Scope::ALL
        .into_iter()
        .filter(|scope| !reads.contains(scope))
        .collect();
    let other = issue("other", &others, later);
    let [articles, talks] =
        [("articles", reads[0]), ("talks", reads[1])].map(|(id, scope)| issue(id, &[scope], later));
    let expired = issue("expired", &reads, now - SignedDuration::from_secs(1));
    world.put_keys().await;
    let bearer = format!("Bearer {}", world.key);
    for (headers, status) in [
        (&[][..], 401),
        (&[("x-api-key", "fixture.wrong")], 401),
        (&[("x-api-key", expired.as_str())], 401),
        (&[("x-api-key", other.as_str())], 403),
        (&[("authorization", bearer.as_str())], 400),
    ] {
        for path in [KNOWLEDGE, CONVERSATIONS] {
            let mut question = event("POST", path, headers);
            question["body"] = json!("{\"quary\": 1}");
            let response = send(&world.app, question).await;
            assert_eq!(
                response.status_code, status,
                "the key comes first: {path} {headers:?}"
            );
        }
        let told = send(&world.app, event("GET", "/conversations/c-1", headers)).await;
        let expected = if status == 400 { 404 } else { status };
        assert_eq!(told.status_code, expected, "{headers:?}");
    }
    // Who may read what is written for all may not read what customers said, nor the other way round.
    for (key, of_articles, of_talks) in [(&articles, 200, 403), (&talks, 403, 200)] {
        for (path, status) in [(KNOWLEDGE, of_articles), (CONVERSATIONS, of_talks)] {
            let mut question = event("POST", path, &[("x-api-key", key)]);
            question["body"] = json!(r#"{"query": "router"}"#);
            let response = send(&world.app, question).await;
            assert_eq!(response.status_code, status, "{path}: {}", response.body);
            if status == 403 {
                let scope = if path == KNOWLEDGE {
                    "search:read"
                } else {
                    "conversations:read"
                };
                assert!(response.body.contains(scope), "{}", response.body);
            }
        }
        let told = event("GET", "/conversations/c-1", &[("x-api-key", key)]);
        let expected = if of_talks == 200 { 404 } else { 403 };
        assert_eq!(send(&world.app, told).await.status_code, expected);
    }
}
