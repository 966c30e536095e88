//! Addresses that CXone itself tells.

use super::*;

/// A profile whose interface is discovered at the simulator.
fn discovered(simulator: &Simulator, base_url: &str) -> Value {
    let url = format!("{}/.well-known/cxone-configuration", simulator.url());
    json!({
        "base_url": base_url,
        "discovery": {"url": url, "tenant_id": "t-1&x"},
        "articles": {"path": "/kb/pages"},
    })
}

fn asked(world: &World) -> Vec<Recorded> {
    world.simulator.requests("/.well-known/")
}

async fn list(world: &World, base_url: &str) -> Result<ArticlePage, Error> {
    let profile = discovered(&world.simulator, base_url);
    let settings = settings(&world.simulator, "", &profile);
    let knowledge = settings.knowledge_at(&world.sdk, quick()).unwrap();
    let until = Instant::now() + Duration::from_secs(5);
    let first = Box::pin(knowledge.list(&all(), until)).await;
    let second = Box::pin(knowledge.list(&all(), until)).await;
    assert_eq!(first.is_ok(), second.is_ok());
    second
}

#[tokio::test]
async fn an_interface_is_found_by_the_tenant_and_looked_up_once() {
    let world = World::start(|_| empty()).await;
    // The simulator tells its own address, where nothing has this path.
    let error = misconfigured(list(&world, "{api_endpoint}/x").await);
    assert!(error.contains("HTTP 404"), "{error}");
    assert_eq!(world.simulator.requests("/x/kb/pages").len(), 2);
    let asked = asked(&world);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].query.as_deref(), Some("tenantId=t-1%26x"));
    assert_eq!(asked[0].headers.get("authorization"), None);
}

#[tokio::test]
async fn a_discovery_that_is_unwell_is_asked_again() {
    let world = World::start(|_| empty()).await;
    world.meet(FaultRule::next("discovery", 3, Fault::status(503)));
    misconfigured(list(&world, "{api_endpoint}").await);
    assert_eq!(asked(&world).len(), 4);
}

#[tokio::test]
async fn what_discovery_does_not_say_or_know_is_a_setting_to_change() {
    let world = World::start(|_| empty()).await;
    world.meet(FaultRule::rate("discovery", 1.0, Fault::status(400)));
    let error = misconfigured(list(&world, "{api_endpoint}").await);
    assert!(error.contains("discovery.tenant_id"), "{error}");
    let silent = Fault::Status {
        status: 200,
        retry_after: None,
        code: None,
        body: Some(json!({"api_endpoint": "http://api.example.com"})),
    };
    world.meet(FaultRule::rate("discovery", 1.0, silent));
    let error = misconfigured(list(&world, "https://{area}.example.com").await);
    assert!(
        error.contains("does not say area; set values.area"),
        "{error}"
    );
    let error = misconfigured(list(&world, "{api_endpoint}").await);
    assert!(error.contains("must begin with https://"), "{error}");
}
