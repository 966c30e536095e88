//! Tokens: how they are asked for, how long they are kept, and what happens when they are refused.

use std::sync::Mutex;

use super::*;

/// Takes no token but those that `is_good` takes; the first word of the header is the scheme.
async fn taking(is_good: impl Fn(&str) -> bool + Send + Sync + 'static) -> World {
    World::start(move |seen| {
        if is_good(seen.token()) {
            empty()
        } else {
            status(401)
        }
    })
    .await
}

/// Refuses the first token it ever saw.
fn but_the_first() -> impl Fn(&str) -> bool + Send + Sync {
    let first = Mutex::new(None);
    move |token| *first.lock().unwrap().get_or_insert(token.to_owned()) != token
}

#[tokio::test]
async fn each_style_gets_a_token() {
    for (path, style, body) in [
        (TOKEN_PATH, "client_credentials", "scope=knowledge%3Aread"),
        (
            "/oauth/token",
            "client_credentials",
            "grant_type=client_credentials",
        ),
        (
            "/auth/token",
            "password",
            "grant_type=password&username=local-access-key",
        ),
        (
            "/authentication/v1/token/access-key",
            "access_key",
            "\"accessKeyId\":\"local-access-key\"",
        ),
    ] {
        let world = World::start(|_| empty()).await;
        let url = format!("{}{path}", world.simulator.url());
        let profile = json!({"token": {"url": url, "style": style}});
        let settings = settings(&world.simulator, &world.api.url, &profile);
        let knowledge = settings.knowledge(&world.sdk).unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        knowledge.list(&all(), until).await.unwrap();
        let asked = world.simulator.requests(path);
        assert_eq!((asked.len(), asked[0].status), (1, Some(200)), "{style}");
        assert!(
            asked[0].body.replace(": ", ":").contains(body),
            "{}",
            asked[0].body
        );
        assert_eq!(asked[0].headers["accept"], "application/json");
        assert!(world.api.seen()[0].token().starts_with("Bearer sim-"));
    }
}

#[tokio::test]
async fn a_token_serves_many_calls_until_it_is_forgotten() {
    let world = taking(|_| true).await;
    for call in world.list_at_once(50).await {
        call.unwrap();
    }
    world.list().await.unwrap();
    assert_eq!(world.token_requests().len(), 1);
    world.knowledge.forget();
    world.list().await.unwrap();
    world.list().await.unwrap();
    assert_eq!(world.token_requests().len(), 2);
}

#[tokio::test]
async fn a_token_is_replaced_before_it_expires() {
    let simulated = Simulated {
        token_lifetime: Duration::from_secs(8),
        ..Simulated::default()
    };
    let world = World::with(simulated, json!({}), quick(), |_| empty()).await;
    world.list().await.unwrap();
    world.list().await.unwrap();
    assert_eq!(world.token_requests().len(), 1);
    tokio::time::sleep(Duration::from_millis(4_200)).await;
    world.list().await.unwrap();
    assert_eq!(
        world.token_requests().len(),
        2,
        "it would be good for three seconds more"
    );
}

#[tokio::test]
async fn a_hundred_parallel_401s_cost_one_token() {
    let is_good = but_the_first();
    let world = World::start(move |seen| {
        std::thread::sleep(Duration::from_millis(1)); // So that they overlap.
        if is_good(seen.token()) {
            empty()
        } else {
            status(401)
        }
    })
    .await;
    let warm = world.knowledge.list(&all(), Instant::now()).await;
    assert!(
        warm.is_err() && world.token_requests().is_empty(),
        "no time, no request"
    );
    for call in world.list_at_once(100).await {
        call.unwrap();
    }
    let refused = world.api.seen().len() - 100;
    assert!(refused > 50, "most met a refusal: {refused}");
    assert_eq!(
        world.token_requests().len(),
        2,
        "the first and its successor"
    );
}

