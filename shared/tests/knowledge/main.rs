//! The knowledge base against a real Postgres: one worker writes at a time, a page is stored whole, and readers see whole articles.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../brute_force/mod.rs"]
mod brute_force;

mod lease;
mod links;
mod plans;
mod readers;
mod removals;
mod reports;
mod runs;
mod stage;
mod store;
mod whole;
mod words;
