//! Transcripts go in; the answers, the rows and the audit come out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod callers;
mod intake;
mod lines;
mod world;
