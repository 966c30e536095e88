//! The keeper against a real Postgres, beside writers and other keepers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(
    dead_code,
    reason = "the builders of the other suite, of which this one needs few"
)]
#[path = "../../../../shared/tests/conversations/stage.rs"]
mod calls;

mod beside;
mod events;
mod merge;
mod seal;
mod world;
