//! A refresh from gateway event to row and message, and a run's report back, over the real AWS SDK and a real Postgres.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod callers;
mod outage;
mod refresh;
mod report;
mod world;
