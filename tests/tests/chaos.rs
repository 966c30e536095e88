//! Everything at once, for as long as one likes: conversations, articles, calls and transcripts, while functions are killed, stopped and
//! continued, Postgres crashes, wires are cut, and AWS, CXone and the provider answer late, wrong, twice or not at all. Then it is calm,
//! and the oracle looks into every store: lost = double = phantom = 0.
//!
//! `cargo local chaos --seed N --minutes M` runs it longer. A seed gives the same traffic and the same blows at the same times; which of
//! them meet is up to the machine. What fails prints the seed, and all that happened to the id in question.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test speaks through its output")]

#[path = "chaos/articles.rs"]
mod articles;
#[path = "chaos/calls.rs"]
mod calls;
#[path = "chaos/conversations.rs"]
mod conversations;
#[path = "chaos/environment.rs"]
mod environment;
#[path = "chaos/history.rs"]
mod history;
#[path = "chaos/oracle.rs"]
mod oracle;
#[path = "chaos/pump.rs"]
mod pump;
#[path = "chaos/rest.rs"]
mod rest;
#[path = "chaos/server.rs"]
mod server;
#[path = "chaos/storm.rs"]
mod storm;
#[path = "chaos/transcripts.rs"]
mod transcripts;
#[path = "chaos/world.rs"]
mod world;

use std::sync::Arc;
use std::time::Duration;

use shared::testing::{TestDatabase, setting};
use tokio::task::JoinSet;

use crate::server::Server;
use crate::world::World;

/// What CI has time for.
const SECONDS: f64 = 20.0;
const SEED: u64 = 11;

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    setting(name)?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_nothing_is_lost_or_done_twice_or_made_up() {
    let Some(server) = Server::start().await else {
        return;
    };
    let ended = tokio::spawn(storm_and_calm(server.database())).await;
    server.stop().await;
    ended.unwrap();
}

async fn storm_and_calm(database: TestDatabase) {
    let seed = number("CHAOS_SEED").unwrap_or(SEED);
    let seconds = number("CHAOS_MINUTES").map_or(SECONDS, |minutes: f64| minutes * 60.0);
    let world = Arc::new(World::start(seed, database).await);
    articles::stock(&world).await;
    let mut workers = JoinSet::new();
    conversations::work(&world, &mut workers);
    articles::work(&world, &mut workers);
    calls::work(&world, &mut workers);
    transcripts::work(&world, &mut workers);

    let mut traffic = JoinSet::new();
    traffic.spawn(conversations::send(Arc::clone(&world)));
    traffic.spawn(articles::edit(Arc::clone(&world)));
    traffic.spawn(calls::speak(Arc::clone(&world)));
    traffic.spawn(transcripts::hand_in(Arc::clone(&world)));
    storm::rage(&world, Duration::from_secs_f64(seconds)).await;
    world.end_the_traffic();
    traffic.join_all().await;
    storm::calm(&world).await;
    rest::come_to_rest(&world, &mut workers).await;

    conversations::check(&world).await;
    transcripts::check(&world).await;
    calls::check(&world).await;
    articles::check(&world).await;
    rest::check_the_audit(&world).await;
    world.history.sum_up(seed);
    oracle::sees_what_is_spoilt(&world).await;
}
