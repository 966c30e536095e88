//! What somebody who listens to a conversation would look up.

use std::mem;

use tokio::time::Instant;

use super::Retriever;
use super::ask::Depth;
use super::knowledge::search_knowledge_by;
use crate::assist::{CalmRules, Candidate, DEPTH, Window, outstanding};
use crate::db::search::{Reads, Snapshot};
use crate::domain::query::{KnowledgeQuery, Limit, QueryText};
use crate::domain::{ArticleId, Locale};
use crate::embedding::Understood;
use crate::error::Error;
use crate::search::answer::{Explanation, KnowledgeResult};
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
    /// The articles that are worth showing, the best first.
    pub candidates: Vec<Candidate>,
    /// Whether the text had a vector; else its words were searched alone.
    pub has_vector: bool,
    /// Who weighed its words.
    pub weigher: Weigher,
    /// How the scores came about, the best first, those that are not worth showing included.
    pub explained: Vec<(ArticleId, Explanation)>,
}

impl Found {
    /// Whether the words that were said have an article among their first.
    fn is_first_by_words(&self, article: &ArticleId, most: usize) -> bool {
        let mut explained = self.explained.iter();
        let found = explained.find(|(one, _)| one == article);
        let place = found.and_then(|(_, explanation)| explanation.lexical.rank);
        place.is_some_and(|place| place <= most)
    }

    /// Whether an article is among the first of all.
    fn is_first(&self, article: &ArticleId, most: usize) -> bool {
        let mut first = self.explained.iter().take(most);
        first.any(|(one, _)| one == article)
    }
}

impl Retriever {
    /// Looks up what was said last, and keeps what is worth showing by these rules: what stands out, and what the words and the last turn
    /// alone agree on. An article can answer the agent's words as well, and nobody asked for that. The last turn is only looked up if there
    /// is something to agree on. Always in the present state of the knowledge base.
    pub async fn listen(
        &self,
        listening: &Listening,
        rules: &CalmRules,
        window: &Window,
        language: Option<&Locale>,
        until: Instant,
    ) -> Result<Found, Error> {
        let said = window.text();
        let mut found = self.look_up(listening, &said, language, until).await?;
        let mut candidates = outstanding(mem::take(&mut found.candidates), rules.stand_out());
        let most = rules.among_first();
        candidates.retain(|one| found.is_first_by_words(&one.article, most));
        if !candidates.is_empty() {
            let last = window.latest();
            if last == said {
                candidates.retain(|one| found.is_first(&one.article, most));
            } else {
                let last = self.look_up(listening, last, language, until).await?;
                candidates.retain(|one| last.is_first(&one.article, most));
            }
        }
        found.candidates = candidates;
        Ok(found)
    }

    /// Looks up a text by its vector and by its key phrases, in one pass of the local model.
    async fn look_up(
        &self,
        listening: &Listening,
        said: &str,
        language: Option<&Locale>,
        until: Instant,
    ) -> Result<Found, Error> {
        let unfit = |why| Error::invalid("/text", why);
        let language = language.unwrap_or(&self.settings.language);
        let mut query = listening.filter.clone();
        query.query = QueryText::parse(said).map_err(unfit)?;
        query.language = Some(language.clone());
        query.options.limit = Limit::parse(DEPTH).map_err(unfit)?;
        query.options.explain = true;
        let analysis = Analysis::of(language.as_str());
        let work = async |snapshot: &Snapshot<'_>, read: Option<&Understood>| {
            let heeded = read.map_or(&[][..], |read| &read.heeded);
            let phrases = KeyPhrases::find(said, heeded, analysis, listening.phrases);
            // Without any, all words are as good.
            let words = QueryText::parse(&phrases.to_query()).ok();
            let words = words.as_ref().unwrap_or(&query.query);
            let vector = read.map(|read| &read.embedding);
            let found =
                search_knowledge_by(snapshot, &self.settings, &query, words, vector).await?;
            let explain = |one: &KnowledgeResult| {
                let explanation = one.explain.clone()?;
                Some((one.article_id.clone(), explanation))
            };
            Ok(Found {
                has_vector: !found.vector_unavailable,
                explained: found.results.iter().filter_map(explain).collect(),
                candidates: found.results.into_iter().map(candidate).collect(),
                weigher: phrases.by,
            })
        };
        let asked = (Depth::Heeded, Reads::Articles);
        self.ask(&query.query, asked, until, work).await
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