#[tokio::test]
async fn a_token_that_is_refused_again_ends_the_call() {
    let world = taking(|_| false).await;
    let error = misconfigured(world.list().await);
    assert!(
        error.contains("base_url and token.url of endpoints.knowledge"),
        "{error}"
    );
    assert_eq!(
        (world.api.seen().len(), world.token_requests().len()),
        (2, 2)
    );
    for call in world.list_at_once(100).await {
        misconfigured(call);
    }
    assert_eq!(world.api.seen().len(), 202, "twice each");
    assert!(
        world.token_requests().len() <= 4,
        "{}",
        world.token_requests().len()
    );
}

#[tokio::test]
async fn bad_credentials_are_final_and_asked_with_once() {
    let world = taking(|_| true).await;
    world.put_secret(credentials("wrong-secret")).await;
    for call in world.list_at_once(50).await {
        let error = misconfigured(call);
        assert!(
            error.contains("CXONE_SECRET_ID") && !error.contains("wrong-secret"),
            "{error}"
        );
    }
    misconfigured(world.list().await);
    assert_eq!(world.token_requests().len(), 1, "nobody locks the client");
    assert!(world.api.seen().is_empty());
}

#[tokio::test]
async fn new_credentials_work_with_the_call_that_finds_the_old_ones_refused() {
    let world = taking(|_| true).await;
    world.list().await.unwrap();
    let client = cxone_simulator::Client::with_all_scopes("local-client", "next-secret");
    world.simulator.update(cxone_simulator::SettingsUpdate {
        clients: vec![client],
        ..cxone_simulator::SettingsUpdate::default()
    });
    world.put_secret(credentials("next-secret")).await;
    world.knowledge.forget();
    world.list().await.unwrap();
    let statuses: Vec<_> = world.token_requests().iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Some(200), Some(401), Some(200)]);
}

#[tokio::test]
async fn missing_scopes_are_named() {
    let client = cxone_simulator::Client {
        scopes: vec!["assist:write".to_owned()],
        ..cxone_simulator::Client::with_all_scopes("local-client", "local-secret")
    };
    let simulated = Simulated {
        clients: vec![client],
        ..Simulated::default()
    };
    let world = World::with(simulated, json!({}), quick(), |_| empty()).await;
    let error = misconfigured(world.list().await);
    assert!(error.contains("(knowledge:read)"), "{error}");
    assert_eq!(
        (world.token_requests().len(), world.api.seen().len()),
        (1, 0)
    );
}

#[tokio::test]
async fn a_token_service_that_is_unwell_is_asked_again_but_not_for_ever() {
    let world = taking(|_| true).await;
    for fault in [
        Fault::status(503),
        Fault::status(429),
        Fault::Lost,
        Fault::Cut,
        Fault::NotJson,
        Fault::GzipBomb { bytes: 1 << 20 },
        Fault::Huge { bytes: 1 << 20 },
    ] {
        world.knowledge.forget();
        world.simulator.clear_requests();
        world.meet(FaultRule::next("tokens", 4, fault.clone()));
        world.list().await.unwrap();
        assert_eq!(world.token_requests().len(), 5, "{fault:?}");
        world.knowledge.forget();
        world.meet(FaultRule::rate("tokens", 1.0, fault));
        later(world.list().await);
        assert_eq!(world.token_requests().len(), 10);
    }
}

#[tokio::test]
async fn who_waits_for_another_ones_token_waits_no_longer_than_told() {
    let world = taking(|_| true).await;
    world.meet(FaultRule::rate(
        "tokens",
        1.0,
        Fault::Drip { every_ms: 1_000 },
    ));
    let patient = Arc::clone(&world.knowledge);
    let until = Instant::now() + Duration::from_secs(3);
    let patient = tokio::spawn(async move { patient.list(&all(), until).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    later(world.list_within(Duration::from_millis(300)).await);
    assert!(started.elapsed() < Duration::from_millis(2_500));
    later(patient.await.unwrap());
    assert!(started.elapsed() < Duration::from_secs(15));
}
