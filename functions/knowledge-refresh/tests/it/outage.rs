//! What is answered while a part is down.

use std::time::{Duration, Instant};

use aws_double::Fault;

use crate::world::{REFRESH, World, event, json_of, send};

#[tokio::test]
async fn without_the_queue_the_run_waits_for_the_schedule() {
    let Some(world) = World::start("without_the_queue").await else {
        return;
    };
    for fault in [Fault::Status(500), Fault::Slow(Duration::from_secs(30))] {
        world.double.clear_faults();
        world.double.fail_rate("SendMessage", fault, 1.0, 1);
        let began = Instant::now();
        let response = world.ask("POST", REFRESH, "").await;
        assert_eq!(response.status_code, 202, "{}", response.body);
        assert!(began.elapsed() < Duration::from_secs(9));
        let url = json_of(&response)["status_url"]
            .as_str()
            .unwrap()
            .to_owned();
        let report = json_of(&world.ask("GET", &url, "").await);
        assert_eq!(report["state"], "queued");
    }
    assert_eq!(world.runs().await.len(), 2);
}

#[tokio::test]
async fn without_the_database_the_caller_comes_back_and_nobody_is_woken() {
    let Some(world) = World::start("without_the_database").await else {
        return;
    };
    let app = world.app_with("postgres://nobody@127.0.0.1:1/none").await;
    let headers = [("x-api-key", world.key.as_str())];
    for (method, path) in [
        ("POST", REFRESH),
        (
            "GET",
            "/knowledge/runs/019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30",
        ),
    ] {
        let response = send(&app, event(method, path, "", &headers)).await;
        assert_eq!(response.status_code, 503, "{}", response.body);
        assert!(response.headers.contains_key("retry-after"));
    }
    assert!(world.queued().is_empty());
}

#[tokio::test]
async fn without_the_keys_nobody_is_called_a_stranger() {
    let Some(world) = World::start("without_the_keys").await else {
        return;
    };
    let fault = Fault::Status(500);
    world.double.fail_rate("GetSecretValue", fault, 1.0, 1);
    let response = world.ask("POST", REFRESH, "").await;
    assert_eq!(response.status_code, 503, "{}", response.body);
    assert!(world.runs().await.is_empty());
}
