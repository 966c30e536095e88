//! Requests and ticks go in; the answers, the rows, and what the agent sees come out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod callers;
mod clicks;
mod erasure;
mod orders;
mod posting;
mod storm;
mod ticks;
mod world;
