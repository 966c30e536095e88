//! Utterances go in; cards at the simulator and rows come out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calm;
mod events;
mod knowledge;
mod policies;
mod trouble;
mod world;
