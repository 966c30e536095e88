//! A search in articles.

use std::collections::HashMap;

use tokio::time::Instant;

use super::ask::{Asked, Depth};
use super::legs::Question;
use super::paging::{Hit, Search};
use super::{Retriever, Settings};
use crate::db::search::{Filter, KnowledgeRow, Piece, Reads, Snapshot};
use crate::domain::query::{Basis, Chosen, KnowledgeQuery, LanguageChain, QueryText};
use crate::domain::{Embedding, Locale};
use crate::embedding::Understood;
use crate::error::Error;
use crate::search::answer::{KnowledgeAnswer, KnowledgeResult};
use crate::search::group::group;

impl Retriever {
    /// Answers a search in articles. [`Error::Conflict`] means that the cursor is of an earlier state, or that the question lost
    /// its vector since, or has one again.
    pub async fn knowledge(
        &self,
        query: &KnowledgeQuery,
        until: Instant,
    ) -> Result<KnowledgeAnswer, Error> {
        let work = async |snapshot: &Snapshot<'_>, read: Option<&Understood>| {
            let vector = read.map(|read| &read.embedding);
            search_knowledge(snapshot, &self.settings, query, vector).await
        };
        let asked = Asked {
            text: &query.query,
            within: query.query.as_str(),
            depth: Depth::Vector,
            reads: Reads::Articles,
        };
        self.ask(asked, until, work).await
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
    let basis = Basis {
        generation: snapshot.generation(),
        has_vector: vector.is_some(),
        language: Chosen::default(),
    };
    let digest = query.digest();
    let from = query.options.cursor;
    let from = from.map(|cursor| cursor.resume(basis, digest));
    let from = from.transpose()?;
    let chain = settings.chain(query.language.as_ref());
    let chain = chain.as_ref();
    let search = Search {
        snapshot,
        question: Question {
            text: words,
            filter: &Filter::of_knowledge(query, chain),
            languages: chain.map(LanguageChain::steps),
            vector,
            parameters: settings.parameters,
        },
        options: &query.options,
        ranking: settings.ranking(&query.options, vector.is_some()),
        basis,
        digest,
        from,
    };
    search
        .deepen(async |most| search.articles(most, chain).await)
        .await
}

impl Search<'_> {
    /// The answer out of so many candidates of each leg, if they suffice.
    async fn articles(
        &self,
        most: usize,
        chain: Option<&LanguageChain>,
    ) -> Result<Option<KnowledgeAnswer>, Error> {
        let snapshot = self.snapshot;
        let found = self.ask(most).await?;
        let docs = found.docs();
        let cosines = self.question.cosines(snapshot, &found);
        let (cosines, pieces) = tokio::try_join!(cosines, snapshot.pieces(&docs))?;
        let pieces: HashMap<_, _> = pieces.into_iter().map(|piece| (piece.doc, piece)).collect();
        let ranked = found.rank(&cosines, &self.ranking, |doc| pieces.contains_key(&doc));
        let articles = group(ranked, |one| {
            pieces.get(&one.doc).map(|piece| &piece.article)
        });
        let read = async |docs: &[_]| snapshot.knowledge_rows(docs).await;
        let Some(page) = self.hits(&found, articles, read).await? else {
            return Ok(None);
        };
        Ok(Some(KnowledgeAnswer {
            results: page.hits.into_iter().map(result).collect(),
            next_cursor: page.next_cursor,
            generation: self.basis.generation,
            model: snapshot.active().map(|(_, space)| space.clone()),
            vector_unavailable: self.question.vector.is_none(),
            underfilled: page.underfilled,
            languages_used: languages_used(chain, pieces.values()),
        }))
    }
}

/// The languages of the candidates, the best first.
fn languages_used<'a>(
    chain: Option<&LanguageChain>,
    pieces: impl Iterator<Item = &'a Piece>,
) -> Vec<Locale> {
    let Some(chain) = chain else {
        return Vec::new();
    };
    let mut used: Vec<_> = pieces.map(|piece| &piece.locale).collect();
    used.sort_by_key(|language| (chain.step_of(language), *language));
    used.dedup();
    used.into_iter().cloned().collect()
}

fn result(hit: Hit<KnowledgeRow>) -> KnowledgeResult {
    let Hit { row, shown, .. } = hit;
    KnowledgeResult {
        score: hit.score,
        article_id: row.article,
        title: row.title,
        heading: row.heading,
        text: row.text,
        language: row.locale,
        metadata: row.metadata,
        other_passages: hit.others,
        near_duplicates: hit.near_duplicates,
        highlights: shown.highlights,
        explain: shown.explain,
    }
}
