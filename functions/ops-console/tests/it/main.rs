//! The function with a real database; its page in a real browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod callers;
mod counts;
mod map;
mod page;
mod speed;
mod world;
