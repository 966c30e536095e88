//! What somebody who listens to a conversation would look up.

use std::mem;

use tokio::time::Instant;

use super::Retriever;
use super::ask::{Asked, Depth};
use super::knowledge::search_knowledge_by;
use crate::assist::{CalmRules, Candidate, DEPTH, Window, is_called_for, prominence};
use crate::db::search::{Reads, Snapshot};
use crate::domain::query::{Fusion, KnowledgeQuery, Limit, QueryText};
use crate::domain::{ArticleId, Locale};
use crate::embedding::Understood;
use crate::error::Error;
use crate::search::answer::{Explanation, KnowledgeResult};
use crate::text::phrases::{KeyPhrases, Weigher};
use crate::text::pii;
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

impl Retriever {
    /// Looks up what was said last, and keeps what stands out by these rules: on average of what was said and of the last turn alone, which
    /// calls for it as much as the turn before does. An article can answer the agent's words as well, and nobody asked for that. The last
    /// turn is only looked up if something stands out at least half as far before, the turn before if something is left that is good
    /// enough to be shown. Always in the present state of the knowledge base. Nothing is kept if the model could be asked for a part of this only.
    pub async fn listen(
        &self,
        listening: &Listening,
        rules: &CalmRules,
        window: &Window,
        language: Option<&Locale>,
        until: Instant,
    ) -> Result<Found, Error> {
        let (said, last) = (window.text(), window.latest());
        let mut found = self
            .look_up(listening, (&said, &said), language, until)
            .await?;
        let all = mem::take(&mut found.candidates);
        let needed = rules.prominence();
        let shares = all.iter().map(|one| prominence(&all, &one.article));
        let mut shares: Vec<_> = all.iter().zip(shares).collect();
        shares.retain(|(_, share)| 2.0 * share >= needed);
        if shares.is_empty() {
            return Ok(found);
        }
        let Some(before) = window.before() else {
            shares.retain(|(_, share)| *share >= needed);
            found.candidates = shares.into_iter().map(|(one, _)| one.clone()).collect();
            return Ok(found);
        };
        let latest = self
            .look_up(listening, (last, &said), language, until)
            .await?;
        // Scores by words alone are no measure beside those by words and vectors.
        if latest.has_vector != found.has_vector {
            return Ok(found);
        }
        let latest = latest.candidates;
        shares.retain(|(one, share)| {
            f64::midpoint(*share, prominence(&latest, &one.article)) >= needed
        });
        let is_good = |(one, _): &(&Candidate, f64)| one.score >= rules.floor(&one.locale);
        let needed_beside = rules.beside_before();
        if needed_beside > 0.0 && shares.iter().any(is_good) {
            let before = self
                .look_up(listening, (before, &said), language, until)
                .await?;
            if before.has_vector != found.has_vector {
                return Ok(found);
            }
            shares.retain(|(one, _)| {
                is_called_for(needed_beside, &latest, &before.candidates, &one.article)
            });
        }
        found.candidates = shares.into_iter().map(|(one, _)| one.clone()).collect();
        Ok(found)
    }

    /// Looks up a text by its vector and by its key phrases, in one pass of the local model. Of what was said all has a vector or
    /// nothing: what is kept from a service is kept with everything around it.
    async fn look_up(
        &self,
        listening: &Listening,
        (said, within): (&str, &str),
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
        // By places alone everything scores alike: nothing would stand out, and whatever comes first would pass for good.
        query.options.fusion = Some(Fusion::Weighted);
        let analysis = Analysis::of(language.as_str());
        let unheeded = without_personal_data(said);
        let work = async |snapshot: &Snapshot<'_>, read: Option<&Understood>| {
            let heeded = read.map_or(&[][..], |read| &read.heeded);
            let said = if heeded.is_empty() { &unheeded } else { said };
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
        let asked = Asked {
            text: &query.query,
            within,
            depth: Depth::Heeded,
            reads: Reads::Articles,
        };
        self.ask(asked, until, work).await
    }
}

/// Addresses and numbers of people are in no article: as words that none has they would make all others count for less.
fn without_personal_data(said: &str) -> String {
    let mut left = String::with_capacity(said.len());
    let mut at = 0;
    for found in pii::find(said) {
        left.extend([said.get(at..found.range.start).unwrap_or_default(), " "]);
        at = found.range.end;
    }
    left + said.get(at..).unwrap_or_default()
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
