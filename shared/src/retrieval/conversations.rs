//! A search in conversations.

use tokio::time::Instant;

use super::ask::{Asked, Depth};
use super::legs::Question;
use super::paging::{Hit, Search};
use super::{Retriever, Settings};
use crate::db::search::{ConversationRow, Filter, Reads, Snapshot};
use crate::domain::query::{Basis, Chosen, ConversationQuery, LanguageChain};
use crate::domain::{Embedding, Locale};
use crate::embedding::Understood;
use crate::error::Error;
use crate::search::answer::{ConversationAnswer, ConversationResult};
use crate::search::group::group;

impl Retriever {
    /// Answers a search in conversations. [`Error::Conflict`] means that the cursor is of another model or language, or that the
    /// question lost its vector since, or has one again.
    pub async fn conversations(
        &self,
        query: &ConversationQuery,
        until: Instant,
    ) -> Result<ConversationAnswer, Error> {
        let work = async |snapshot: &Snapshot<'_>, read: Option<&Understood>| {
            let vector = read.map(|read| &read.embedding);
            search_conversations(snapshot, &self.settings, query, vector).await
        };
        let asked = Asked {
            text: &query.query,
            within: query.query.as_str(),
            depth: Depth::Vector,
            reads: Reads::Everything,
        };
        self.ask(asked, until, work).await
    }
}

/// Answers a search in conversations at one state of everything; `vector` is the question's, of the active model of that state.
pub async fn search_conversations(
    snapshot: &Snapshot<'_>,
    settings: &Settings,
    query: &ConversationQuery,
    vector: Option<&Embedding>,
) -> Result<ConversationAnswer, Error> {
    let chain = settings.chain(query.language.as_ref());
    let language = choose_language(snapshot, query, chain.as_ref()).await?;
    // Every model cuts conversations its own way, and others join all the time: a cursor belongs to a model, and to the language that had
    // any then.
    let model = snapshot.active().map(|(model, _)| model.number());
    let basis = Basis {
        generation: model.map_or(0, i64::from),
        has_vector: vector.is_some(),
        language: Chosen::of(language.as_ref()),
    };
    let from = query.options.cursor;
    let from = from.map(|cursor| cursor.resume(basis, query.digest()));
    let from = from.transpose()?;
    let search = Search {
        snapshot,
        question: Question {
            text: &query.query,
            filter: &Filter::of_conversations(query, language.as_ref()),
            languages: language.as_ref().map(std::slice::from_ref),
            vector,
            parameters: settings.parameters,
        },
        options: &query.options,
        ranking: settings.ranking(&query.options, vector.is_some()),
        basis,
        digest: query.digest(),
        from,
    };
    search
        .deepen(async |most| search.conversations(most).await)
        .await
}

impl Search<'_> {
    /// The answer out of so many candidates of each leg, if they suffice.
    async fn conversations(&self, most: usize) -> Result<Option<ConversationAnswer>, Error> {
        let snapshot = self.snapshot;
        let found = self.ask(most).await?;
        let cosines = self.question.cosines(snapshot, &found).await?;
        let ranked = found.rank(&cosines, &self.ranking, |_| true);
        let alone = group(ranked, |one| one.doc);
        let read = async |docs: &[_]| snapshot.conversation_rows(docs).await;
        let Some(page) = self.hits(&found, alone, read).await? else {
            return Ok(None);
        };
        Ok(Some(ConversationAnswer {
            results: page.hits.into_iter().map(result).collect(),
            next_cursor: page.next_cursor,
            generation: self.basis.generation,
            model: snapshot.active().map(|(_, space)| space.clone()),
            vector_unavailable: self.question.vector.is_none(),
            underfilled: page.underfilled,
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

fn result(hit: Hit<ConversationRow>) -> ConversationResult {
    let Hit { row, shown, .. } = hit;
    ConversationResult {
        score: hit.score,
        conversation_id: row.conversation,
        occurred_at: row.occurred_at,
        text: row.text,
        language: row.language,
        metadata: row.metadata,
        near_duplicates: hit.near_duplicates,
        highlights: shown.highlights,
        explain: shown.explain,
    }
}
