//! How well search finds what people mean: a corpus and questions that were judged, and numbers for every way to rank.
//!
//! Articles go through the chunking, the model and the store that the knowledge sync uses, and questions through the search that the API
//! uses, so that the numbers are those of the product.
//!
//! - [`dataset`]: what the files say;
//! - [`library`] and [`clerk`]: a corpus becomes a knowledge base;
//! - [`systems`]: the ways to rank, and what each of them answers;
//! - [`metrics`]: how good a ranking is;
//! - [`report`]: what came out, for people and for machines;
//! - [`calls`], [`recorded`] and [`utterances`]: recorded calls, turn by turn and sentence by sentence;
//! - [`supervisor`], [`explained`] and `bootstrap`: who listens to calls and shows cards, why each card came, and what so few calls say;
//! - [`own`]: the labelled set of this repository. Its README says how it was made.
//!
//! Nothing here runs in AWS.

mod bootstrap;
pub mod calls;
pub mod clerk;
pub mod dataset;
pub mod explained;
pub mod library;
pub mod metrics;
pub mod own;
pub mod recorded;
pub mod report;
pub mod supervisor;
pub mod systems;
pub mod utterances;

/// What is given, or what was wrong.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
