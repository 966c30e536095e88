//! The commands as a person runs them: against the stack of `cargo local test`, or against stand-ins for an account of AWS.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod account;
mod conversation;
mod deployment;
mod doctor;
mod knowledge;
mod map;
mod moto;
mod world;
