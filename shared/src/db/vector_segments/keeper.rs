//! Who works at the segments of a model: one keeper at a time, by a lease. Writers need none.
//!
//! The lease's epoch is a fence: whoever lost it, and does not know yet, changes nothing. Time is the database's alone.

use std::time::Duration;

use tokio_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::db::transaction::begin;
use crate::error::Error;

/// The right to change what becomes of a model's segments. It ends by itself unless a change prolongs it.
#[derive(Debug)]
pub struct Lease {
    model: ModelId,
    epoch: i64,
    span: Duration,
}

impl Lease {
    /// The model.
    pub fn model(&self) -> ModelId {
        self.model
    }

    /// For so long a graph in its place may be built and wait for others, before whoever waits is stopped: less than the lease, which nobody
    /// prolongs meanwhile. Of 90 seconds that is 75: the usual pace builds that of a full segment in eleven, and then others have a minute.
    pub(super) fn patience(&self) -> Duration {
        self.span * 5 / 6
    }
}

/// The models that have segments.
pub async fn fetch_models(database: &Database) -> Result<Vec<ModelId>, Error> {
    let models = "SELECT DISTINCT model_id FROM vector_segments ORDER BY model_id";
    let connection = database.connection().await?;
    let rows = connection.query_typed(models, &[]).await;
    let model = |row: &tokio_postgres::Row| ModelId(row.get(0));
    Ok(rows.map_err(failed)?.iter().map(model).collect())
}

/// Takes the lease for `span`; `None` if somebody else has it. Every change under it prolongs it by the same span.
pub async fn take_lease(
    database: &Database,
    model: ModelId,
    span: Duration,
) -> Result<Option<Lease>, Error> {
    let take = "INSERT INTO segment_keepers AS k (model_id, epoch, until)
        VALUES ($1, 1, clock_timestamp() + $2::float8 * interval '1 second')
        ON CONFLICT (model_id) DO UPDATE SET epoch = k.epoch + 1, until = excluded.until WHERE k.until < clock_timestamp()
        RETURNING epoch";
    let values = [
        (&model.0 as _, Type::INT2),
        (&span.as_secs_f64() as _, Type::FLOAT8),
    ];
    let mut connection = database.connection().await?;
    // A transaction for the sake of its limits: the holder may be in the middle of a change.
    let transaction = begin(&mut connection).await?;
    let rows = transaction.query_typed(take, &values).await;
    let rows = rows.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    let lease = |row: &tokio_postgres::Row| Lease {
        model,
        epoch: row.get(0),
        span,
    };
    Ok(rows.first().map(lease))
}

/// Keeps the lease for another span, while something is done that takes long.
pub async fn prolong(database: &Database, lease: &Lease) -> Result<(), Error> {
    prolong_through(database, lease, Duration::ZERO).await
}

/// Keeps the lease for as long as something takes, and another span.
pub(super) async fn prolong_through(
    database: &Database,
    lease: &Lease,
    time: Duration,
) -> Result<(), Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    hold_until(&transaction, lease, lease.span.saturating_add(time)).await?;
    transaction.commit().await.map_err(failed)
}

/// Gives the lease up, so that the next keeper need not wait. One that was lost already is left to its holder.
pub async fn release(database: &Database, lease: Lease) -> Result<(), Error> {
    let release = "UPDATE segment_keepers SET epoch = epoch + 1, until = '-infinity' WHERE model_id = $1 AND epoch = $2";
    let values = [
        (&lease.model.0 as _, Type::INT2),
        (&lease.epoch as _, Type::INT8),
    ];
    let connection = database.connection().await?;
    let released = connection.execute_typed(release, &values).await;
    released.map(drop).map_err(failed)
}

/// Holds the lease until the transaction ends, and prolongs it. First in every transaction that changes the state of a segment: whoever
/// lost the lease meets [`Error::Conflict`].
pub(in crate::db) async fn hold_lease(
    transaction: &Transaction<'_>,
    lease: &Lease,
) -> Result<(), Error> {
    hold_until(transaction, lease, lease.span).await
}

async fn hold_until(
    transaction: &Transaction<'_>,
    lease: &Lease,
    span: Duration,
) -> Result<(), Error> {
    // Who prolonged it for longer meant it: something is built at this moment, over another connection.
    let hold = "UPDATE segment_keepers SET until = greatest(until, clock_timestamp() + $3::float8 * interval '1 second')
        WHERE model_id = $1 AND epoch = $2";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&lease.model.0, Type::INT2),
        (&lease.epoch, Type::INT8),
        (&span.as_secs_f64(), Type::FLOAT8),
    ];
    match transaction.execute_typed(hold, &values).await {
        Ok(0) => Err(Error::Conflict(
            "another keeper took the lease of these segments: they are left to it".to_owned(),
        )),
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}
