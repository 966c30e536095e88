//! What the found rows say.

use jiff::Timestamp;
use pgvector::Vector;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::snapshot::Snapshot;
use crate::db::connect::failed;
use crate::db::stored;
use crate::domain::{ArticleId, ConversationId, Embedding, Locale};
use crate::error::Error;
use crate::search::words::Doc;

/// A piece of an article.
#[derive(Debug, Clone)]
pub struct KnowledgeRow {
    /// Its number.
    pub doc: Doc,
    /// The cosine of the angle to the question; without, it has no vector of the active model.
    pub cosine: Option<f64>,
    /// Its article.
    pub article: ArticleId,
    /// The language.
    pub locale: Locale,
    /// The title of the article in this language.
    pub title: String,
    /// The headings above it.
    pub heading: String,
    /// The text, which begins with its headings.
    pub text: String,
    /// What is known of the article: a JSON object.
    pub metadata: Box<RawValue>,
}

/// A piece of a conversation.
#[derive(Debug, Clone)]
pub struct ConversationRow {
    /// Its number.
    pub doc: Doc,
    /// The cosine of the angle to the question; without, it has no vector.
    pub cosine: Option<f64>,
    /// Its conversation.
    pub conversation: ConversationId,
    /// When the event happened.
    pub occurred_at: Timestamp,
    /// Its language, `und` if it is not certain.
    pub language: Locale,
    /// What was said.
    pub text: String,
    /// Its tags: a JSON object.
    pub metadata: Box<RawValue>,
}

impl Snapshot<'_> {
    /// These pieces of articles, in any order; what is gone is missing.
    pub async fn knowledge_rows(
        &self,
        docs: &[Doc],
        question: Option<&Embedding>,
    ) -> Result<Vec<KnowledgeRow>, Error> {
        let rows = "SELECT c.id, 1 - (v.embedding <=> $2), d.article_id, d.locale, d.title, c.heading, c.text_content,
                d.metadata::text AS metadata
            FROM unnest($1::int8[]) AS asked (doc) JOIN knowledge_chunks c ON c.id = asked.doc
            JOIN knowledge_documents d ON d.id = c.document_id
            LEFT JOIN knowledge_vectors v ON v.chunk_id = c.id AND v.model_id = $3";
        let rows = self.ask(rows, docs, question).await?;
        rows.iter().map(knowledge).collect()
    }

    /// These pieces of conversations, in any order; what is gone is missing.
    pub async fn conversation_rows(
        &self,
        docs: &[Doc],
        question: Option<&Embedding>,
    ) -> Result<Vec<ConversationRow>, Error> {
        let rows = "SELECT e.doc, 1 - (e.embedding <=> $2), e.conversation_id, e.occurred_at,
                coalesce(e.semantic_metadata->>'language', 'und') AS language, e.text_content,
                e.semantic_metadata::text AS metadata
            FROM unnest($1::int8[]) AS asked (doc) JOIN conversation_embeddings e ON e.doc = asked.doc AND e.model_id = $3";
        let rows = self.ask(rows, docs, question).await?;
        rows.iter().map(conversation).collect()
    }

    async fn ask(
        &self,
        statement: &str,
        docs: &[Doc],
        question: Option<&Embedding>,
    ) -> Result<Vec<Row>, Error> {
        let docs: Vec<_> = docs.iter().map(|doc| doc.0).collect();
        let vector = question.map(|question| Vector::from(question.as_slice().to_vec()));
        let model = self.active().map(|(model, _)| model.0);
        let values: [(&(dyn ToSql + Sync), Type); 3] = [
            (&docs, Type::INT8_ARRAY),
            (&vector, self.vector.clone()),
            (&model, Type::INT2),
        ];
        let rows = self.transaction.query_typed(statement, &values);
        rows.await.map_err(failed)
    }
}

fn knowledge(row: &Row) -> Result<KnowledgeRow, Error> {
    Ok(KnowledgeRow {
        doc: Doc(row.get(0)),
        cosine: row.get(1),
        article: stored::article(row, 2)?,
        locale: stored::word(row, 3, |tag| Locale::parse(tag).ok())?,
        title: row.get(4),
        heading: row.get(5),
        text: row.get(6),
        metadata: metadata(row, 7)?,
    })
}

fn conversation(row: &Row) -> Result<ConversationRow, Error> {
    Ok(ConversationRow {
        doc: Doc(row.get(0)),
        cosine: row.get(1),
        conversation: stored::word(row, 2, |id| ConversationId::parse(id).ok())?,
        occurred_at: row.get(3),
        language: stored::word(row, 4, |tag| Locale::parse(tag).ok())?,
        text: row.get(5),
        metadata: metadata(row, 6)?,
    })
}

fn metadata(row: &Row, at: usize) -> Result<Box<RawValue>, Error> {
    let document = stored::document(row, at)?;
    Ok(document.unwrap_or_default())
}
