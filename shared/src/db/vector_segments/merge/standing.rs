//! What is sealed, and how much of it is left; and what waits for that.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::plan::Sealed;
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::db::vector_segments::{SegmentId, is_gone};
use crate::error::Error;

/// The sealed segments of a model of which no other is being made, in the order of their rows. The rows of one that seems to have lost many
/// are counted; of the others nobody is asked, because that would be reading all.
pub(super) async fn fetch(database: &Database, model: ModelId) -> Result<Vec<Sealed>, Error> {
    // After a crash the server knows of no rows until it has counted them itself: then they are counted here.
    let sealed = "SELECT s.id, s.tier, s.row_count, m.dimensions,
            least(c.reltuples::int8, pg_stat_get_live_tuples(c.oid)) * 5 < s.row_count * 4 OR s.row_count = 0 AS seems_worn
        FROM vector_segments s JOIN embedding_models m ON m.id = s.model_id
        JOIN pg_class c ON c.oid = to_regclass('conversation_embeddings_' || s.id)
        WHERE s.model_id = $1 AND s.state = 'sealed' AND s.replaced_by IS NULL AND s.row_count IS NOT NULL
        ORDER BY s.first_doc, s.id";
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(sealed, &[(&model.0, Type::INT2)])
        .await;
    let rows = rows.map_err(failed)?;
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut one = read(row);
        if row.get(4) {
            let count = format!("SELECT count(*) FROM {}", one.id.table());
            match connection.query_typed_one(&count, &[]).await {
                Err(error) if is_gone(&error) => continue,
                count => one.live = count.map_err(failed)?.get(0),
            }
        }
        all.push(one);
    }
    Ok(all)
}

/// The closed segments of a model of which no other is being made, the one that was closed first before the others, and the numbers that
/// the vectors of each have: no more segments than `most`.
pub(super) async fn fetch_closed(
    database: &Database,
    model: ModelId,
    most: usize,
) -> Result<Vec<(SegmentId, i64)>, Error> {
    let closed = "SELECT s.id, m.dimensions * (SELECT count(*) FROM conversation_embeddings e WHERE e.segment = s.id)
        FROM vector_segments s JOIN embedding_models m ON m.id = s.model_id
        WHERE s.model_id = $1 AND s.state = 'closed' AND s.replaced_by IS NULL ORDER BY s.closed_at, s.id LIMIT $2";
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let values = [(&model.0 as _, Type::INT2), (&most as _, Type::INT8)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(closed, &values).await;
    let closed = |row: &Row| (SegmentId(row.get(0)), row.get(1));
    Ok(rows.map_err(failed)?.iter().map(closed).collect())
}

fn read(row: &Row) -> Sealed {
    let (rows, dimensions): (i64, i16) = (row.get(2), row.get(3));
    Sealed {
        id: SegmentId(row.get(0)),
        tier: row.get(1),
        rows,
        live: rows,
        dimensions: dimensions.unsigned_abs(),
    }
}
