//! How much of what lies nearest is found without comparing all, told by a few of a segment's own rows.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::keeper::{Lease, hold_lease};
use super::{SegmentId, is_gone, signs};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::search::graph::{operators, walk};
use crate::db::search::signs::Signs;
use crate::db::search::way::Way;
use crate::db::transaction::begin;
use crate::error::Error;

/// So many rows are asked for, and so many of the nearest of each. Looking at 400,000 rows one by one takes a third of a second for each.
const ASKED: u8 = 20;

/// The share that questions find of what lies nearest to some of the rows of a sealed segment, which is remembered; nothing, if all are
/// compared or it has no rows. It is searched as carefully as by a question that looks at nothing else.
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
    let shape = |row: &Row| (row.get::<_, i16>(0).unsigned_abs(), row.get(1));
    let Some((dimensions, rows)) = rows.first().map(shape) else {
        return Ok(None);
    };
    let Some(way) = fetch_way(&connection, segment, rows, dimensions).await? else {
        return Ok(None);
    };
    let transaction = begin(&mut connection).await?;
    let by_graph =
        |steps| format!("SET LOCAL hnsw.ef_search = {steps}; SET LOCAL enable_sort = off; ");
    let settings = way.steps().map(by_graph).unwrap_or_default()
        + "SET LOCAL jit = off; SET LOCAL statement_timeout = '60s'";
    let set = transaction.batch_execute(&settings).await;
    set.map_err(failed)?;
    let compare = compare(segment, &way, rows);
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

/// How it is searched, unless all are compared.
async fn fetch_way(
    client: &Client,
    segment: SegmentId,
    rows: i64,
    dimensions: u16,
) -> Result<Option<Way>, Error> {
    if signs::stand(client, segment).await? {
        let signs = Signs::of(segment.number(), Some(rows), dimensions);
        return Ok(Some(Way::Signs(signs)));
    }
    let operators = operators(client, &segment.graph()).await?;
    Ok(walk(operators.as_deref(), rows, dimensions).map(Way::Graph))
}

/// What was found counts if it lies no farther than what does lie nearest: of equals it may find any.
fn compare(segment: SegmentId, way: &Way, rows: i64) -> String {
    let table = segment.table();
    // Twice as many as are wanted, so that hardly ever there are too few.
    let percent = (200 * i64::from(ASKED) / rows.max(1)).clamp(0, 99) + 1;
    let most = usize::from(ASKED);
    let near = way.nearest(
        &format!("SELECT t.embedding FROM {table} t WHERE t.doc IS NOT NULL"),
        "t",
        "asked.embedding",
        most,
    );
    format!(
        "SELECT (sum(least(near.hits, nearest.count)) / nullif(sum(nearest.count), 0))::real
        FROM (SELECT embedding FROM {table} TABLESAMPLE BERNOULLI ({percent}) WHERE embedding IS NOT NULL AND doc IS NOT NULL LIMIT {ASKED}) asked
        CROSS JOIN LATERAL (SELECT max(distance) AS farthest, count(*) FROM (
            SELECT t.embedding <=> asked.embedding AS distance FROM {table} t WHERE t.embedding IS NOT NULL AND t.doc IS NOT NULL
            ORDER BY distance LIMIT {ASKED}) one_by_one) nearest
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE distance <= nearest.farthest) AS hits FROM (
            SELECT t.embedding <=> asked.embedding AS distance FROM {near}) by_way) near"
    )
}
