//! The table `intent_examples`: the vectors of labelled examples, so that a cold start asks no model.

use pgvector::Vector;
use tokio_postgres::types::Type;

use super::Database;
use super::connect::failed;
use super::embedding_models::ModelId;
use super::vector_types::fetch_vectors;
use crate::domain::{Embedding, TextHash};
use crate::error::Error;

/// The vectors of those texts that are known, by their place in the question.
pub async fn fetch(
    database: &Database,
    model: ModelId,
    texts: &[TextHash],
    dimensions: u16,
) -> Result<Vec<Option<Embedding>>, Error> {
    let known = "SELECT e.embedding::real[] FROM unnest($2::bytea[]) WITH ORDINALITY AS t (hash, position)
        LEFT JOIN intent_examples e ON e.model_id = $1 AND e.text_hash = t.hash ORDER BY t.position";
    fetch_vectors(database, known, model, texts, dimensions).await
}

/// Keeps vectors for the next start. In one order, so that two that start together never wait in a circle.
pub async fn keep(
    database: &Database,
    model: ModelId,
    examples: &[(TextHash, &Embedding)],
) -> Result<(), Error> {
    let keep = "INSERT INTO intent_examples (model_id, text_hash, embedding)
        SELECT $1, e.hash, e.vector FROM unnest($2::bytea[], $3) AS e (hash, vector)
        ORDER BY e.hash ON CONFLICT DO NOTHING";
    let hashes: Vec<_> = examples.iter().map(|(hash, _)| hash.as_bytes()).collect();
    let vectors: Vec<_> = examples
        .iter()
        .map(|(_, vector)| Vector::from(vector.as_slice().to_vec()))
        .collect();
    let connection = database.connection().await?;
    let examples = [
        (&model.0 as _, Type::INT2),
        (&hashes as _, Type::BYTEA_ARRAY),
        (
            &vectors as _,
            database.vector_types().array(&**connection).await?,
        ),
    ];
    let kept = connection.query_typed(keep, &examples).await;
    kept.map(drop).map_err(failed)
}
