//! The table `knowledge_chunks`: the pieces of documents that search finds.

mod plan;

use std::sync::Arc;

use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

pub use self::plan::{ChunkPlan, plan_chunks};
use super::Database;
use super::connect::failed;
use super::embedding_models::ModelId;
use super::knowledge_documents::DocumentId;
use super::stored;
use crate::domain::{ArticleId, Embedding, TextHash};
use crate::error::Error;

/// A chunk's number in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChunkId(pub(super) i64);

/// A piece of a document.
#[derive(Debug, Clone)]
pub struct NewChunk {
    /// The headings above it.
    pub heading: String,
    /// The text, which begins with its headings.
    pub text: String,
    /// What makes it the same as another.
    pub hash: TextHash,
    /// Where it lies. A model that a chunk of this text has a vector of already may be left out; without any, only words find it.
    pub vectors: Vec<(ModelId, Arc<Embedding>)>,
}

/// A chunk that stands.
#[derive(Debug, Clone)]
pub struct Chunk {
    /// Its number in this database.
    pub id: ChunkId,
    /// Its document.
    pub document: DocumentId,
    /// The document's article.
    pub article: ArticleId,
    /// The document's language.
    pub locale: String,
    /// Its place in the document, from 0.
    pub number: i32,
    /// What makes it the same as another.
    pub hash: TextHash,
    /// The models that it has a vector of.
    pub models: Vec<ModelId>,
}

/// What these articles' documents consist of, in order.
pub async fn fetch(database: &Database, articles: &[ArticleId]) -> Result<Vec<Chunk>, Error> {
    let chunks = "SELECT c.id, d.id, d.article_id, d.locale, c.chunk, c.content_hash,
            ARRAY(SELECT v.model_id FROM knowledge_vectors v WHERE v.chunk_id = c.id ORDER BY v.model_id)
        FROM knowledge_documents d JOIN knowledge_chunks c ON c.document_id = d.id
        WHERE d.article_id = ANY($1) ORDER BY d.article_id, d.locale, c.chunk";
    let articles: Vec<_> = articles.iter().map(ArticleId::as_str).collect();
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(chunks, &[(&articles, Type::TEXT_ARRAY)])
        .await;
    rows.map_err(failed)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Chunk, Error> {
    let models: Vec<i16> = row.get(6);
    Ok(Chunk {
        id: ChunkId(row.get(0)),
        document: DocumentId(row.get(1)),
        article: stored::article(row, 2)?,
        locale: row.get(3),
        number: row.get(4),
        hash: stored::hash(row, 5)?,
        models: models.into_iter().map(ModelId).collect(),
    })
}

/// A chunk with its document and its place in it.
pub(super) type Placed<'a> = (DocumentId, i32, &'a NewChunk);

/// What these documents consist of, in order.
pub(super) async fn among(
    transaction: &Transaction<'_>,
    documents: &[DocumentId],
) -> Result<Vec<(DocumentId, (ChunkId, i32, TextHash))>, Error> {
    let standing = "SELECT document_id, id, chunk, content_hash FROM knowledge_chunks WHERE document_id = ANY($1)
        ORDER BY document_id, chunk";
    let documents: Vec<_> = documents.iter().map(|document| document.0).collect();
    let rows = transaction
        .query_typed(standing, &[(&documents, Type::INT8_ARRAY)])
        .await;
    let chunk = |row: &Row| {
        let chunk = (ChunkId(row.get(1)), row.get(2), stored::hash(row, 3)?);
        Ok((DocumentId(row.get(0)), chunk))
    };
    rows.map_err(failed)?.iter().map(chunk).collect()
}

/// Removes chunks, and their vectors with them.
pub(super) async fn delete(
    transaction: &Transaction<'_>,
    chunks: &[ChunkId],
) -> Result<u64, Error> {
    if chunks.is_empty() {
        return Ok(0);
    }
    let delete = "DELETE FROM knowledge_chunks WHERE id = ANY($1)";
    let chunks: Vec<_> = chunks.iter().map(|chunk| chunk.0).collect();
    let deleted = transaction
        .execute_typed(delete, &[(&chunks, Type::INT8_ARRAY)])
        .await;
    deleted.map_err(failed)
}

/// Gives chunks their places; says how many had another.
pub(super) async fn renumber(
    transaction: &Transaction<'_>,
    chunks: &[(ChunkId, i32)],
) -> Result<u64, Error> {
    if chunks.is_empty() {
        return Ok(0);
    }
    let renumber = "UPDATE knowledge_chunks c SET chunk = n.number FROM unnest($1::int8[], $2::int4[]) AS n (id, number)
        WHERE c.id = n.id AND c.chunk <> n.number";
    let ids: Vec<_> = chunks.iter().map(|(id, _)| id.0).collect();
    let numbers: Vec<_> = chunks.iter().map(|(_, number)| *number).collect();
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&ids, Type::INT8_ARRAY), (&numbers, Type::INT4_ARRAY)];
    let moved = transaction.execute_typed(renumber, &values).await;
    moved.map_err(failed)
}

/// Inserts chunks; gives their numbers, with their documents and places.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    chunks: &[Placed<'_>],
) -> Result<Vec<(DocumentId, i32, ChunkId)>, Error> {
    if chunks.is_empty() {
        return Ok(Vec::new());
    }
    let insert = "INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash)
        SELECT * FROM unnest($1::int8[], $2::int4[], $3::text[], $4::text[], $5::bytea[]) RETURNING document_id, chunk, id";
    let documents: Vec<_> = chunks.iter().map(|(document, ..)| document.0).collect();
    let numbers: Vec<_> = chunks.iter().map(|(_, number, _)| *number).collect();
    let headings: Vec<_> = chunks
        .iter()
        .map(|(.., one)| one.heading.as_str())
        .collect();
    let texts: Vec<_> = chunks.iter().map(|(.., one)| one.text.as_str()).collect();
    let hashes: Vec<_> = chunks.iter().map(|(.., one)| one.hash.as_bytes()).collect();
    let values: [(&(dyn ToSql + Sync), Type); 5] = [
        (&documents, Type::INT8_ARRAY),
        (&numbers, Type::INT4_ARRAY),
        (&headings, Type::TEXT_ARRAY),
        (&texts, Type::TEXT_ARRAY),
        (&hashes, Type::BYTEA_ARRAY),
    ];
    let rows = transaction.query_typed(insert, &values).await;
    let number = |row: &Row| (DocumentId(row.get(0)), row.get(1), ChunkId(row.get(2)));
    Ok(rows.map_err(failed)?.iter().map(number).collect())
}
