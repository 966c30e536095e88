//! The embedder as a process: killed, frozen, cut off from its database, watched for what it logs and how much memory it holds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a proof says its figures")]

#[path = "embedder_process/correlation.rs"]
mod correlation;
#[path = "embedder_process/kill.rs"]
mod kill;
#[path = "embedder_process/memory.rs"]
mod memory;
#[path = "embedder_process/outage.rs"]
mod outage;
#[path = "embedder_process/secrets.rs"]
mod secrets;
#[path = "embedder_process/thaw.rs"]
mod thaw;
#[path = "embedder_process/wire.rs"]
mod wire;
#[path = "embedder_process/world.rs"]
mod world;
