//! The embedder against a real Postgres, a double of SQS and Secrets Manager, and a provider that misbehaves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod active;
mod copies;
mod database;
mod deadline;
mod drive;
mod flow;
mod long;
mod maps;
mod meaning;
mod messages;
mod others;
mod outage;
mod partial;
mod poison;
mod policies;
mod refill;
mod segments;
mod storm;
mod switch;
mod tasks;
mod words;
mod world;
