//! The webhook from gateway event to queue, over the real AWS SDK.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod faults;
mod fuzz;
mod outage;
mod rotation;
mod world;
