//! What is left of segments that were replaced goes.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::db::vector_segments::keeper::hold_lease;
use crate::db::vector_segments::{Lease, SegmentId};
use crate::db::words;
use crate::error::Error;

/// Lets go what was replaced, each in a transaction of its own; says how many. Their tables went when they were replaced, but for what earlier
/// versions left. The words of their texts go along with what took their place.
pub async fn discard(database: &Database, lease: &Lease) -> Result<usize, Error> {
    let replaced = "SELECT id, replaced_by FROM vector_segments WHERE model_id = $1 AND state = 'replaced' ORDER BY id";
    let mut connection = database.connection().await?;
    let rows = connection
        .query_typed(replaced, &[(&lease.model().0, Type::INT2)])
        .await;
    let rows = rows.map_err(failed)?;
    let pair = |row: &Row| (SegmentId(row.get(0)), row.get::<_, Option<i32>>(1));
    for (segment, target) in rows.iter().map(pair) {
        let transaction = begin(&mut connection).await?;
        hold_lease(&transaction, lease).await?;
        if let Some(target) = target {
            words::move_blocks(&transaction, lease.model(), segment.0, target).await?;
        }
        let gone = format!(
            "{} DELETE FROM vector_segments WHERE id = {}",
            segment.drop_tables(),
            segment.0
        );
        transaction.batch_execute(&gone).await.map_err(failed)?;
        crate::fail_point::reach("merge.before_discarded");
        transaction.commit().await.map_err(failed)?;
    }
    Ok(rows.len())
}
