//! The signs of a segment's vectors, in a narrow table beside it: many large vectors are told apart by them, and reading all of them takes
//! milliseconds. A row goes with the row that it is of.

use deadpool_postgres::Object;
use tokio_postgres::GenericClient;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::{SegmentId, is_through};
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::error::Error;

/// How long it waits for those who delete, in milliseconds, one try after the other. Whoever comes to delete meanwhile waits behind it: so it
/// begins with a moment. But where many delete all the time, never are all of them through in a moment.
const PATIENCE: [u16; 5] = [50, 100, 200, 400, 1_000];

/// Makes the table, for a transaction in which nobody else changes the segment's rows. It is true by how it is made that each row is of one
/// that is there, and that is not looked at again; whoever deletes that one deletes this. There are no statistics: their samples would outlive
/// an erasure.
pub(super) fn make(segment: SegmentId, dimensions: u16) -> [String; 4] {
    let (signs, table) = (segment.signs(), segment.table());
    [
        format!(
            "CREATE TABLE {signs} (event_id bigint NOT NULL, chunk int NOT NULL, segment int NOT NULL, signs bit({dimensions}) NOT NULL)"
        ),
        format!("ALTER TABLE {signs} ALTER COLUMN signs SET STATISTICS 0"),
        format!(
            "INSERT INTO {signs} SELECT event_id, chunk, segment, binary_quantize(embedding)::bit({dimensions}) FROM {table}
                WHERE embedding IS NOT NULL AND doc IS NOT NULL"
        ),
        format!(
            "ALTER TABLE {signs} ADD PRIMARY KEY (event_id, chunk, segment),
                ADD FOREIGN KEY (event_id, chunk, segment) REFERENCES {table} ON DELETE CASCADE NOT VALID"
        ),
    ]
}

/// Makes the table of a segment that all see and nobody writes into any more, unless it stands; `false` if somebody is in the way for long.
/// Whoever deletes from the segment waits for the milliseconds that it takes, and before for the patience of this.
pub(super) async fn ensure(
    connection: &mut Object,
    segment: SegmentId,
    dimensions: u16,
) -> Result<bool, Error> {
    let (table, make) = (segment.table(), make(segment, dimensions).join("; "));
    for patience in PATIENCE {
        if stand(&***connection, segment).await? {
            return Ok(true);
        }
        let transaction = begin(connection).await?;
        crate::fail_point::reach("signs.before_made");
        // One message, its end included: while the table is held, nobody waits for the way there and back.
        let make = format!(
            "SET LOCAL lock_timeout = '{patience}ms'; LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE; {make}; COMMIT"
        );
        let outcome = transaction.batch_execute(&make).await;
        // Another keeper, which lost its lease and does not know, was faster: the next look finds it.
        let stands =
            |error: &tokio_postgres::Error| error.code() == Some(&SqlState::DUPLICATE_TABLE);
        if !outcome.as_ref().is_err_and(stands) && is_through(outcome)? {
            // It is committed already. The driver only has to know.
            transaction.commit().await.map_err(failed)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the signs of a segment stand in a table. It is whole once it can be seen.
pub(super) async fn stand(client: &impl GenericClient, segment: SegmentId) -> Result<bool, Error> {
    let stand = "SELECT to_regclass($1) IS NOT NULL";
    let name = segment.signs();
    let row = client.query_typed_one(stand, &[(&name, Type::TEXT)]).await;
    Ok(row.map_err(failed)?.get(0))
}
