//! A space of vectors gets its number and its first segments.

use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::make::{State, make};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::embedding_models::{self, ModelId};
use crate::db::transaction::begin;
use crate::domain::Space;
use crate::error::Error;

/// The number of this space in the database, with a fresh segment that takes its vectors, and the next one.
pub async fn open(database: &Database, space: &Space) -> Result<ModelId, Error> {
    let mut connection = database.connection().await?;
    let model = embedding_models::register(&**connection, space).await?;
    if is_open(&**connection, model).await? {
        return Ok(model);
    }
    let transaction = begin(&mut connection).await?;
    make(&transaction, model, &[State::Fresh, State::Next]).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(model)
}

async fn is_open(client: &impl GenericClient, model: ModelId) -> Result<bool, Error> {
    let waiting = "SELECT FROM vector_segments WHERE model_id = $1 AND state IN ('fresh', 'next')";
    let rows = client.query_typed(waiting, &[(&model.0, Type::INT2)]).await;
    Ok(rows.map_err(failed)?.len() == 2)
}
