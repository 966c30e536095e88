//! Who puts articles into a knowledge base: with the lease and the run that the sync would have.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use serde_json::value::to_raw_value;
use shared::db::embedding_models::ModelId;
use shared::db::knowledge::{ArticleChange, PageChanges, store_page};
use shared::db::knowledge_articles::NewArticle;
use shared::db::knowledge_chunks::NewChunk;
use shared::db::knowledge_documents::NewDocument;
use shared::db::knowledge_sync::{Lease, take_lease};
use shared::db::knowledge_vectors::{FEW, ensure_graph};
use shared::db::migrate::{MIGRATIONS, migrate};
use shared::db::words::{self, WordSpace};
use shared::db::{Database, knowledge_runs, vector_segments};
use shared::domain::{ArticleId, Locale, RunId, RunKind, Space, TextHash};
use tokio::time::Instant;

use crate::Outcome;

/// Corpora and questions are in English. Another language is searched all the same, by stems that are not its own.
pub const LANGUAGE: &str = "en";
/// Longer than anybody takes.
const LONG: Duration = Duration::from_hours(24);

/// Somebody who may write.
pub struct Clerk<'a> {
    /// Where vectors belong to.
    pub model: ModelId,
    database: &'a Database,
    lease: Lease,
    run: RunId,
    language: Locale,
}

/// An article that is ready to be stored.
pub struct Entry {
    /// Its name.
    pub id: ArticleId,
    /// Its title.
    pub title: String,
    /// Its pieces with their vectors.
    pub chunks: Vec<NewChunk>,
}

impl<'a> Clerk<'a> {
    /// Readies an empty database for articles with vectors of this space.
    pub async fn hire(database: &'a Database, space: &Space) -> Outcome<Self> {
        let soon = Instant::now() + Duration::from_mins(1);
        migrate(database, MIGRATIONS, soon).await?;
        let lease = take_lease(database, LONG).await?;
        let lease = lease.ok_or("another process fills this database")?;
        let run = RunId::generate();
        knowledge_runs::request(database, run, RunKind::Full, false).await?;
        knowledge_runs::next(database, &lease).await?;
        Ok(Self {
            model: vector_segments::open(database, space).await?,
            language: Locale::parse(LANGUAGE)?,
            database,
            lease,
            run,
        })
    }

    /// Stores a page of articles.
    pub async fn store(&self, page: Vec<Entry>) -> Outcome<()> {
        let change = |entry: Entry| Ok((entry.id.clone(), self.live(entry)?));
        let articles: Outcome<BTreeMap<_, _>> = page.into_iter().map(change).collect();
        let page = PageChanges {
            articles: articles?,
            checkpoint: to_raw_value(&json!({}))?,
            counts: to_raw_value(&json!({}))?,
            ..PageChanges::default()
        };
        store_page(self.database, &self.lease, self.run, &page).await?;
        Ok(())
    }

    /// Does what the sync does at the end of a run: few blocks of words instead of many, and a graph over many vectors.
    pub async fn finish(&self) -> Outcome<()> {
        let until = Instant::now() + Duration::from_mins(10);
        words::tend(self.database, WordSpace::Knowledge, until).await?;
        ensure_graph(self.database, FEW).await?;
        Ok(())
    }

    fn live(&self, entry: Entry) -> Outcome<ArticleChange> {
        let hash = TextHash::of(entry.id.as_str());
        let metadata = json!({ "source": "evaluation", "language": self.language });
        let document = NewDocument {
            title: entry.title,
            metadata: to_raw_value(&metadata)?,
            chunks: entry.chunks,
        };
        Ok(ArticleChange::Live {
            article: NewArticle {
                modified: Timestamp::UNIX_EPOCH,
                version: None,
                territory: None,
                category: None,
                status: None,
                content_hash: hash,
                rendered_as: "evaluation".to_owned(),
                conflict: None,
            },
            links: BTreeSet::new(),
            documents: BTreeMap::from([(self.language.clone(), document)]),
        })
    }
}
