//! Who may ask: every answer to every kind of key, on both routes.

use jiff::{SignedDuration, Timestamp};
use shared::auth::Scope;

use crate::world::{REFRESH, World, event, json_of, send};

const RUN: &str = "/knowledge/runs/019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30";

#[tokio::test]
async fn only_a_live_key_with_the_scope_is_let_in() {
    let Some(mut world) = World::start("only_a_live_key").await else {
        return;
    };
    let now = Timestamp::now();
    let later = now + SignedDuration::from_hours(1);
    let mut issue = |id: &str, scopes: &[Scope], expires| {
        let key = world.keys.issue(id, [9; 32], scopes.to_vec(), expires);
        key.unwrap()
    };
    let searcher = issue("searcher", &[Scope::SearchRead, Scope::OpsRead], later);
    let expired = issue(
        "expired",
        &[Scope::KnowledgeRefresh],
        now - SignedDuration::from_secs(1),
    );
    let second = issue("second", &Scope::ALL, later);
    world.put_keys().await;
    let crossed = format!("fixture.{}", second.split_once('.').unwrap().1);
    let bearer = format!("Bearer {second}");
    for (headers, status) in [
        (&[][..], 401),
        (&[("x-api-key", "")], 401),
        (&[("x-api-key", "fixture")], 401),
        (&[("x-api-key", "fixture.wrong")], 401),
        (&[("x-api-key", "nobody.wrong")], 401),
        (&[("x-api-key", crossed.as_str())], 401),
        (&[("x-api-key", expired.as_str())], 401),
        (&[("authorization", "Basic bm9ib2R5Ong=")], 401),
        (&[("x-api-key", searcher.as_str())], 403),
        (&[("x-api-key", second.as_str())], 202),
        (&[("authorization", bearer.as_str())], 202),
    ] {
        let before = world.runs().await.len();
        let response = send(&world.app, event("POST", REFRESH, "full_sync=x", headers)).await;
        let expected = if status == 202 { 400 } else { status };
        assert_eq!(
            response.status_code, expected,
            "the key comes first: {headers:?}"
        );
        let response = send(&world.app, event("POST", REFRESH, "", headers)).await;
        assert_eq!(response.status_code, status, "{headers:?}");
        let added = world.runs().await.len() - before;
        assert_eq!(added, usize::from(status == 202), "{headers:?}");
        let response = send(&world.app, event("GET", RUN, "", headers)).await;
        let expected = if status == 202 { 404 } else { status };
        assert_eq!(response.status_code, expected, "{headers:?}");
        assert!(!response.body.contains("fixture"), "{}", response.body);
    }
    let forbidden = send(
        &world.app,
        event("GET", RUN, "", &[("x-api-key", searcher.as_str())]),
    );
    let detail = json_of(&forbidden.await)["detail"].to_string();
    assert!(detail.contains("knowledge:refresh"), "{detail}");
}

#[tokio::test]
async fn a_new_key_works_at_once_and_forgers_cost_one_look() {
    let Some(mut world) = World::start("a_new_key_works_at_once").await else {
        return;
    };
    assert_eq!(world.ask("GET", RUN, "").await.status_code, 404);
    let later = Timestamp::now() + SignedDuration::from_hours(1);
    let scopes = vec![Scope::KnowledgeRefresh];
    world.key = world.keys.issue("new", [8; 32], scopes, later).unwrap();
    world.put_keys().await;
    assert_eq!(world.ask("GET", RUN, "").await.status_code, 404);
    for _ in 0..20 {
        let forged = [("x-api-key", "new.forged")];
        let response = send(&world.app, event("GET", RUN, "", &forged)).await;
        assert_eq!(response.status_code, 401);
    }
    assert_eq!(world.double.calls("GetSecretValue"), 2);
}
