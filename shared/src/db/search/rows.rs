//! What the found rows say.

use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::snapshot::Snapshot;
use crate::db::connect::failed;
use crate::db::stored;
use crate::domain::{ArticleId, ConversationId, Locale};
use crate::error::Error;
use crate::search::words::Doc;

/// The longest text that is read, in bytes: an answer has to stay small. What is stored today is shorter, unless chunks are larger than
/// any model's; what was stored before there was a limit is shown as far as this.
const LONGEST: usize = 48 << 10;
/// The database counts letters, of which none is less than a byte.
const MOST_LETTERS: i32 = 48 << 10;

/// A piece of an article.
#[derive(Debug, Clone)]
pub struct KnowledgeRow {
    /// Its number.
    pub doc: Doc,
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
    pub async fn knowledge_rows(&self, docs: &[Doc]) -> Result<Vec<KnowledgeRow>, Error> {
        let rows = "SELECT c.id, d.article_id, d.locale, d.title, c.heading, left(c.text_content, $2), d.metadata::text
            FROM knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id WHERE c.id = ANY($1)";
        let docs: Vec<_> = docs.iter().map(|doc| doc.0).collect();
        let values: [(&(dyn ToSql + Sync), Type); 2] =
            [(&docs, Type::INT8_ARRAY), (&MOST_LETTERS, Type::INT4)];
        let rows = self.ask_rows(rows, &values).await?;
        rows.iter().map(knowledge).collect()
    }

    /// These pieces of conversations, in any order; what is gone is missing.
    pub async fn conversation_rows(&self, docs: &[Doc]) -> Result<Vec<ConversationRow>, Error> {
        let rows = "SELECT doc, conversation_id, occurred_at, coalesce(semantic_metadata->>'language', 'und') AS language,
                left(text_content, $3), semantic_metadata::text AS metadata
            FROM conversation_embeddings WHERE doc = ANY($1) AND model_id = $2";
        let docs: Vec<_> = docs.iter().map(|doc| doc.0).collect();
        let model = self.active().map(|(model, _)| model.0);
        let values: [(&(dyn ToSql + Sync), Type); 3] = [
            (&docs, Type::INT8_ARRAY),
            (&model, Type::INT2),
            (&MOST_LETTERS, Type::INT4),
        ];
        let rows = self.ask_rows(rows, &values).await?;
        rows.iter().map(conversation).collect()
    }

    async fn ask_rows(
        &self,
        statement: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, Error> {
        let rows = self.transaction.query_typed(statement, values);
        rows.await.map_err(failed)
    }
}

fn knowledge(row: &Row) -> Result<KnowledgeRow, Error> {
    Ok(KnowledgeRow {
        doc: Doc(row.get(0)),
        article: stored::article(row, 1)?,
        locale: stored::word(row, 2, |tag| Locale::parse(tag).ok())?,
        title: row.get(3),
        heading: row.get(4),
        text: text(row, 5),
        metadata: metadata(row, 6)?,
    })
}

fn conversation(row: &Row) -> Result<ConversationRow, Error> {
    Ok(ConversationRow {
        doc: Doc(row.get(0)),
        conversation: stored::word(row, 1, |id| ConversationId::parse(id).ok())?,
        occurred_at: row.get(2),
        language: stored::word(row, 3, |tag| Locale::parse(tag).ok())?,
        text: text(row, 4),
        metadata: metadata(row, 5)?,
    })
}

fn text(row: &Row, at: usize) -> String {
    let mut text: String = row.get(at);
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

fn metadata(row: &Row, at: usize) -> Result<Box<RawValue>, Error> {
    let document = stored::document(row, at)?;
    Ok(document.unwrap_or_default())
}
