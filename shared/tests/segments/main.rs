//! Segments against a real Postgres: they become one, are made anew and go, and whoever reads, writes or erases meanwhile notices nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../brute_force/mod.rs"]
mod brute_force;
#[expect(
    dead_code,
    reason = "the builders of the other suite, of which this one needs few"
)]
#[path = "../conversations/stage.rs"]
mod calls;

mod expiry;
mod keeping;
mod kills;
mod merges;
mod model;
mod readers;
mod removals;
mod signs;
mod stage;
mod together;
mod waits;
