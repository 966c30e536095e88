//! What a page of the knowledge base changes: articles, texts, vectors, links and reports in one transaction, with the run's
//! progress, so that a reader never sees half an article and a run that breaks off goes on where it was.
//!
//! Every such transaction begins with the lease: who lost it writes nothing, and two that write cannot wait in a circle.

mod pieces;

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::Transaction;
use serde_json::value::RawValue;

use super::Database;
use super::connect::failed;
use super::knowledge_articles::{self, Named, NewArticle};
use super::knowledge_changes::{self, NewChange};
use super::knowledge_conflicts::{self, NewConflict};
use super::knowledge_documents::{self, NewDocument, Translated};
use super::knowledge_sync::{Lease, hold, next_generation};
use super::transaction::begin;
use super::{knowledge_links, knowledge_mirror, knowledge_runs, knowledge_seen};
use crate::domain::{ArticleId, ArticleState, Locale, RunId};
use crate::error::Error;

/// What becomes of an article.
#[derive(Debug, Clone)]
pub enum ArticleChange {
    /// Search finds it, as it is now.
    Live {
        /// The article.
        article: NewArticle,
        /// Every address that it links to, absolute.
        links: BTreeSet<String>,
        /// What search finds. Other languages go.
        documents: BTreeMap<Locale, NewDocument>,
    },
    /// It stays known, and is not for search.
    LeftOut(NewArticle),
    /// CXone has it no more.
    Gone,
    /// Its texts stay as they are; their words and vectors are made anew.
    Renewed {
        /// Under which settings.
        rendered_as: String,
        /// All of its documents. Of these the pieces count.
        documents: BTreeMap<Locale, NewDocument>,
    },
    /// It stays as it is, but for the conflict that it is marked with: JSON, or none.
    Marked(Option<Box<RawValue>>),
}

/// Everything that a page brings.
#[derive(Debug, Clone, Default)]
pub struct PageChanges {
    /// Articles that change.
    pub articles: BTreeMap<ArticleId, ArticleChange>,
    /// Conflicts that were met.
    pub conflicts: Vec<NewConflict>,
    /// Lines of the run's report.
    pub changes: Vec<NewChange>,
    /// Every article that the listing named, if the run looks for what is gone.
    pub seen: Vec<ArticleId>,
    /// Which listing of the run that was.
    pub pass: i16,
    /// Where the next worker goes on, as JSON.
    pub checkpoint: Box<RawValue>,
    /// What the run did until now, as JSON.
    pub counts: Box<RawValue>,
    /// Whether documents have a copy in Elasticsearch, which is to follow.
    pub mirrors: bool,
}

/// Stores a page under the lease; says whether search can see a difference. [`Error::Conflict`] means that the lease was lost or
/// that the run is not at work.
pub async fn store_page(
    database: &Database,
    lease: &Lease,
    run: RunId,
    page: &PageChanges,
) -> Result<bool, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    hold(&transaction, lease).await?;
    knowledge_runs::save(&transaction, run, &page.checkpoint, &page.counts).await?;
    let visible = store_articles(database, &transaction, page).await?;
    knowledge_conflicts::insert(&transaction, run, &page.conflicts).await?;
    knowledge_changes::insert(&transaction, run, &page.changes).await?;
    knowledge_seen::note(&transaction, run, page.pass, &page.seen).await?;
    if visible {
        next_generation(&transaction).await?;
    }
    crate::fail_point::reach("store_page.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(visible)
}

/// The articles of a page, by what becomes of them.
#[derive(Default)]
struct Sorted<'a> {
    stored: Vec<Named<'a>>,
    gone: Vec<&'a str>,
    marked: Vec<(&'a str, Option<&'a str>)>,
    links: Vec<(&'a ArticleId, &'a BTreeSet<String>)>,
    documents: Vec<Translated<'a>>,
    /// Those whose pieces are made anew: beside the others, those of documents that stay.
    pieces: Vec<Translated<'a>>,
    renewed: Vec<(&'a str, &'a str)>,
    /// Those whose links and documents are replaced.
    rewritten: Vec<&'a str>,
}

impl<'a> Sorted<'a> {
    fn new(page: &'a PageChanges) -> Self {
        let mut sorted = Self::default();
        for (id, change) in &page.articles {
            match change {
                ArticleChange::Live {
                    article,
                    links,
                    documents,
                } => {
                    sorted.stored.push((id, ArticleState::Live, article));
                    sorted.links.push((id, links));
                    sorted.documents.push((id, documents));
                    sorted.pieces.push((id, documents));
                }
                ArticleChange::Renewed {
                    rendered_as,
                    documents,
                } => {
                    sorted.renewed.push((id.as_str(), rendered_as));
                    sorted.pieces.push((id, documents));
                    continue;
                }
                ArticleChange::LeftOut(article) => {
                    sorted.stored.push((id, ArticleState::LeftOut, article));
                }
                ArticleChange::Gone => sorted.gone.push(id.as_str()),
                ArticleChange::Marked(conflict) => {
                    let conflict = conflict.as_deref().map(RawValue::get);
                    sorted.marked.push((id.as_str(), conflict));
                    continue;
                }
            }
            sorted.rewritten.push(id.as_str());
        }
        sorted
    }
}

/// Says whether search can see a difference. Marks of a document follow from its article and its links: these come first.
async fn store_articles(
    database: &Database,
    transaction: &Transaction<'_>,
    page: &PageChanges,
) -> Result<bool, Error> {
    let sorted = Sorted::new(page);
    let marked: Vec<_> = sorted.marked.iter().map(|(id, _)| *id).collect();
    let renewed: Vec<_> = sorted.renewed.iter().map(|(id, _)| *id).collect();
    let touched = [&sorted.rewritten[..], &marked, &renewed].concat();
    if page.mirrors {
        knowledge_mirror::note(transaction, &touched).await?;
    }
    knowledge_articles::upsert(transaction, &sorted.stored).await?;
    knowledge_articles::bury(transaction, &sorted.gone).await?;
    knowledge_articles::mark(transaction, &sorted.marked).await?;
    knowledge_articles::renew(transaction, &sorted.renewed).await?;
    knowledge_links::replace(transaction, &sorted.rewritten, &sorted.links).await?;
    let documents =
        knowledge_documents::replace(transaction, &sorted.rewritten, &sorted.documents).await?;
    let types = database.vector_types();
    let pieces = pieces::replace(transaction, types, &sorted.pieces).await?;
    let marks = knowledge_documents::mark(transaction, &marked).await?;
    if page.mirrors {
        knowledge_mirror::note(transaction, &touched).await?;
    }
    Ok(documents + pieces + marks > 0)
}
