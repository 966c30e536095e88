//! Search against a real Postgres: the nearest are found, filters let nothing through, every state is whole, pages are complete.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(
    dead_code,
    reason = "the builders of the other suite, of which this one needs few"
)]
#[path = "../knowledge/stage.rs"]
mod articles;
#[expect(
    dead_code,
    reason = "the builders of the other suite, of which this one needs few"
)]
#[path = "../conversations/stage.rs"]
mod calls;

mod changes;
mod conversations;
mod filters;
mod graph;
mod languages;
mod models;
mod paging;
mod recall;
mod segments;
mod stage;
