//! A search in conversations.

use tokio::time::Instant;

use super::ask::Depth;
use super::legs::{CANDIDATES, Question, deeper};
use super::placed::{Placed, place};
use super::shown::{Shown, show};
use super::{Retriever, Settings};
use crate::db::search::{ConversationRow, Filter, Snapshot};
use crate::domain::query::{ConversationQuery, Cursor, LanguageChain, Position};
use crate::domain::{Embedding, Locale};
use crate::embedding::Understood;
use crate::error::Error;
use crate::search::answer::{ConversationAnswer, ConversationResult};
use crate::search::collapse::{Collapsed, collapse};
use crate::search::fuse::Ranking;
use crate::search::page::page_by_place;

/// A passage, and how many were nearly the same.
type Passage<'a> = Collapsed<Placed<'a, ConversationRow>>;

impl Retriever {
    /// Answers a search in conversations. [`Error::Conflict`] means that the cursor is of another model.
    pub async fn conversations(
        &self,
        query: &ConversationQuery,
        until: Instant,
    ) -> Result<ConversationAnswer, Error> {
        let work = async |snapshot: &Snapshot<'_>, read: Option<&Understood>| {
            let vector = read.map(|read| &read.embedding);
            search_conversations(snapshot, &self.settings, query, vector).await
        };
        self.ask(&query.query, Depth::Vector, until, work).await
    }
}

/// Answers a search in conversations at one state of everything; `vector` is the question's, of the active model of that state.
pub async fn search_conversations(
    snapshot: &Snapshot<'_>,
    settings: &Settings,
    query: &ConversationQuery,
    vector: Option<&Embedding>,
) -> Result<ConversationAnswer, Error> {
    // Every model cuts conversations its own way, and others join all the time: a cursor belongs to a model.
    let model = snapshot.active().map(|(model, _)| model.number());
    let generation = model.map_or(0, i64::from);
    let from = query.options.cursor;
    let from = from
        .map(|cursor| cursor.resume(generation, query.digest()))
        .transpose()?;
    let chain = settings.chain(query.language.as_ref());
    let language = choose_language(snapshot, query, chain.as_ref()).await?;
    let search = Search {
        snapshot,
        query,
        ranking: settings.ranking(&query.options, vector.is_some()),
        question: Question {
            text: &query.query,
            filter: &Filter::of_conversations(query, language.as_ref()),
            languages: language.as_ref().map(std::slice::from_ref),
            vector,
            parameters: settings.parameters,
        },
        generation,
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
    query: &'a ConversationQuery,
    ranking: Ranking,
    question: Question<'a>,
    generation: i64,
    from: Option<Position>,
}

impl Search<'_> {
    /// The answer out of so many candidates of each leg, if they suffice.
    async fn answer(&self, most: usize) -> Result<Option<ConversationAnswer>, Error> {
        let (snapshot, options) = (self.snapshot, &self.query.options);
        let found = self.question.ask(snapshot, most).await?;
        let vector = self.question.vector;
        let rows = snapshot.conversation_rows(&found.docs(), vector).await?;
        let ranked = place(&found, &self.ranking, &rows);
        let may_go_on = found.may_go_on(most, ranked.len());
        let at = |one: &Passage<'_>| (one.best.ranked.score, one.best.ranked.doc.0);
        let passages = passages(ranked, options.collapse);
        let page = page_by_place(passages, self.from, options.limit, at);
        if page.is_end && may_go_on {
            return Ok(None);
        }
        let best = page.items.iter().map(|one| &one.best);
        let shown = show(&found, best, options, self.ranking.fusion)?;
        let results = page.items.iter().zip(shown);
        let (generation, digest) = (self.generation, self.query.digest());
        let cursor = |next| Cursor::new(generation, digest, next).to_text();
        Ok(Some(ConversationAnswer {
            results: results.map(|(one, shown)| result(one, shown)).collect(),
            next_cursor: page.next.map(cursor),
            generation,
            model: snapshot.active().map(|(_, space)| space.clone()),
            vector_unavailable: vector.is_none(),
            underfilled: page.is_end && page.items.len() < options.limit.get(),
            languages_used: self.question.languages.unwrap_or_default().to_vec(),
        }))
    }
}

/// The first language of the chain in which any passage passes, or the one that was asked for.
async fn choose_language(
    snapshot: &Snapshot<'_>,
    query: &ConversationQuery,
    chain: Option<&LanguageChain>,
) -> Result<Option<Locale>, Error> {
    let steps = chain.map_or(&[][..], LanguageChain::steps);
    for step in steps {
        if snapshot
            .any(&Filter::of_conversations(query, Some(step)))
            .await?
        {
            return Ok(Some(step.clone()));
        }
    }
    Ok(steps.first().cloned())
}

fn passages(ranked: Vec<Placed<'_, ConversationRow>>, collapses: bool) -> Vec<Passage<'_>> {
    if collapses {
        return collapse(ranked, |one| one.row.text.as_str());
    }
    ranked.into_iter().map(Collapsed::alone).collect()
}

fn result(one: &Passage<'_>, shown: Shown) -> ConversationResult {
    let Placed { ranked, row } = &one.best;
    ConversationResult {
        score: ranked.score,
        conversation_id: row.conversation.clone(),
        occurred_at: row.occurred_at,
        text: row.text.clone(),
        language: row.language.clone(),
        metadata: row.metadata.clone(),
        near_duplicates: one.near_duplicates,
        highlights: shown.highlights,
        explain: shown.explain,
    }
}
