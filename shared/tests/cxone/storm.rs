//! Tokens that are revoked and services that fail under many callers at once: in the end everybody has an answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[tokio::test]
async fn every_call_ends_with_its_page() {
    let draws = AtomicUsize::new(0);
    let world = World::start(move |_| match draws.fetch_add(1, Ordering::Relaxed) % 29 {
        3 => status(503),
        7 => status(429),
        11 => "<html>".into_response(),
        17 => status(401),
        _ => empty(),
    })
    .await;
    world.meet(FaultRule::rate("tokens", 0.2, Fault::status(500)));
    let rounds = testing::proof_size(20, 500);
    let (mut calls, mut failed) = (0, 0);
    for _ in 0..rounds {
        let outcomes = world.list_at_once(20).await;
        calls += outcomes.len();
        for outcome in outcomes {
            match outcome {
                Ok(_) => {}
                // Two refusals in one call, which is no credential's fault here.
                Err(Error::Misconfigured { .. }) => failed += 1,
                Err(error) => panic!("{}", error.chain()),
            }
        }
    }
    let (asked, tokens) = (world.api.seen().len(), world.token_requests().len());
    println!("{calls} calls, {asked} requests, {tokens} for tokens, {failed} refused twice");
    assert!(failed * 50 < calls, "{failed} of {calls}");
}
