//! The signs of a segment's vectors, in a narrow table beside it: many large vectors are told apart by them, and reading all of them takes
//! milliseconds. A row goes with the row that it is of.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio_postgres::GenericClient;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::{SegmentId, is_through};
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::error::Error;
use crate::retry::Backoff;

/// So often it is tried before somebody else may be let at it.
const TRIES: u32 = 5;
/// Whoever comes to delete while this waits for those who were there before waits behind it: so it waits for no longer than this, in
/// milliseconds …
const PATIENCE: u16 = 50;
/// … and comes again when they may be through.
const PAUSE: Backoff = Backoff {
    first: Duration::from_millis(200),
    most: Duration::from_secs(2),
};
/// Where many delete all the time, never are all of them through in a moment. Then it waits for longer with each try, but only for what was
/// closed so many minutes ago: until then it was tried in every run, and people are told soon.
const LATE: u16 = 10;

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

/// Makes the table of a segment that all see and nobody writes into any more, unless it stands; `false` if somebody is in the way each time.
/// Whoever deletes from the segment waits for the milliseconds that it takes, and before for the patience of this.
pub(super) async fn ensure(
    connection: &mut Object,
    segment: SegmentId,
    dimensions: u16,
) -> Result<bool, Error> {
    let (table, make) = (segment.table(), make(segment, dimensions).join("; "));
    let is_late = is_late(&***connection, segment).await?;
    for failures in 0..TRIES {
        if stand(&***connection, segment).await? {
            return Ok(true);
        }
        let patience = patience(failures, is_late);
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
        drop(transaction);
        PAUSE.sleep(failures).await;
    }
    Ok(false)
}

/// How long a try waits, in milliseconds.
fn patience(failures: u32, is_late: bool) -> u16 {
    let times = if is_late {
        2_u16.pow(failures.min(4))
    } else {
        1
    };
    PATIENCE.saturating_mul(times)
}

/// Whether the segment has waited for long.
async fn is_late(client: &impl GenericClient, segment: SegmentId) -> Result<bool, Error> {
    let late = format!(
        "SELECT FROM vector_segments WHERE id = $1 AND closed_at < clock_timestamp() - interval '{LATE} minutes'"
    );
    let rows = client.query_typed(&late, &[(&segment.0, Type::INT4)]).await;
    Ok(!rows.map_err(failed)?.is_empty())
}

/// Whether the signs of a segment stand in a table. It is whole once it can be seen.
pub(super) async fn stand(client: &impl GenericClient, segment: SegmentId) -> Result<bool, Error> {
    let stand = "SELECT to_regclass($1) IS NOT NULL";
    let name = segment.signs();
    let row = client.query_typed_one(stand, &[(&name, Type::TEXT)]).await;
    Ok(row.map_err(failed)?.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_deletes_waits_for_a_moment_unless_it_has_been_tried_for_long() {
        let all = |is_late| (0..TRIES).map(move |failures| patience(failures, is_late));
        assert!(all(false).all(|patience| patience <= 80));
        assert_eq!(all(true).collect::<Vec<_>>(), [50, 100, 200, 400, 800]);
    }
}
