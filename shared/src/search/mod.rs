//! Which documents answer a query, and how well. Pure: no I/O, no clock.

pub mod answer;
pub mod bm25;
pub mod collapse;
pub mod fuse;
pub mod group;
pub mod highlight;
pub mod normalise;
pub mod page;
pub mod words;
