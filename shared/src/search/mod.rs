//! Which documents answer a query, and how well. Pure: no I/O, no clock.

pub mod bm25;
pub mod words;
