//! Who may open the page, and what a browser may do with it.

use ops_console::{Answer, PATH};
use serde_json::{Value, json};

use crate::world::{World, link};

#[tokio::test]
async fn a_key_with_the_scope_or_a_live_link_opens_the_page() {
    let Some(world) = World::start("a_key_with_the_scope_or_a_live_link").await else {
        return;
    };
    let (key, poor) = (world.key.clone(), world.poor_key.clone());
    let good = link(600);
    let forged = good.replace("expires=", "expires=1");
    for (path, key, status) in [
        (PATH, Some(&key), 200),
        ("/v1/console", Some(&key), 200),
        (PATH, Some(&poor), 403),
        (PATH, None, 401),
        (&good, None, 200),
        (&good, Some(&poor), 403),
        (&forged, None, 401),
        (&link(-1), None, 401),
        (&link(3_700), None, 401),
        (&format!("{good}&more=1"), None, 400),
        ("/console?expires=soon", Some(&key), 400),
        ("/console?expires=1", None, 401),
        ("/other", Some(&key), 404),
    ] {
        let headers: Vec<_> = key
            .map(|key| ("x-api-key", key.as_str()))
            .into_iter()
            .collect();
        let response = world.ask("GET", path, &headers).await;
        assert_eq!(response.status_code, status, "{path}: {}", response.body);
    }
    let response = world.ask("POST", PATH, &[("x-api-key", &key)]).await;
    assert_eq!(response.status_code, 405);
}

#[tokio::test]
async fn a_browser_is_told_what_to_do_and_a_program_the_problem() {
    let Some(world) = World::start("a_browser_is_told").await else {
        return;
    };
    let poor = world.poor_key.clone();
    let cut_short = link(600).replace("&signature=", "&signature=0");
    let too_much = format!("{}&more=1", link(600));
    let browser = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    for (path, headers, status, words) in [
        (link(-1), vec![browser], 401, "cargo local console"),
        (link(3_700), vec![browser], 401, "live for an hour"),
        (cut_short, vec![browser], 401, "not copied whole"),
        (too_much, vec![browser], 400, "not copied whole"),
        (
            PATH.to_owned(),
            vec![browser, ("x-api-key", poor.as_str())],
            403,
            "ops:read",
        ),
        (
            "/other".to_owned(),
            vec![browser],
            404,
            "There is nothing here",
        ),
    ] {
        let page = world.ask("GET", &path, &headers).await;
        assert_eq!(page.status_code, status, "{path}: {}", page.body);
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert!(page.headers["content-security-policy"].contains("default-src 'none'"));
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.body.contains(words), "{}", page.body);
        assert!(page.body.contains(&page.headers["x-correlation-id"]));
        for secret in ["signature=", "expires="] {
            assert!(!page.body.contains(secret), "{}", page.body);
        }
        for accept in ["*/*", "application/json"] {
            let mut headers = headers.clone();
            headers[0].1 = accept;
            let problem = world.ask("GET", &path, &headers).await;
            assert_eq!(problem.status_code, status);
            assert_eq!(problem.headers["content-type"], "application/problem+json");
            assert_eq!(
                problem.headers.get("www-authenticate"),
                page.headers.get("www-authenticate")
            );
        }
    }
}

#[tokio::test]
async fn the_page_runs_nothing_fetches_nothing_and_is_kept_nowhere() {
    let Some(world) = World::start("the_page_runs_nothing").await else {
        return;
    };
    let event: Value =
        serde_json::from_str(include_str!("../../../../events/ops-console.json")).unwrap();
    let Ok(Answer::Http(response)) = world.invoke(event).await else {
        panic!("a request is answered")
    };
    assert_eq!(response.status_code, 200, "{}", response.body);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(response.headers[name], value);
    }
    let policy = &response.headers["content-security-policy"];
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    for word in ["<script", "http://", "https://", " style=", " onclick"] {
        assert!(!response.body.contains(word), "{word}");
    }
}

#[tokio::test]
async fn another_task_is_refused() {
    let Some(world) = World::start("another_task_is_refused").await else {
        return;
    };
    let refused = world.invoke(json!({ "task": "roll_down" })).await;
    assert_eq!(refused.unwrap_err().error_type, "invalid");
}
