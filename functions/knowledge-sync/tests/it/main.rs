//! The sync against the simulated CXone, a simulated provider and a real Postgres.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod changes;
mod conditional;
mod events;
mod failing;
mod flawed;
mod foresee;
mod kept;
mod lease;
mod links;
mod mirror;
mod model;
mod removal;
mod resume;
mod second;
mod tidy;
mod world;
