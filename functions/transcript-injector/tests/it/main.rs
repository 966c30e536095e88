//! Tasks go in; the conversations at CXone, the rows and the audit come out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod doubts;
mod posting;
mod storm;
mod taken;
mod tasks;
mod troubles;
mod world;
