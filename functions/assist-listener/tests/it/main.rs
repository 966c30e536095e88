//! The listener against the simulated stream, a double of SQS and a real Postgres.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test speaks through its output")]

mod deaf;
mod drops;
mod events;
mod handover;
mod outage;
mod same;
mod sides;
mod two_hours;
mod world;
