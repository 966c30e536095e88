//! Callbacks against a real Postgres, and servers that answer badly or not at all.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod inside;
mod leases;
mod receiver;
mod signatures;
mod stage;
