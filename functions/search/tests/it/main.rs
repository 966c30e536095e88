//! Searches from gateway event to answer, over the real AWS SDK, a real Postgres and a simulated provider.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod callers;
mod conversation;
mod models;
mod outage;
mod policies;
mod questions;
mod world;
