//! The table `knowledge_vectors`: where chunks lie, by model.

mod graph;

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

pub use self::graph::{FEW, Graph, ensure_graph, ensure_graph_of, lacks_graph};
use super::Database;
use super::connect::failed;
use super::embedding_models::ModelId;
use super::knowledge_chunks::ChunkId;
use super::vector_types::{VectorTypes, Written, fetch_vectors};
use crate::domain::{Embedding, Space, TextHash};
use crate::error::Error;

/// The vectors that some texts have already, by their place in the question.
pub async fn fetch_known(
    database: &Database,
    model: ModelId,
    texts: &[TextHash],
    dimensions: u16,
) -> Result<Vec<Option<Embedding>>, Error> {
    let known = "SELECT e.embedding::real[] FROM unnest($2::bytea[]) WITH ORDINALITY AS t (hash, position)
        LEFT JOIN LATERAL (SELECT v.embedding FROM knowledge_chunks c JOIN knowledge_vectors v ON v.chunk_id = c.id
            WHERE c.content_hash = t.hash AND v.model_id = $1 LIMIT 1) e ON true
        ORDER BY t.position";
    fetch_vectors(database, known, model, texts, dimensions).await
}

/// Pieces that have a vector of the model that queries use, and none of another. Were queries to use that one, they would find these by words
/// only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lacking {
    /// Those that it has not answered for yet.
    pub waiting: i64,
    /// Those that it refuses: their article is known to it. No run asks for them again.
    pub refused: i64,
}

/// How many pieces lack this model.
pub async fn count_lacking(
    database: &Database,
    model: ModelId,
    space: &Space,
) -> Result<Lacking, Error> {
    // An article says last by which models it was rendered: those that have answered for each of its pieces.
    let lacking = "SELECT count(*) FILTER (WHERE NOT answered), count(*) FILTER (WHERE answered) FROM (
        SELECT $2 = ANY (string_to_array(substring(a.rendered_as FROM '[^;]*$'), ',')) AS answered
        FROM knowledge_chunks c
        JOIN knowledge_documents d ON d.id = c.document_id JOIN knowledge_articles a ON a.id = d.article_id
        JOIN knowledge_vectors o ON o.chunk_id = c.id AND o.model_id = (SELECT id FROM embedding_models WHERE active)
        WHERE NOT EXISTS (SELECT FROM knowledge_vectors v WHERE v.chunk_id = c.id AND v.model_id = $1)) pieces";
    let space = space.to_string();
    let question: [(&(dyn ToSql + Sync), Type); 2] = [(&model.0, Type::INT2), (&space, Type::TEXT)];
    let connection = database.connection().await?;
    let row = connection.query_typed_one(lacking, &question).await;
    let row = row.map_err(failed)?;
    Ok(Lacking {
        waiting: row.get(0),
        refused: row.get(1),
    })
}

/// Inserts those that their chunk has not yet; says how many.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    types: &VectorTypes,
    vectors: &[(ChunkId, ModelId, &Embedding)],
) -> Result<u64, Error> {
    if vectors.is_empty() {
        return Ok(0);
    }
    let insert = "INSERT INTO knowledge_vectors (chunk_id, model_id, embedding)
        SELECT * FROM unnest($1::int8[], $2::int2[], $3) ON CONFLICT DO NOTHING";
    let chunks: Vec<_> = vectors.iter().map(|(chunk, ..)| chunk.0).collect();
    let models: Vec<_> = vectors.iter().map(|(_, model, _)| model.0).collect();
    let embeddings: Vec<_> = vectors.iter().map(|(.., one)| Written(one)).collect();
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&chunks, Type::INT8_ARRAY),
        (&models, Type::INT2_ARRAY),
        (&embeddings, types.array(&**transaction).await?),
    ];
    let inserted = transaction.execute_typed(insert, &values).await;
    inserted.map_err(failed)
}
