//! The audit against a real Postgres: appended by many at once, forged in every way, anchored outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod again;
mod anchors;
mod appends;
mod erasures;
mod forgeries;
mod keys;
mod pseudonyms;
mod stage;
