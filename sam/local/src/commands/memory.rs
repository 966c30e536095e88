//! A look into the database, for people.

use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

use super::sample::ADVICE;
use crate::failure::{Failure, OrFail as _};

/// How long two conversations may take on a slow machine, with a model that was never loaded before.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is stored.
pub(super) struct Memory(Client);

impl Memory {
    pub(super) async fn open(url: &str) -> Result<Self, Failure> {
        let connected = tokio_postgres::connect(url, NoTls).await;
        let (client, connection) = connected.or_fail("Postgres cannot be reached", ADVICE)?;
        tokio::spawn(connection);
        Ok(Self(client))
    }

    /// Until every conversation has its text stored.
    pub(super) async fn wait_for(&self, conversations: &[String]) -> Result<(), Failure> {
        let stored = "SELECT count(DISTINCT conversation_id) FROM conversation_embeddings WHERE conversation_id = ANY($1)";
        let since = Instant::now();
        loop {
            let row = self.0.query_one(stored, &[&conversations]).await;
            let stored: i64 = row
                .or_fail("cannot read the stored conversations", ADVICE)?
                .get(0);
            if usize::try_from(stored) == Ok(conversations.len()) {
                return Ok(());
            }
            if since.elapsed() > PATIENCE {
                let what = format!(
                    "only {stored} of {} conversations were stored",
                    conversations.len()
                );
                return Err(Failure::new(what, ADVICE));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A few lines per stored piece.
    pub(super) async fn rows(&self, conversations: &[String]) -> Result<Vec<String>, Failure> {
        let rows = "SELECT c.conversation_id, m.name, m.dimensions, c.semantic_metadata->>'intent_category',
                c.semantic_metadata->>'intent_score', c.semantic_metadata->>'language', c.semantic_metadata->>'contains_pii',
                c.text_content
            FROM conversation_embeddings c JOIN embedding_models m ON m.id = c.model_id
            WHERE c.conversation_id = ANY($1) ORDER BY c.event_id, c.chunk";
        let rows = self.0.query(rows, &[&conversations]).await;
        let rows = rows.or_fail("cannot read the stored conversations", ADVICE)?;
        let line = |row: &tokio_postgres::Row| {
            let (id, model, dimensions): (String, String, i16) =
                (row.get(0), row.get(1), row.get(2));
            let word = |column: usize| row.get::<_, Option<String>>(column).unwrap_or_default();
            let (intent, score, language, pii) = (word(3), word(4), word(5), word(6));
            let text: String = row.get(7);
            let text = text.replace('\n', "\n     ");
            format!(
                "{id}: {model}, {dimensions} numbers; intent {intent} {score}, language {language}, personal data {pii}\n     {text}"
            )
        };
        Ok(rows.iter().map(line).collect())
    }

    /// The run of the knowledge sync that was asked for last.
    pub(super) async fn latest_run(&self) -> Result<Option<String>, Failure> {
        let latest =
            "SELECT id::text FROM knowledge_runs ORDER BY requested_at DESC, id DESC LIMIT 1";
        let row = self.0.query_opt(latest, &[]).await;
        let row = row.or_fail("cannot read the runs", ADVICE)?;
        Ok(row.map(|row| row.get(0)))
    }

    /// Whether all these articles can be found.
    pub(super) async fn has_articles(&self, ids: &[String]) -> Result<bool, Failure> {
        let there = "SELECT count(*) FROM knowledge_articles WHERE state = 'live' AND id = ANY($1)";
        let there = self.0.query_one(there, &[&ids]).await;
        let there: i64 = there
            .or_fail("cannot read the stored articles", ADVICE)?
            .get(0);
        Ok(usize::try_from(there) == Ok(ids.len()))
    }

    /// How much knowledge there is, and a line for each of its first documents.
    pub(super) async fn knowledge(&self) -> Result<(String, Vec<String>), Failure> {
        let what = "cannot read the stored articles";
        let sums = "SELECT (SELECT count(*) FROM knowledge_articles WHERE state = 'live'), (SELECT count(*) FROM knowledge_documents),
            (SELECT count(*) FROM knowledge_chunks), (SELECT count(*) FROM knowledge_vectors)";
        let sums = self.0.query_one(sums, &[]).await.or_fail(what, ADVICE)?;
        let [articles, documents, chunks, vectors]: [i64; 4] =
            std::array::from_fn(|at| sums.get(at));
        let sums = format!(
            "{articles} articles, {documents} documents, {chunks} pieces, {vectors} vectors"
        );
        let first = "SELECT d.locale, left(c.text_content, 160)
            FROM knowledge_documents d JOIN knowledge_chunks c ON c.document_id = d.id AND c.chunk = 0
            ORDER BY d.article_id, d.locale LIMIT 4";
        let rows = self.0.query(first, &[]).await.or_fail(what, ADVICE)?;
        let line = |row: &tokio_postgres::Row| {
            let [locale, text]: [String; 2] = std::array::from_fn(|at| row.get(at));
            format!("{locale}  {}…", text.replace('\n', " "))
        };
        Ok((sums, rows.iter().map(line).collect()))
    }
}
