//! What somebody who listens to a conversation would look up.

use std::collections::HashMap;

use tokio::time::Instant;

use super::ask::Depth;
use super::knowledge::search_knowledge_by;
use super::{Retriever, search_knowledge};
use crate::assist::{CalmRules, Candidate, DEPTH, Window, outstanding};
use crate::db::search::{Reads, Snapshot};
use crate::domain::query::{KnowledgeQuery, Limit, QueryText};
use crate::domain::{ArticleId, Locale};
use crate::embedding::Understood;
use crate::error::Error;
use crate::search::answer::KnowledgeResult;
use crate::text::phrases::{KeyPhrases, Weigher};
use crate::text::terms::Analysis;

/// So many key phrases are searched for where nobody asks for another number. With 8 more cards are right than with 5, with 12, or with
/// all words, on the half of `tests/data/calls` for tuning.
pub const PHRASES: usize = 8;

/// The words of the last turn are looked for in so many articles.
const MOST_OWN: u64 = 50;

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
    own: HashMap<ArticleId, f64>,
}

impl Found {
    /// The articles that stand out, and that the last turn speaks of itself.
    pub fn worth_showing(&self, rules: &CalmRules) -> Vec<Candidate> {
        let mut found = outstanding(self.candidates.clone(), rules.stand_out());
        found.retain(|one| self.own_words(&one.article) >= rules.own_words());
        found
    }

    /// How much the words of the last turn alone have in common with an article: the sum of what each of them says, by how few articles
    /// have it. An article can answer the agent's words as well, and nobody asked for that.
    fn own_words(&self, article: &ArticleId) -> f64 {
        self.own.get(article).copied().unwrap_or_default()
    }
}

impl Retriever {
    /// Looks up what was said last: by the vector of all of it, and by its key phrases, in one pass of the local model. Always in the present
    /// state of the knowledge base.
    pub async fn listen(
        &self,
        listening: &Listening,
        window: &Window,
        language: Option<&Locale>,
        until: Instant,
    ) -> Result<Found, Error> {
        let said = window.text();
        let language = language.unwrap_or(&self.settings.language);
        let query = |text: &str, limit| -> Result<KnowledgeQuery, Error> {
            let unfit = |why| Error::invalid("/text", why);
            let mut query = listening.filter.clone();
            query.query = QueryText::parse(text).map_err(unfit)?;
            query.language = Some(language.clone());
            query.options.limit = Limit::parse(limit).map_err(unfit)?;
            Ok(query)
        };
        let all = query(&said, DEPTH)?;
        let mut own = query(window.latest(), MOST_OWN)?;
        own.options.explain = true;
        let analysis = Analysis::of(language.as_str());
        let work = async |snapshot: &Snapshot<'_>, read: Option<&Understood>| {
            let heeded = read.map_or(&[][..], |read| &read.heeded);
            let phrases = KeyPhrases::find(&said, heeded, analysis, listening.phrases);
            // Without any, all words are as good.
            let words = QueryText::parse(&phrases.to_query()).ok();
            let words = words.as_ref().unwrap_or(&all.query);
            let vector = read.map(|read| &read.embedding);
            let found = search_knowledge_by(snapshot, &self.settings, &all, words, vector).await?;
            let own = search_knowledge(snapshot, &self.settings, &own, None).await?;
            Ok(Found {
                has_vector: !found.vector_unavailable,
                candidates: found.results.into_iter().map(candidate).collect(),
                weigher: phrases.by,
                own: own.results.into_iter().map(in_common).collect(),
            })
        };
        let asked = (Depth::Heeded, Reads::Articles);
        self.ask(&all.query, asked, until, work).await
    }
}

fn in_common(result: KnowledgeResult) -> (ArticleId, f64) {
    let terms = result.explain.into_iter().flat_map(|it| it.lexical.terms);
    (result.article_id, terms.map(|term| term.idf).sum())
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
