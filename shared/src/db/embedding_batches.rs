//! The table `embedding_batches`: for how many texts a model was asked, and how long it took. Figures only.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use super::embedding_models::ModelId;
use crate::error::Error;

/// A batch of texts for which a model was asked.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddingBatch {
    /// How many.
    pub texts: usize,
    /// Those that the model never takes.
    pub refused: usize,
    /// Those for which it gave no answer for now.
    pub failed: usize,
    /// The tokens of those that were answered with a vector.
    pub tokens: usize,
    /// From asking to the last answer.
    pub duration: Duration,
}

/// Notes a batch, for the console.
pub async fn note(
    database: &Database,
    model: ModelId,
    batch: &EmbeddingBatch,
) -> Result<(), Error> {
    let note =
        "INSERT INTO embedding_batches (model_id, texts, refused, failed, tokens, duration_ms)
        SELECT $1, $2::int8, $3::int8, $4::int8, $5, $6::float8";
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let duration_ms = batch.duration.as_secs_f64() * 1_000.0;
    let values: [(&(dyn ToSql + Sync), Type); 6] = [
        (&model.number(), Type::INT2),
        (&count(batch.texts), Type::INT8),
        (&count(batch.refused), Type::INT8),
        (&count(batch.failed), Type::INT8),
        (&count(batch.tokens), Type::INT8),
        (&duration_ms, Type::FLOAT8),
    ];
    let connection = database.connection().await?;
    let noted = connection.execute_typed(note, &values).await;
    noted.map(drop).map_err(failed)
}
