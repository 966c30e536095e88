//! What somebody who listens to a conversation would look up.

use tokio::time::Instant;

use super::Retriever;
use crate::assist::{Candidate, DEPTH};
use crate::domain::Locale;
use crate::domain::query::{KnowledgeQuery, Limit, QueryText};
use crate::error::Error;
use crate::search::answer::KnowledgeResult;
use crate::text::phrases::{KeyPhrases, Weigher};
use crate::text::terms::Analysis;

/// So many key phrases are searched for where nobody asks for another number. With 8 more cards are right than with 5, with 12, or with
/// all words, on the half of `tests/data/calls` for tuning.
pub const PHRASES: usize = 8;

/// What is looked up, whatever is said.
#[derive(Debug, Clone)]
pub struct Listening {
    /// Where it is looked up; its text does not matter.
    pub filter: KnowledgeQuery,
    /// How many key phrases are searched for.
    pub phrases: usize,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The articles, the best first.
    pub candidates: Vec<Candidate>,
    /// Whether the text had a vector; else its words were searched alone.
    pub has_vector: bool,
    /// Who weighed its words.
    pub weigher: Weigher,
}

impl Retriever {
    /// Looks up what was said last: by the vector of all of it, and by its key phrases, in one pass of the local model. Always in the present
    /// state of the knowledge base.
    pub async fn listen(
        &self,
        listening: &Listening,
        said: &str,
        language: Option<&Locale>,
        until: Instant,
    ) -> Result<Found, Error> {
        let mut query = listening.filter.clone();
        let unfit = |why| Error::invalid("/text", why);
        query.query = QueryText::parse(said).map_err(unfit)?;
        let language = language.unwrap_or(&self.settings.language);
        query.language = Some(language.clone());
        query.options.limit = Limit::parse(DEPTH).map_err(unfit)?;
        let analysis = Analysis::of(language.as_str());
        let mut weigher = Weigher::Statistics;
        let answer = self.knowledge_heeding(&query, until, |heeded| {
            let found = KeyPhrases::find(said, heeded, analysis, listening.phrases);
            weigher = found.by;
            // Without any, all words are as good.
            QueryText::parse(&found.to_query()).ok()
        });
        let answer = answer.await?;
        Ok(Found {
            has_vector: !answer.vector_unavailable,
            candidates: answer.results.into_iter().map(candidate).collect(),
            weigher,
        })
    }
}

fn candidate(result: KnowledgeResult) -> Candidate {
    Candidate {
        article: result.article_id,
        locale: result.language,
        title: result.title,
        passage: result.text,
        score: result.score,
    }
}
