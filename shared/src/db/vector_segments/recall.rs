//! How much of what lies nearest a graph finds, told by a few of its own rows.

use tokio_postgres::types::{ToSql, Type};

use super::keeper::{Lease, hold_lease};
use super::{SegmentId, is_gone};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::graphs;
use crate::db::search::graph::effort;
use crate::db::transaction::begin;
use crate::error::Error;

/// So many rows are asked for, and so many of the nearest of each. Looking at 400,000 rows one by one takes a third of a second for each.
const ASKED: i64 = 20;

/// The share that the graph of a sealed segment finds of what lies nearest to some of its rows, which is remembered; nothing, if it has
/// no graph or no rows. The graph is searched as carefully as questions do.
pub async fn sample_recall(
    database: &Database,
    lease: &Lease,
    segment: SegmentId,
) -> Result<Option<f32>, Error> {
    let mut connection = database.connection().await?;
    let shape = "SELECT m.dimensions, s.row_count FROM vector_segments s JOIN embedding_models m ON m.id = s.model_id
        WHERE s.id = $1 AND s.state = 'sealed' AND s.row_count > 0";
    let id = [(&segment.0 as &(dyn ToSql + Sync), Type::INT4)];
    let rows = connection.query_typed(shape, &id).await.map_err(failed)?;
    let Some((dimensions, rows)) = rows.first().map(|row| (row.get::<_, i16>(0), row.get(1)))
    else {
        return Ok(None);
    };
    if !graphs::can_hold(dimensions.unsigned_abs()) {
        return Ok(None);
    }
    let transaction = begin(&mut connection).await?;
    let settings = format!(
        "SET LOCAL hnsw.ef_search = {}; SET LOCAL jit = off; SET LOCAL statement_timeout = '60s'",
        effort(rows, dimensions.unsigned_abs())
    );
    let set = transaction.batch_execute(&settings).await;
    set.map_err(failed)?;
    let compare = compare(segment, dimensions, rows);
    let compared = transaction.query_typed_one(&compare, &[]).await;
    let recall: Option<f32> = match compared {
        Err(error) if is_gone(&error) => return Ok(None),
        compared => compared.map_err(failed)?.get(0),
    };
    hold_lease(&transaction, lease).await?;
    let tell =
        "UPDATE vector_segments SET recall = $2, recall_at = clock_timestamp() WHERE id = $1";
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&segment.0, Type::INT4), (&recall, Type::FLOAT4)];
    let told = transaction.execute_typed(tell, &values).await;
    told.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(recall)
}

/// What the graph found counts if it lies no farther than what does lie nearest: of equals it may find any.
fn compare(segment: SegmentId, dimensions: i16, rows: i64) -> String {
    let (table, half) = (segment.table(), format!("halfvec({dimensions})"));
    // Twice as many as are wanted, so that hardly ever there are too few.
    let percent = (ASKED * 200 / rows.max(1)).clamp(0, 99) + 1;
    format!(
        "SELECT (sum(least(near.hits, nearest.count)) / nullif(sum(nearest.count), 0))::real
        FROM (SELECT embedding FROM {table} TABLESAMPLE BERNOULLI ({percent}) WHERE embedding IS NOT NULL LIMIT {ASKED}) asked
        CROSS JOIN LATERAL (SELECT max(distance) AS farthest, count(*) FROM (
            SELECT t.embedding <=> asked.embedding AS distance FROM {table} t WHERE t.embedding IS NOT NULL
            ORDER BY distance LIMIT {ASKED}) one_by_one) nearest
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE distance <= nearest.farthest) AS hits FROM (
            SELECT t.embedding <=> asked.embedding AS distance FROM {table} t
            ORDER BY t.embedding::{half} <=> asked.embedding::{half} LIMIT {ASKED}) by_graph) near"
    )
}
