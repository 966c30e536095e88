//! How well search and cards do by the labelled data of this repository.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod gate;
mod phrases;
mod world;
