//! The tables `word_blocks`, `word_postings` and `word_dead`: which words stand in which chunks.
//!
//! Whoever writes chunks writes their block in the same transaction, and whoever deletes some names them dead in the same statement. Both
//! add rows and change none, so no writer waits for another. How many chunks there are, how long, and how many of them have a term is
//! counted from the blocks without the dead: it is right in every snapshot. [`tend`] folds blocks and drops the dead, one at a time per
//! space; who reads meanwhile sees the blocks as they were, or as they are.

mod dead;
mod fetch;
mod insert;
mod lock;
mod moving;
mod plan;
mod rewrite;
mod tend;

pub(super) use self::dead::{forget_gone, name_all_dead, name_dead};
pub use self::fetch::{WordCounts, fetch_counts, fetch_words};
pub(super) use self::insert::{NewWords, insert};
pub(super) use self::moving::move_blocks;
pub use self::tend::{purge_conversations, tend};
use super::embedding_models::ModelId;
use crate::text::terms::{Analysis, Terms, count_terms};

/// The words of a text, counted before any transaction begins.
#[derive(Debug, Clone)]
pub struct Words {
    pub(super) analysis: Analysis,
    pub(super) terms: Terms,
}

impl Words {
    /// Counts them.
    pub fn count(text: &str, analysis: Analysis) -> Self {
        Self {
            analysis,
            terms: count_terms(text, analysis),
        }
    }

    /// In which way they were read.
    pub fn analysis(&self) -> Analysis {
        self.analysis
    }

    /// How many there are, as the database has it. No text that fits into a column has more.
    pub(super) fn length(&self) -> i32 {
        i32::try_from(self.terms.length).unwrap_or(i32::MAX)
    }
}

/// What is searched together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WordSpace {
    /// The articles.
    Knowledge,
    /// The conversations as they were cut for a model.
    Conversations(ModelId),
}

/// The space of the articles, as the tables name it.
pub(super) const KNOWLEDGE: &str = "knowledge";
/// What the name of a space of conversations begins with; the model's number follows.
pub(super) const CONVERSATIONS: &str = "conversations/";

impl WordSpace {
    fn name(self) -> String {
        match self {
            Self::Knowledge => KNOWLEDGE.to_owned(),
            Self::Conversations(model) => format!("{CONVERSATIONS}{}", model.0),
        }
    }

    fn parse(name: &str) -> Option<Self> {
        if name == KNOWLEDGE {
            return Some(Self::Knowledge);
        }
        let model = name.strip_prefix(CONVERSATIONS)?.parse().ok()?;
        Some(Self::Conversations(ModelId(model)))
    }
}

/// What blocks must have in common to be folded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Home {
    space: WordSpace,
    segment: Option<i32>,
    analysis: String,
    version: i16,
}
