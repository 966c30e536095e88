//! Conversations against a real Postgres: stored once, superseded in time, erased without a trace, whatever runs beside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../brute_force/mod.rs"]
mod brute_force;

mod again;
mod claims;
mod erase;
mod expire;
mod faults;
mod key;
mod known;
mod plans;
mod races;
mod rolling;
mod segments;
mod stage;
mod store;
mod supersede;
mod words;
