//! How snippets of knowledge are ranked for an agent, and what clicks teach about it.
//!
//! [`RankingRequest::parse`] reads what is asked for and tells every broken rule at once; [`rank`] makes the order that CXone gets;
//! [`Click::parse`] reads what an agent did with it. Pure: what was learned is an argument.

mod clicks;
mod learning;
mod metadata;
#[cfg(feature = "openapi")]
mod openapi;
mod order;
mod request;
mod rules;
mod snippet;
#[cfg(test)]
mod tests;

pub use clicks::{Action, Click, RankPosition};
pub use learning::{
    ByPlace, Clicks, Explanation, Learned, Learning, LearningMode, SnippetCounts, Tuning, Values,
};
pub use metadata::Metadata;
pub use order::{Ranked, Ranking};
pub use request::{Normalization, RankingRequest};
pub use rules::rank;
pub use snippet::{Boost, Snippet};
