//! Transcripts in their tables: taken in once, claimed in order and at the pace, settled under a fence, and gone when they are erased.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod archive;
mod backlog;
mod claims;
mod ends;
mod erase;
mod pace;
mod stage;
mod store;
mod tallies;
