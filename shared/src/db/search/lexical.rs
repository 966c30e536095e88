//! The leg of words: which chunks have words of a question.

use super::Filter;
use super::snapshot::Snapshot;
use super::space::Space;
use crate::db::words::{WordCounts, WordSpace, Words, fetch_counts, fetch_words};
use crate::error::Error;
use crate::search::words::AnalysisHits;

impl Snapshot<'_> {
    /// What there is to be found by words, whatever is asked and whoever passes the filter.
    pub async fn word_counts(&self, filter: &Filter) -> Result<WordCounts, Error> {
        match self.word_space(filter) {
            Some(space) => fetch_counts(&*self.transaction, space).await,
            None => Ok(WordCounts::default()),
        }
    }

    /// What the words of a question find, each in the texts of its analysis.
    pub async fn words(
        &self,
        counts: &WordCounts,
        questions: &[Words],
    ) -> Result<Vec<AnalysisHits<Vec<u8>>>, Error> {
        fetch_words(&*self.transaction, counts, questions).await
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
