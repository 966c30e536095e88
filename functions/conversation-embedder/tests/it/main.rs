//! The embedder against a real Postgres, a double of SQS and Secrets Manager, and a provider that misbehaves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod flow;
mod tasks;
mod world;
