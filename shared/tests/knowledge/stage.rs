//! What the tests stand on: a migrated database, a run at work, a bystander who looks, builders of pages.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::value::RawValue;
use shared::db::embedding_models::ModelId;
use shared::db::knowledge::{ArticleChange, PageChanges, store_page};
use shared::db::knowledge_articles::NewArticle;
use shared::db::knowledge_chunks::NewChunk;
use shared::db::knowledge_documents::NewDocument;
use shared::db::knowledge_sync::{Lease, fetch_generation, take_lease};
use shared::db::words::Words;
use shared::db::{Database, knowledge_runs};
use shared::domain::{ArticleId, Embedding, Locale, RunId, RunKind, TextHash};
use shared::testing;
pub(crate) use shared::testing::stage::DIMENSIONS;
use shared::text::terms::Analysis;

/// Longer than any test.
pub(crate) const LONG: Duration = Duration::from_mins(10);

/// See [`testing::stage::Stage`].
pub(crate) struct Stage(testing::stage::Stage);

impl Deref for Stage {
    type Target = testing::stage::Stage;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Somebody who holds the lease and is at a run.
pub(crate) struct Worker {
    pub(crate) database: Database,
    pub(crate) lease: Lease,
    pub(crate) run: RunId,
}

impl Stage {
    pub(crate) async fn set(name: &str) -> Option<Self> {
        testing::stage::Stage::set(name).await.map(Self)
    }

    /// A worker with a reconcile run.
    pub(crate) async fn worker(&self) -> Worker {
        let database = self.test.database().unwrap();
        let lease = take_lease(&database, LONG).await.unwrap().unwrap();
        knowledge_runs::request(&database, RunId::generate(), RunKind::Reconcile, false)
            .await
            .unwrap();
        let run = knowledge_runs::next(&database, &lease).await.unwrap();
        let run = run.unwrap().id;
        Worker {
            database,
            lease,
            run,
        }
    }

    /// Everything of the knowledge base but the sync's own row, table by table.
    pub(crate) async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in TABLES {
            let sql = format!("SELECT '{table}', t::text FROM {table} t ORDER BY t::text");
            all.extend(self.lines(&sql).await);
        }
        all.push(self.generation().await.to_string());
        all
    }

    pub(crate) async fn generation(&self) -> i64 {
        fetch_generation(&self.database).await.unwrap()
    }

    /// Each chunk with its number in the database and how many vectors it has, in the order of its document.
    pub(crate) async fn chunks(&self) -> Vec<String> {
        self.lines(
            "SELECT c.text_content, c.id::text, (SELECT count(*) FROM knowledge_vectors v WHERE v.chunk_id = c.id)::text
            FROM knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id ORDER BY d.article_id, d.locale, c.chunk",
        )
        .await
    }
}

pub(crate) const TABLES: [&str; 10] = [
    "knowledge_runs",
    "knowledge_articles",
    "knowledge_documents",
    "knowledge_chunks",
    "knowledge_vectors",
    "knowledge_links",
    "knowledge_article_links",
    "knowledge_conflicts",
    "knowledge_changes",
    "knowledge_seen",
];

impl Worker {
    pub(crate) async fn store(&self, page: &PageChanges) -> bool {
        store_page(&self.database, &self.lease, self.run, page)
            .await
            .unwrap()
    }
}

pub(crate) fn id(name: &str) -> ArticleId {
    ArticleId::parse(name).unwrap()
}

pub(crate) fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_768_473_000 + second).unwrap()
}

pub(crate) fn vector(text: &str) -> Embedding {
    let bytes = TextHash::of(text);
    let numbers = bytes.as_bytes().iter().map(|byte| f32::from(*byte) + 0.5);
    let numbers = numbers.take(usize::from(DIMENSIONS)).collect();
    Embedding::parse(numbers, DIMENSIONS).unwrap()
}

pub(crate) fn chunk(model: ModelId, text: &str) -> NewChunk {
    NewChunk {
        heading: "Cups".to_owned(),
        text: text.to_owned(),
        hash: TextHash::of(text),
        vectors: vec![(model, Arc::new(vector(text)))],
        words: Words::count(text, Analysis::English),
    }
}

/// A document with a chunk of each word of `texts`.
pub(crate) fn document(model: ModelId, texts: &str) -> NewDocument {
    NewDocument {
        title: "About cups".to_owned(),
        metadata: json(r#"{"category": "cups"}"#),
        chunks: texts
            .split_whitespace()
            .map(|text| chunk(model, text))
            .collect(),
    }
}

pub(crate) fn article(content: &str) -> NewArticle {
    NewArticle {
        modified: at(0),
        version: Some(7),
        territory: None,
        category: Some("cups".to_owned()),
        status: Some("published".to_owned()),
        content_hash: TextHash::of(content),
        rendered_as: "settings".to_owned(),
        conflict: None,
    }
}

/// A live article in one language.
pub(crate) fn live(model: ModelId, texts: &str) -> ArticleChange {
    linked(model, texts, &[])
}

/// A live article that links to `urls`.
pub(crate) fn linked(model: ModelId, texts: &str, urls: &[&str]) -> ArticleChange {
    let locale = Locale::parse("en-US").unwrap();
    ArticleChange::Live {
        article: article(texts),
        links: urls
            .iter()
            .map(|url| (*url).to_owned())
            .collect::<BTreeSet<_>>(),
        documents: BTreeMap::from([(locale, document(model, texts))]),
    }
}

/// A page that changes these articles and nothing else.
pub(crate) fn page<const N: usize>(articles: [(&str, ArticleChange); N]) -> PageChanges {
    let named = |(name, change)| (id(name), change);
    PageChanges {
        articles: articles.into_iter().map(named).collect(),
        checkpoint: json(r#"{"offset": 100}"#),
        counts: json(r#"{"seen": 1}"#),
        ..PageChanges::default()
    }
}
