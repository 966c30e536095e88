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
use super::words::{self, Words};
use crate::domain::{ArticleId, Embedding, TextHash};
use crate::error::Error;
use crate::text::terms::Analysis;

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
    /// Where it lies. A model that a chunk of this text and these words has a vector of already may be left out; without any, only
    /// words find it.
    pub vectors: Vec<(ModelId, Arc<Embedding>)>,
    /// The words of the text.
    pub words: Words,
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

/// A chunk that stands in a document.
pub(super) struct Standing {
    pub(super) document: DocumentId,
    /// Its number, its place, and what makes it the same as another.
    pub(super) chunk: (ChunkId, i32, TextHash),
    /// The name of the analysis of its words, if they are of today's version.
    pub(super) analysis: Option<String>,
}

/// What these documents consist of, in order.
pub(super) async fn among(
    transaction: &Transaction<'_>,
    documents: &[DocumentId],
) -> Result<Vec<Standing>, Error> {
    let standing = "SELECT document_id, id, chunk, content_hash, CASE WHEN words_version = $2 THEN analysis END
        FROM knowledge_chunks WHERE document_id = ANY($1) ORDER BY document_id, chunk";
    let documents: Vec<_> = documents.iter().map(|document| document.0).collect();
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&documents, Type::INT8_ARRAY),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = transaction.query_typed(standing, &values).await;
    let chunk = |row: &Row| {
        Ok(Standing {
            document: DocumentId(row.get(0)),
            chunk: (ChunkId(row.get(1)), row.get(2), stored::hash(row, 3)?),
            analysis: row.get(4),
        })
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
    let delete = format!(
        "WITH gone AS (DELETE FROM knowledge_chunks c WHERE c.id = ANY($1) RETURNING {AS_WORDS}), dead AS ({})
        SELECT count(*) FROM gone",
        words::name_dead("gone")
    );
    let chunks: Vec<_> = chunks.iter().map(|chunk| chunk.0).collect();
    let deleted = transaction
        .query_typed_one(&delete, &[(&chunks, Type::INT8_ARRAY)])
        .await;
    let count: i64 = deleted.map_err(failed)?.get(0);
    Ok(count.unsigned_abs())
}

/// A chunk `c` as those are named that are dead.
const AS_WORDS: &str = "'knowledge' AS space, c.id AS doc, c.analysis, c.words_version, c.words, NULL::int8 AS event_id";

/// A statement that names the chunks of these documents dead, which another deletes.
pub(super) fn name_dead_of(documents: &str) -> String {
    words::name_dead(&format!(
        "(SELECT {AS_WORDS} FROM knowledge_chunks c WHERE c.document_id IN ({documents})) gone"
    ))
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
    let insert = "INSERT INTO knowledge_chunks (document_id, chunk, heading, text_content, content_hash, words, analysis, words_version)
        SELECT *, $8 FROM unnest($1::int8[], $2::int4[], $3::text[], $4::text[], $5::bytea[], $6::int4[], $7::text[])
        RETURNING document_id, chunk, id";
    let documents: Vec<_> = chunks.iter().map(|(document, ..)| document.0).collect();
    let numbers: Vec<_> = chunks.iter().map(|(_, number, _)| *number).collect();
    let headings: Vec<_> = chunks
        .iter()
        .map(|(.., one)| one.heading.as_str())
        .collect();
    let texts: Vec<_> = chunks.iter().map(|(.., one)| one.text.as_str()).collect();
    let hashes: Vec<_> = chunks.iter().map(|(.., one)| one.hash.as_bytes()).collect();
    let words: Vec<_> = chunks.iter().map(|(.., one)| one.words.length()).collect();
    let name = |(.., one): &Placed<'_>| one.words.analysis.name();
    let analyses: Vec<_> = chunks.iter().map(name).collect();
    let values: [(&(dyn ToSql + Sync), Type); 8] = [
        (&documents, Type::INT8_ARRAY),
        (&numbers, Type::INT4_ARRAY),
        (&headings, Type::TEXT_ARRAY),
        (&texts, Type::TEXT_ARRAY),
        (&hashes, Type::BYTEA_ARRAY),
        (&words, Type::INT4_ARRAY),
        (&analyses, Type::TEXT_ARRAY),
        (&Analysis::VERSION, Type::INT2),
    ];
    let rows = transaction.query_typed(insert, &values).await;
    let number = |row: &Row| (DocumentId(row.get(0)), row.get(1), ChunkId(row.get(2)));
    Ok(rows.map_err(failed)?.iter().map(number).collect())
}
