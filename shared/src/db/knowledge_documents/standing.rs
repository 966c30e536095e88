//! Documents as they stand, with their texts.

use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::MARKS;
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored;
use crate::domain::{ArticleId, Locale, TextHash};
use crate::error::Error;

/// A document that stands.
#[derive(Debug, Clone)]
pub struct StandingDocument {
    /// The article.
    pub article: ArticleId,
    /// The language.
    pub locale: Locale,
    /// The title.
    pub title: String,
    /// The metadata, without the marks.
    pub metadata: Box<RawValue>,
    /// The pieces, in order.
    pub pieces: Vec<Piece>,
}

/// A piece of it.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The headings above it.
    pub heading: String,
    /// The text.
    pub text: String,
    /// What makes it the same as another.
    pub hash: TextHash,
}

/// What stands of these articles.
pub async fn fetch_standing(
    database: &Database,
    articles: &[ArticleId],
) -> Result<Vec<StandingDocument>, Error> {
    if articles.is_empty() {
        return Ok(Vec::new());
    }
    let standing = format!(
        "SELECT d.article_id, d.locale, d.title, (d.metadata - {MARKS})::text, c.heading, c.text_content, c.content_hash
        FROM knowledge_documents d LEFT JOIN knowledge_chunks c ON c.document_id = d.id
        WHERE d.article_id = ANY($1) ORDER BY d.article_id, d.locale, c.chunk"
    );
    let articles: Vec<_> = articles.iter().map(ArticleId::as_str).collect();
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(&standing, &[(&articles, Type::TEXT_ARRAY)])
        .await;
    let mut documents: Vec<StandingDocument> = Vec::new();
    for row in rows.map_err(failed)? {
        let next = document(&row)?;
        match documents.last_mut() {
            Some(last) if (&last.article, &last.locale) == (&next.article, &next.locale) => {
                last.pieces.extend(next.pieces);
            }
            _ => documents.push(next),
        }
    }
    Ok(documents)
}

/// A row: a document with one of its pieces, if it has any.
fn document(row: &Row) -> Result<StandingDocument, Error> {
    let locale = Locale::parse(row.get(1)).map_err(|_| stored::strange(row, 1))?;
    let piece = row.get::<_, Option<String>>(4).map(|heading| {
        Ok::<_, Error>(Piece {
            heading,
            text: row.get(5),
            hash: stored::hash(row, 6)?,
        })
    });
    Ok(StandingDocument {
        article: stored::article(row, 0)?,
        locale,
        title: row.get(2),
        metadata: stored::document(row, 3)?.unwrap_or_default(),
        pieces: piece.transpose()?.into_iter().collect(),
    })
}
