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

/// So many rows are asked for, and so many of the nearest of each …
const ASKED: i64 = 20;
const NEAREST: usize = 20;
/// … but all that they are compared with have no more numbers than this together, if enough are left to tell anything by. Looking at 400,000
/// rows of 384 numbers one by one takes a third of a second for each that is asked for, and on a busy machine several times as long.
const MOST_VALUES: i64 = 1_536_000_000;
const LEAST: i64 = 5;

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
    let compare = compare(segment, &way, rows, asked(rows, dimensions));
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

/// How many rows are asked for.
fn asked(rows: i64, dimensions: u16) -> i64 {
    let each = rows.saturating_mul(i64::from(dimensions)).max(1);
    (MOST_VALUES / each).clamp(LEAST, ASKED)
}

/// Of a hundred rows so many are looked at, and so many of those asked for as are wanted: twice as many, so that hardly ever there are
/// too few, and hardly more, so that not only those that were written first are asked for.
#[expect(clippy::cast_precision_loss, reason = "it is a share")]
fn percent(rows: i64, asked: i64) -> f64 {
    (200.0 * asked as f64 / rows.max(1) as f64).min(100.0)
}

/// What was found counts if it lies no farther than what does lie nearest: of equals it may find any.
fn compare(segment: SegmentId, way: &Way, rows: i64, asked: i64) -> String {
    let (table, percent) = (segment.table(), percent(rows, asked));
    let near = way.nearest(
        &format!("SELECT t.embedding FROM {table} t WHERE t.doc IS NOT NULL"),
        "t",
        "asked.embedding",
        NEAREST,
    );
    format!(
        "SELECT (sum(least(near.hits, nearest.count)) / nullif(sum(nearest.count), 0))::real
        FROM (SELECT embedding FROM {table} TABLESAMPLE BERNOULLI ({percent:.9}) WHERE embedding IS NOT NULL AND doc IS NOT NULL
            ORDER BY random() LIMIT {asked}) asked
        CROSS JOIN LATERAL (SELECT max(distance) AS farthest, count(*) FROM (
            SELECT t.embedding <=> asked.embedding AS distance FROM {table} t WHERE t.embedding IS NOT NULL AND t.doc IS NOT NULL
            ORDER BY distance LIMIT {NEAREST}) one_by_one) nearest
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE distance <= nearest.farthest) AS hits FROM (
            SELECT t.embedding <=> asked.embedding AS distance FROM {near}) by_way) near"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_large_segments_fewer_rows_are_asked_for() {
        for (rows, dimensions, expected) in [
            (1, 384, 20),
            (10_000, 384, 20),
            (200_000, 384, 20),
            (400_000, 384, 10),
            (100_000, 1_536, 10),
            (1_000_000, 384, 5),
            (i64::MAX, 4_000, 5),
        ] {
            assert_eq!(asked(rows, dimensions), expected, "{rows} of {dimensions}");
        }
    }

    proptest! {
        /// Were it many more, those that were written first would be all that is ever asked for.
        #[test]
        fn twice_as_many_rows_are_looked_at_as_are_asked_for(rows in 1_u32..100_000_000, dimensions in 1_u16..4_001) {
            let asked = asked(i64::from(rows), dimensions);
            let percent: f64 = format!("{:.9}", percent(i64::from(rows), asked)).parse().unwrap();
            let met = percent / 100.0 * f64::from(rows);
            let wanted = f64::from(rows.min(u32::try_from(2 * asked).unwrap()));
            prop_assert!((met - wanted).abs() <= 0.01 * wanted, "{met} of {rows} for {asked}");
        }
    }
}
