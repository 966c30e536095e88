//! The table `vector_segments` and the partitions behind it: where new vectors go.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Transaction};

use super::Database;
use super::connect::failed;
use super::embedding_models::{self, ModelId};
use super::transaction::begin;
use crate::domain::Space;
use crate::error::Error;
use crate::search::words::Doc;

/// Any fixed number. Whoever changes which segment is fresh holds it alone, for one transaction; whoever writes into one holds it
/// with the other writers. Unlike a lock of the row it is fair, and those who waited see what came of it.
const LOCK: i64 = 0x0043_586f_6e65_5365;

/// Rows up to so many bytes stay whole in their page, which is the most that one holds. A vector of 1,536 numbers is then written in
/// one piece and not in four, and an exact scan reads it without a detour.
const INLINE: usize = 8_160;

/// A part of the table of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SegmentId(pub(super) i32);

/// The number of this space in the database, with a fresh segment that takes its vectors.
pub async fn open(database: &Database, space: &Space) -> Result<ModelId, Error> {
    let mut connection = database.connection().await?;
    let model = embedding_models::register(&**connection, space).await?;
    if has_fresh(&**connection, model).await? {
        return Ok(model);
    }
    let transaction = begin(&mut connection).await?;
    let lock = "SELECT pg_advisory_xact_lock($1)";
    let lock = transaction.query_typed(lock, &[(&LOCK, Type::INT8)]);
    lock.await.map_err(failed)?;
    if !has_fresh(&*transaction, model).await? {
        create(&transaction, model, space.dimensions).await?;
    }
    transaction.commit().await.map_err(failed)?;
    Ok(model)
}

async fn has_fresh(client: &impl GenericClient, model: ModelId) -> Result<bool, Error> {
    let fresh = "SELECT FROM vector_segments WHERE model_id = $1 AND state = 'fresh'";
    let rows = client.query_typed(fresh, &[(&model.0, Type::INT2)]).await;
    Ok(!rows.map_err(failed)?.is_empty())
}

/// Made beside the table and then attached, which blocks no writer of other segments.
async fn create(
    transaction: &Transaction<'_>,
    model: ModelId,
    dimensions: u16,
) -> Result<(), Error> {
    let add = "INSERT INTO vector_segments (model_id) VALUES ($1) RETURNING id";
    let rows = transaction
        .query_typed(add, &[(&model.0, Type::INT2)])
        .await
        .map_err(failed)?;
    let id: i32 = rows.first().map(|row| row.get(0)).unwrap_or_default();
    let model = model.0;
    let table = format!("conversation_embeddings_{id}");
    let sql = format!(
        "CREATE TABLE {table} (LIKE conversation_embeddings INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES,
            CHECK (segment = {id}), CHECK (model_id = {model}),
            CHECK (embedding IS NULL OR vector_dims(embedding) = {dimensions})) WITH (toast_tuple_target = {INLINE});
        ALTER TABLE {table} ALTER COLUMN text_content SET STATISTICS 0, ALTER COLUMN semantic_metadata SET STATISTICS 0,
            ALTER COLUMN conversation_id SET STATISTICS 0;
        ALTER TABLE conversation_embeddings ATTACH PARTITION {table} FOR VALUES IN ({id})"
    );
    transaction.batch_execute(&sql).await.map_err(failed)
}

/// The segments that take these models' vectors, in the same order. They stay fresh until the transaction ends. With them, numbers
/// for so many chunks, in order.
pub(super) async fn hold_fresh(
    transaction: &Transaction<'_>,
    models: &[ModelId],
    chunks: usize,
) -> Result<(Vec<SegmentId>, Vec<Doc>), Error> {
    let lock = "SELECT pg_advisory_xact_lock_shared($1)";
    let held = transaction.query_typed(lock, &[(&LOCK, Type::INT8)]);
    held.await.map_err(failed)?;
    let fresh = "WITH docs AS MATERIALIZED (
            SELECT array_agg(doc ORDER BY doc) AS docs FROM (SELECT nextval('conversation_docs') AS doc FROM generate_series(1, $2)) d)
        SELECT s.model_id, s.id, d.docs FROM vector_segments s, docs d WHERE s.model_id = ANY($1) AND s.state = 'fresh'";
    let ids: Vec<i16> = models.iter().map(|model| model.0).collect();
    let chunks = i64::try_from(chunks).unwrap_or(i64::MAX);
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&ids, Type::INT2_ARRAY), (&chunks, Type::INT8)];
    let rows = transaction.query_typed(fresh, &values).await;
    let rows = rows.map_err(failed)?;
    let docs: Vec<i64> = rows.first().map(|row| row.get(2)).unwrap_or_default();
    let segment = |model: &ModelId| {
        let row = rows.iter().find(|row| row.get::<_, i16>(0) == model.0);
        let none = || Error::transient("the fresh segment", "the model has none now");
        row.map(|row| SegmentId(row.get(1))).ok_or_else(none)
    };
    let segments = models.iter().map(segment).collect::<Result<_, _>>()?;
    Ok((segments, docs.into_iter().map(Doc).collect()))
}
