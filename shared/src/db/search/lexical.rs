//! The leg of words: which chunks have words of a question.

use std::collections::BTreeSet;

use super::Filter;
use super::snapshot::Snapshot;
use super::space::Space;
use crate::db::words::{WordHits, WordSpace, Words, fetch_words};
use crate::error::Error;

impl Snapshot<'_> {
    /// What the words of a question find, each in the texts of its analysis.
    pub async fn words(&self, filter: &Filter, questions: &[Words]) -> Result<WordHits, Error> {
        let space = match filter.space {
            Space::Knowledge => Some(WordSpace::Knowledge),
            Space::Conversations => self
                .active()
                .map(|(model, _)| WordSpace::Conversations(*model)),
        };
        match space {
            Some(space) => fetch_words(&self.transaction, space, questions).await,
            None => Ok(WordHits {
                hits: Vec::new(),
                dead: BTreeSet::new(),
            }),
        }
    }
}
