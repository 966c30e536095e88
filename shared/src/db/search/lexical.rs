//! The leg of words: which chunks have words of a question.

use std::collections::BTreeSet;

use super::Filter;
use super::snapshot::Snapshot;
use super::space::Space;
use crate::db::words::{WordHits, WordSpace, Words, fetch_analyses, fetch_words};
use crate::error::Error;
use crate::text::terms::Analysis;

impl Snapshot<'_> {
    /// In which ways the texts were read.
    pub async fn analyses(&self, filter: &Filter) -> Result<Vec<Analysis>, Error> {
        match self.word_space(filter) {
            Some(space) => fetch_analyses(&self.transaction, space).await,
            None => Ok(Vec::new()),
        }
    }

    /// What the words of a question find, each in the texts of its analysis.
    pub async fn words(&self, filter: &Filter, questions: &[Words]) -> Result<WordHits, Error> {
        match self.word_space(filter) {
            Some(space) => fetch_words(&self.transaction, space, questions).await,
            None => Ok(WordHits {
                hits: Vec::new(),
                dead: BTreeSet::new(),
            }),
        }
    }

    fn word_space(&self, filter: &Filter) -> Option<WordSpace> {
        match filter.space {
            Space::Knowledge => Some(WordSpace::Knowledge),
            Space::Conversations => self
                .active()
                .map(|(model, _)| WordSpace::Conversations(*model)),
        }
    }
}
