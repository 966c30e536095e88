//! One database with the articles of the evaluation twice: as our knowledge base, and as the peer's table.

use std::path::PathBuf;

use evaluation::dataset::read_articles;
use evaluation::library::Library;
use evaluation::own;
use shared::db::{Database, DatabaseUrl};
use shared::testing;

use crate::bench::Outcome;
use crate::scratch::Scratch;

/// The same passages with the same vectors.
const PEER_TABLE: &str = "
    CREATE TABLE peer_passages (title text NOT NULL, content text NOT NULL, embedding vector(384) NOT NULL);
    INSERT INTO peer_passages
        SELECT d.title, c.text_content, v.embedding
        FROM knowledge_vectors v JOIN knowledge_chunks c ON c.id = v.chunk_id JOIN knowledge_documents d ON d.id = c.document_id;
    CREATE INDEX ON peer_passages USING hnsw (embedding vector_cosine_ops);";

/// What both sides look in.
pub(crate) struct Stage {
    pub(crate) scratch: Scratch,
    /// The folder of the local model.
    pub(crate) model: PathBuf,
    pub(crate) articles: usize,
}

impl Stage {
    /// Fills an empty database.
    pub(crate) async fn set() -> Outcome<Self> {
        let model = testing::setting("LOCAL_MODEL_DIR");
        let model = model.ok_or("LOCAL_MODEL_DIR is not set; `cargo local bench` sets it")?;
        let model = PathBuf::from(model);
        let scratch = Scratch::create("assist").await?;
        let database = Database::new(scratch.url.parse::<DatabaseUrl>()?, None)?;
        let corpus = read_articles(own::CORPUS)?;
        eprintln!("embedding {} articles ...", corpus.len());
        let library = Library::load(database, &model, &corpus, |_| {}).await?;
        scratch.client.batch_execute(PEER_TABLE).await?;
        for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
            // Whoever came first would pay for the writes.
            scratch.client.batch_execute(statement).await?;
        }
        Ok(Self {
            articles: library.articles,
            scratch,
            model,
        })
    }
}
