//! The table `stream_lease`.

use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::transaction::query_locked;
use crate::error::Error;

/// For how many seconds the holder means to stay.
const STAYS: &str = "greatest(extract(epoch FROM least(leaves_at, clock_timestamp() + interval '1 year') - clock_timestamp()), 0)::float8";

/// Renews the lease, if it is still ours.
const HOLD: &str = "UPDATE stream_lease SET lease_until = clock_timestamp() + $2 * interval '1 second' WHERE epoch = $1";

/// The right to forward. It ends by itself unless it is renewed.
#[derive(Debug, Clone, Copy)]
pub struct Lease {
    epoch: i64,
    /// For how long, in seconds.
    span: f64,
}

/// What came of asking for the lease.
#[derive(Debug)]
pub enum Taken {
    /// It is ours.
    Ours(Lease),
    /// Somebody else has it, and knows now that somebody stands by.
    Busy {
        /// For how long they mean to stay, if they are still there.
        stay_for: Option<Duration>,
    },
}

/// How things stand, for one who only looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// For how long the holder means to stay; nothing if there is none.
    pub stays_for: Option<Duration>,
    /// Whether somebody stands by.
    pub has_successor: bool,
}

/// Looks, and changes nothing.
pub async fn look(database: &Database) -> Result<Standing, Error> {
    let look = format!(
        "SELECT CASE WHEN lease_until > clock_timestamp() THEN {STAYS} END, successor_until > clock_timestamp()
        FROM stream_lease"
    );
    let connection = database.connection().await?;
    let row = connection.query_typed_one(&look, &[]).await;
    let row = row.map_err(failed)?;
    let stays_for: Option<f64> = row.get(0);
    Ok(Standing {
        stays_for: stays_for.map(Duration::from_secs_f64),
        has_successor: row.get(1),
    })
}

/// Takes the lease for `span`, or says to its holder that somebody stands by. Whoever takes it says when they mean to leave; without
/// that, never.
pub async fn take(
    database: &Database,
    span: Duration,
    leaves_in: Option<Duration>,
) -> Result<Taken, Error> {
    // Whose row is locked has its holder in the middle of a write: that is not waited for.
    let take = "UPDATE stream_lease SET epoch = epoch + 1, lease_until = clock_timestamp() + $1 * interval '1 second',
            leaves_at = coalesce(clock_timestamp() + $2 * interval '1 second', 'infinity'), successor_until = '-infinity'
        WHERE only_row IN (
            SELECT only_row FROM stream_lease WHERE lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED)
        RETURNING epoch";
    let leaves_in = leaves_in.map(|leaves_in| leaves_in.as_secs_f64());
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&span.as_secs_f64(), Type::FLOAT8),
        (&leaves_in, Type::FLOAT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(take, &values).await;
    if let Some(row) = rows.map_err(failed)?.first() {
        let epoch = row.get(0);
        let span = span.as_secs_f64();
        return Ok(Taken::Ours(Lease { epoch, span }));
    }
    let stand_by = format!(
        "UPDATE stream_lease SET successor_until = clock_timestamp() + $1 * interval '1 second'
        WHERE lease_until >= clock_timestamp() RETURNING {STAYS}"
    );
    // Whoever stands by asks more often than that.
    let values = [(&(span / 2).as_secs_f64() as _, Type::FLOAT8)];
    let rows = connection.query_typed(&stand_by, &values).await;
    let rows = rows.map_err(failed)?;
    Ok(Taken::Busy {
        stay_for: rows.first().map(|row| Duration::from_secs_f64(row.get(0))),
    })
}

/// Renews the lease, and says whether somebody stands by. Whoever lost it meets [`Error::Conflict`].
pub async fn renew(database: &Database, lease: &Lease) -> Result<bool, Error> {
    let hold = format!("{HOLD} RETURNING successor_until > clock_timestamp()");
    let connection = database.connection().await?;
    let rows = connection.query_typed(&hold, &lease.values()).await;
    let rows = rows.map_err(failed)?;
    let stands_by = rows.first().map(|row: &Row| row.get(0));
    stands_by.ok_or_else(lost)
}

/// Whoever holds the row of the lease: nothing is forwarded meanwhile.
pub(super) const LOCK: &str = "SELECT FROM stream_lease FOR UPDATE";

/// The same for a write that may be lost with the database's memory, in the order of all writes: nobody waits for the disk.
pub(super) const LOCK_LIGHTLY: &str =
    "SET LOCAL synchronous_commit = off; SELECT FROM stream_lease FOR UPDATE";

/// Renews the lease and writes under it, in one transaction, and no more than one way there and back. It begins with `lock`. `write` takes its
/// rows from `held`, which is empty for whoever lost the lease, and returns whose rows it wrote; its own values begin with `$3`. Two that
/// write wait at the lease and nowhere else.
pub(super) async fn write_holding(
    database: &Database,
    lease: &Lease,
    lock: &str,
    write: &str,
    own: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Vec<String>, Error> {
    let statement = format!(
        "WITH held AS ({HOLD} RETURNING epoch), written AS ({write} RETURNING interaction_id)
        SELECT interaction_id FROM held LEFT JOIN written ON true"
    );
    let values = [&lease.values()[..], own].concat();
    let connection = database.connection().await?;
    let rows = query_locked(&connection, lock, &statement, &values).await;
    let rows = rows.map_err(failed)?;
    if rows.is_empty() {
        return Err(lost());
    }
    Ok(rows.iter().filter_map(|row| row.get(0)).collect())
}

impl Lease {
    fn values(&self) -> [(&(dyn ToSql + Sync), Type); 2] {
        [(&self.epoch, Type::INT8), (&self.span, Type::FLOAT8)]
    }
}

fn lost() -> Error {
    Error::Conflict("another listener took the lease of the stream, and forwards now".to_owned())
}

/// Gives the lease up, so that who stands by need not wait. One that was lost already is left to its holder.
pub async fn release(database: &Database, lease: Lease) -> Result<(), Error> {
    let release =
        "UPDATE stream_lease SET epoch = epoch + 1, lease_until = '-infinity' WHERE epoch = $1";
    let connection = database.connection().await?;
    let values = [(&lease.epoch as _, Type::INT8)];
    let released = connection.execute_typed(release, &values).await;
    released.map(drop).map_err(failed)
}
