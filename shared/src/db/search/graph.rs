//! Graphs over vectors (HNSW): what they are built over, and whether one stands.
//!
//! They are built over `halfvec`, which is half as large and takes models of up to 4,000 numbers. Only the very same expression goes by
//! them.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::error::Error;

/// The segments of a model that have rows, each with whether it has a graph and how many rows that is over; of those whose span is known, only what may have happened
/// from `$2` to `$3`.
pub(super) const SEGMENTS: &str = "SELECT s.id, EXISTS (
        SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
        WHERE i.indrelid = to_regclass('conversation_embeddings_' || s.id) AND m.amname = 'hnsw' AND i.indisvalid), s.row_count
    FROM vector_segments s WHERE s.model_id = $1 AND s.state IN ('fresh', 'closed', 'sealed')
        AND (s.last_at < $2) IS NOT TRUE AND (s.first_at > $3) IS NOT TRUE
    ORDER BY s.id";

/// The name of the graph over the articles' vectors of a model.
pub(in crate::db) fn name(model: ModelId) -> String {
    format!("knowledge_vectors_graph_{}", model.0)
}

/// What a graph is built over.
pub(in crate::db) fn expression(dimensions: u16) -> String {
    format!("(embedding::halfvec({dimensions})) halfvec_cosine_ops")
}

/// How carefully a graph is built. At 100,000 vectors of 384 numbers, 128 finds 99.8 % of the nearest 20 where pgvector's own 64 finds 97 %,
/// and takes no longer to search.
pub(in crate::db) const QUALITY: &str = "m = 16, ef_construction = 128";

/// How carefully a graph over so many rows is searched, at least, however few are wanted. Among 100,000 vectors of 384 numbers that lie badly,
/// 64 finds 94 to 95 % of the nearest 20, 160 finds 98.6 to 99.5 %, and 200 finds 99.7 %. In a smaller graph fewer steps find as much, and
/// each of several holds only some of the nearest: of six over texts by `MiniLM`, of 10,000 rows and of 30,000, these find 99.8 %, a graph
/// in about half of the time that 200 steps take, by the shortest times on a busy machine. Larger vectors may lie in more directions: of 1,536
/// numbers, each four texts one after the other, eight graphs of 2,500 rows find 97.7 % with 64 steps and 99.4 % with 100; two of 20,000 find
/// 96.5 % with 200 steps and 99.0 % with 400.
pub(in crate::db) fn effort(rows: i64, dimensions: u16) -> usize {
    match (dimensions, rows) {
        (..=768, ..=12_000) => 64,
        (..=768, ..=40_000) | (_, ..=3_000) => 100,
        (..=768, _) | (_, ..=12_000) => 200,
        _ => 400,
    }
}

/// Whether the graph over the articles' vectors of a model is whole.
pub(super) async fn stands(client: &impl GenericClient, model: ModelId) -> Result<bool, Error> {
    let stands = "SELECT FROM pg_index WHERE indexrelid = to_regclass($1) AND indisvalid";
    let rows = client
        .query_typed(stands, &[(&name(model), Type::TEXT)])
        .await;
    Ok(!rows.map_err(failed)?.is_empty())
}
