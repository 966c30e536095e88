//! A refresh: what is written, what is answered, what is refused.

use serde_json::Value;

use crate::world::{REFRESH, World, json_of, pointers, send};

const FIXTURE: &str = include_str!("../../../../events/knowledge-refresh.json");

#[tokio::test]
async fn a_refresh_is_a_row_a_message_and_an_address_to_follow() {
    let Some(world) = World::start("a_refresh_is_a_row").await else {
        return;
    };
    let event: Value = serde_json::from_str(FIXTURE).unwrap();
    let response = send(&world.app, event).await;
    assert_eq!(response.status_code, 202, "{}", response.body);
    let accepted = json_of(&response);
    let run = accepted["run_id"].as_str().unwrap();
    assert_eq!(
        (&accepted["kind"], &accepted["state"]),
        (&"full".into(), &"queued".into())
    );
    assert_eq!(accepted["status_url"], format!("/knowledge/runs/{run}"));
    let words = |kind: &str, accepts| {
        (
            run.to_owned(),
            kind.to_owned(),
            "queued".to_owned(),
            accepts,
        )
    };
    assert_eq!(world.runs().await, [words("full", false)]);
    let queued = world.queued();
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0].run.to_string(), run);

    let followed = world
        .ask("GET", accepted["status_url"].as_str().unwrap(), "")
        .await;
    assert_eq!(followed.status_code, 200, "{}", followed.body);
    let report = json_of(&followed);
    assert_eq!(report["run_id"], run);
    assert_eq!(report["state"], "queued");
}

#[tokio::test]
async fn the_query_says_what_kind_of_run_and_a_repeat_is_another_run() {
    let Some(world) = World::start("the_query_says").await else {
        return;
    };
    for query in [
        "",
        "full_sync=true",
        "accept_removals=true&full_sync=true",
        "",
    ] {
        let response = world.ask("POST", REFRESH, query).await;
        assert_eq!(response.status_code, 202, "{}", response.body);
    }
    let runs = world.runs().await;
    let found: Vec<_> = runs
        .iter()
        .map(|(_, kind, _, accepts)| (kind.as_str(), *accepts))
        .collect();
    let expected = [
        ("incremental", false),
        ("full", false),
        ("full", true),
        ("incremental", false),
    ];
    assert_eq!(found, expected);
    assert_eq!(world.queued().len(), 4);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_pointers_and_leaves_nothing() {
    let Some(world) = World::start("what_makes_no_sense").await else {
        return;
    };
    let run = "/knowledge/runs/019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30";
    for (method, path, query, status, expected) in [
        (
            "POST",
            REFRESH,
            "full_sync=maybe",
            400,
            &["/query/full_sync"][..],
        ),
        ("POST", REFRESH, "fullsync=true", 400, &["/query/fullsync"]),
        (
            "POST",
            REFRESH,
            "full_sync=2&accept_removals=&x=1",
            400,
            &["/query/full_sync", "/query/x"],
        ),
        (
            "POST",
            REFRESH,
            "accept_removals=true",
            400,
            &["/query/accept_removals"],
        ),
        ("GET", REFRESH, "", 405, &[]),
        ("POST", run, "", 405, &[]),
        ("GET", run, "", 404, &[]),
        ("GET", run, "after=first", 400, &["/query/after"]),
        ("GET", run, "before=1", 400, &["/query/before"]),
        ("GET", "/knowledge/runs/7", "", 400, &["/path/id"]),
        ("GET", "/knowledge/runs/", "", 404, &[]),
        ("GET", "/knowledge/runs", "", 404, &[]),
        ("GET", "/knowledge/articles", "", 404, &[]),
    ] {
        let response = world.ask(method, path, query).await;
        assert_eq!(response.status_code, status, "{method} {path}?{query}");
        assert_eq!(pointers(&response), expected, "{method} {path}?{query}");
        assert_eq!(response.headers["content-type"], "application/problem+json");
    }
    let refused = world.ask("GET", REFRESH, "").await;
    assert_eq!(refused.headers["allow"], "POST");
    assert!(world.runs().await.is_empty() && world.queued().is_empty());
}

#[tokio::test]
async fn what_stands_before_the_route_stays_before_the_address() {
    let Some(world) = World::start("what_stands_before_the_route").await else {
        return;
    };
    let response = world.ask("POST", "/memory/v1/knowledge/refresh", "").await;
    let url = json_of(&response)["status_url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(url.starts_with("/memory/v1/knowledge/runs/"), "{url}");
    assert_eq!(world.ask("GET", &url, "").await.status_code, 200);
}
