//! An inverted index in blocks: what each transaction writes, how several blocks become one, and what a query's terms score.
//!
//! A block never changes. It holds the postings of some documents, in buckets: the bucket of a term follows from its hash, so that a
//! reader fetches the few buckets of the query's terms and nothing else. Documents that were deleted stay in their block until it is
//! folded, and are named to whoever reads it. Nothing here knows where blocks are kept.

mod block;
mod explain;
mod fold;
mod hash;
mod pages;
mod postings;
mod score;
mod shelves;
#[cfg(test)]
mod tests;
mod varint;

pub use block::{Block, build_block};
pub use explain::{Contribution, explain};
pub use fold::{docs_of, fold};
pub use hash::bucket;
pub use postings::{Posting, Postings, read_postings};
pub use score::{AnalysisHits, LexicalScores, TermHits, score};

/// The number of a document: never used twice, not even for the same text written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Doc(pub i64);

/// Bytes that no block of ours consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a block of words is damaged: {0}")]
pub struct Damaged(pub(super) &'static str);
