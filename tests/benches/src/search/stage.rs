//! One database with the same passages twice: as our knowledge base, and as the table of everybody else.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use evaluation::clerk::{Clerk, Entry};
use evaluation::metrics::Judgements;
use serde_json::json;
use shared::db::Database;
use shared::db::knowledge_chunks::NewChunk;
use shared::db::words::Words;
use shared::domain::query::QueryText;
use shared::domain::{ArticleId, Embedding, Provider, Space, TextHash};
use shared::testing::{self, TestDatabase};
use tokio_postgres::{Client, NoTls};

use super::DIMENSIONS;
use crate::bench::Outcome;
use crate::stage as ground;

/// Articles that are written at once.
const PAGE: usize = 100;

/// A question with its vector, and what was judged for it.
pub(super) struct Asked {
    pub(super) text: QueryText,
    pub(super) vector: Embedding,
    pub(super) relevant: Judgements<ArticleId>,
}

/// An article before it is stored.
pub(super) struct Article {
    pub(super) id: ArticleId,
    pub(super) title: String,
    pub(super) passages: Vec<Passage>,
}

/// A piece of it.
pub(super) struct Passage {
    pub(super) text: String,
    pub(super) words: Words,
    pub(super) vector: Embedding,
}

/// The database, and what is asked of it.
pub(super) struct Stage {
    pub(super) database: Database,
    /// For statements of others.
    pub(super) client: Client,
    pub(super) url: String,
    pub(super) questions: Vec<Asked>,
    /// The same for the peers.
    pub(super) file: PathBuf,
    /// What the tables of each side take, with their indexes, in megabytes.
    pub(super) sizes: [f64; 2],
}

/// The table is that of langchain-postgres with hybrid search; its makers advise both indexes.
const PEER_TABLE: &str = "
    SET maintenance_work_mem = '1GB';
    CREATE TABLE peer_passages (
        langchain_id uuid PRIMARY KEY, content text NOT NULL, embedding vector(384) NOT NULL, langchain_metadata json,
        content_tsv tsvector NOT NULL);
    INSERT INTO peer_passages
        SELECT gen_random_uuid(), c.text_content, v.embedding, json_build_object('passage', d.article_id),
            to_tsvector('english', c.text_content)
        FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id JOIN knowledge_documents d ON d.id = c.document_id;
    CREATE INDEX ON peer_passages USING hnsw (embedding vector_cosine_ops);
    CREATE INDEX ON peer_passages USING gin (content_tsv);";
/// Whoever searched right after loading would pay for the writes.
const SETTLE: [&str; 2] = ["VACUUM ANALYZE", "CHECKPOINT"];
/// What both sides take.
const SIZES: &str = "SELECT
    (SELECT sum(pg_total_relation_size(t)) FROM unnest('{knowledge_chunks,knowledge_vectors,word_blocks,word_postings}'::regclass[]) t),
    pg_total_relation_size('peer_passages')::numeric";

impl Stage {
    /// Lets `fill` fill an empty database and say what is asked; the peers' table becomes a copy.
    pub(super) async fn set(
        fill: impl AsyncFnOnce(&Database) -> Outcome<Vec<Asked>>,
    ) -> Outcome<Self> {
        let missing = "DATABASE_URL names no Postgres; `cargo local bench` starts one";
        testing::setting("DATABASE_URL").ok_or(missing)?;
        let scratch = TestDatabase::create("search").await.ok_or(missing)?;
        let database = scratch
            .database()
            .ok_or("the new database has no address")?;
        let client = scratch
            .bystander()
            .await
            .ok_or("cannot connect to the new database")?;
        let questions = fill(&database).await?;
        client.batch_execute(PEER_TABLE).await?;
        for statement in SETTLE {
            client.batch_execute(statement).await?;
        }
        let sizes = format!("SELECT a::float8 / 1e6, b::float8 / 1e6 FROM ({SIZES}) s (a, b)");
        let sizes = client.query_one(&sizes, &[]).await?;
        Ok(Self {
            sizes: [sizes.get(0), sizes.get(1)],
            file: write(&questions)?,
            questions,
            url: scratch.url,
            database,
            client,
        })
    }

    /// Removes the database.
    pub(super) async fn remove(self) -> Outcome<()> {
        drop((self.client, self.database));
        let server = testing::setting("DATABASE_URL").unwrap_or_default();
        let (client, connection) = tokio_postgres::connect(&server, NoTls).await?;
        let driver = tokio::spawn(connection);
        let name = self.url.rsplit('/').next().unwrap_or_default();
        let drop_it = format!("DROP DATABASE {name} WITH (FORCE)");
        client.batch_execute(&drop_it).await?;
        drop(client);
        Ok(driver.await??)
    }
}

/// Stores invented articles.
pub(super) async fn store(
    database: &Database,
    mut articles: impl Iterator<Item = Outcome<Article>>,
) -> Outcome<()> {
    let space = Space {
        provider: Provider::Local,
        name: "bench".to_owned(),
        dimensions: DIMENSIONS,
    };
    let clerk = Clerk::hire(database, &space).await?;
    loop {
        let page: Vec<Article> = articles.by_ref().take(PAGE).collect::<Outcome<_>>()?;
        if page.is_empty() {
            return clerk.finish().await;
        }
        let entries = page.into_iter().map(|article| entry(&clerk, article));
        clerk.store(entries.collect()).await?;
    }
}

fn entry(clerk: &Clerk<'_>, article: Article) -> Entry {
    let chunk = |passage: Passage| NewChunk {
        heading: String::new(),
        hash: TextHash::of(&passage.text),
        text: passage.text,
        vectors: vec![(clerk.model, Arc::new(passage.vector))],
        words: passage.words,
    };
    Entry {
        id: article.id,
        title: article.title,
        chunks: article.passages.into_iter().map(chunk).collect(),
    }
}

/// A question per line.
fn write(questions: &[Asked]) -> Outcome<PathBuf> {
    let path = ground::folder()?.join("search-questions.jsonl");
    let mut lines = String::new();
    for question in questions {
        let line = json!({ "text": question.text.as_str(), "vector": question.vector.as_slice() });
        writeln!(lines, "{line}")?;
    }
    std::fs::write(&path, lines)?;
    Ok(path)
}
