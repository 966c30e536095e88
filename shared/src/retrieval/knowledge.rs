//! A search in articles.

use tokio::time::Instant;

use super::ask::Depth;
use super::legs::{CANDIDATES, Question, deeper};
use super::placed::{Placed, place};
use super::shown::{Shown, show};
use super::{Retriever, Settings};
use crate::db::search::{Filter, KnowledgeRow, Snapshot};
use crate::domain::query::{Cursor, KnowledgeQuery, LanguageChain, Position, QueryText};
use crate::domain::{Embedding, Locale};
use crate::embedding::Understood;
use crate::error::Error;
use crate::search::answer::{KnowledgeAnswer, KnowledgeResult};
use crate::search::collapse::{Collapsed, collapse};
use crate::search::fuse::Ranking;
use crate::search::group::{Group, group};
use crate::search::page::page_by_offset;

/// An article in its place.
type Article<'a> = Collapsed<Group<Placed<'a, KnowledgeRow>>>;

impl Retriever {
    /// Answers a search in articles. [`Error::Conflict`] means that the cursor is of an earlier state.
    pub async fn knowledge(
        &self,
        query: &KnowledgeQuery,
        until: Instant,
    ) -> Result<KnowledgeAnswer, Error> {
        let work = async |snapshot: &Snapshot<'_>, read: Option<&Understood>| {
            let vector = read.map(|read| &read.embedding);
            search_knowledge(snapshot, &self.settings, query, vector).await
        };
        self.ask(&query.query, Depth::Vector, until, work).await
    }
}

/// Answers a search in articles at one state of everything; `vector` is the question's, of the active model of that state.
pub async fn search_knowledge(
    snapshot: &Snapshot<'_>,
    settings: &Settings,
    query: &KnowledgeQuery,
    vector: Option<&Embedding>,
) -> Result<KnowledgeAnswer, Error> {
    search_knowledge_by(snapshot, settings, query, &query.query, vector).await
}

/// The same by other words than those of the text that the vector is of.
pub async fn search_knowledge_by(
    snapshot: &Snapshot<'_>,
    settings: &Settings,
    query: &KnowledgeQuery,
    words: &QueryText,
    vector: Option<&Embedding>,
) -> Result<KnowledgeAnswer, Error> {
    let (generation, digest) = (snapshot.generation(), query.digest());
    let from = query.options.cursor;
    let from = from
        .map(|cursor| cursor.resume(generation, digest))
        .transpose()?;
    let chain = settings.chain(query.language.as_ref());
    let search = Search {
        snapshot,
        query,
        ranking: settings.ranking(&query.options, vector.is_some()),
        question: Question {
            text: words,
            filter: &Filter::of_knowledge(query, chain.as_ref()),
            languages: chain.as_ref().map(LanguageChain::steps),
            vector,
            parameters: settings.parameters,
        },
        chain: chain.as_ref(),
        from,
    };
    let mut most = CANDIDATES;
    loop {
        if let Some(answer) = search.answer(most).await? {
            return Ok(answer);
        }
        most = deeper(most);
    }
}

struct Search<'a> {
    snapshot: &'a Snapshot<'a>,
    query: &'a KnowledgeQuery,
    ranking: Ranking,
    question: Question<'a>,
    chain: Option<&'a LanguageChain>,
    from: Option<Position>,
}

impl Search<'_> {
    /// The answer out of so many candidates of each leg, if they suffice.
    async fn answer(&self, most: usize) -> Result<Option<KnowledgeAnswer>, Error> {
        let (snapshot, options) = (self.snapshot, &self.query.options);
        let found = self.question.ask(snapshot, most).await?;
        let vector = self.question.vector;
        let rows = snapshot.knowledge_rows(&found.docs(), vector).await?;
        let ranked = place(&found, &self.ranking, &rows);
        let may_go_on = found.may_go_on(most, ranked.len());
        let articles = articles(ranked, options.collapse);
        let page = page_by_offset(articles, self.from, options.limit);
        if page.is_end && may_go_on {
            return Ok(None);
        }
        let best = page.items.iter().map(|one| &one.best.best);
        let shown = show(&found, best, options, self.ranking.fusion)?;
        let results = page.items.iter().zip(shown);
        let (generation, digest) = (snapshot.generation(), self.query.digest());
        let cursor = |next| Cursor::new(generation, digest, next).to_text();
        Ok(Some(KnowledgeAnswer {
            results: results.map(|(one, shown)| result(one, shown)).collect(),
            next_cursor: page.next.map(cursor),
            generation,
            model: snapshot.active().map(|(_, space)| space.clone()),
            vector_unavailable: vector.is_none(),
            underfilled: page.is_end && page.items.len() < options.limit.get(),
            languages_used: languages_used(self.chain, &rows),
        }))
    }
}

/// The languages of the candidates, the best first.
fn languages_used(chain: Option<&LanguageChain>, rows: &[KnowledgeRow]) -> Vec<Locale> {
    let Some(chain) = chain else {
        return Vec::new();
    };
    let mut used: Vec<_> = rows.iter().map(|row| &row.locale).collect();
    used.sort_by_key(|language| (chain.step_of(language), *language));
    used.dedup();
    used.into_iter().cloned().collect()
}

fn articles(ranked: Vec<Placed<'_, KnowledgeRow>>, collapses: bool) -> Vec<Article<'_>> {
    let groups = group(ranked, |one| one.row.article.as_str());
    if collapses {
        return collapse(groups, |one| one.best.row.text.as_str());
    }
    groups.into_iter().map(Collapsed::alone).collect()
}

fn result(one: &Article<'_>, shown: Shown) -> KnowledgeResult {
    let Placed { ranked, row } = &one.best.best;
    KnowledgeResult {
        score: ranked.score,
        article_id: row.article.clone(),
        title: row.title.clone(),
        heading: row.heading.clone(),
        text: row.text.clone(),
        language: row.locale.clone(),
        metadata: row.metadata.clone(),
        other_passages: one.best.others,
        near_duplicates: one.near_duplicates,
        highlights: shown.highlights,
        explain: shown.explain,
    }
}
