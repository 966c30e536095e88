//! The table `knowledge_sync`: who works on the knowledge base, how far it is followed, and its generation.
//!
//! One worker at a time holds the lease. Its epoch is a fence: whoever lost it, and does not know yet, writes nothing. Time is the
//! database's alone.

use std::time::Duration;

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::GenericClient;
use tokio_postgres::types::Type;

use super::Database;
use super::connect::failed;
use crate::error::Error;

/// The right to work on the knowledge base. It ends by itself unless it is prolonged, as writing does.
#[derive(Debug)]
pub struct Lease {
    epoch: i64,
    span: Duration,
}

/// Takes the lease for `span`; `None` if somebody else has it. Every write under it prolongs it by the same span.
pub async fn take_lease(database: &Database, span: Duration) -> Result<Option<Lease>, Error> {
    // Whose row is locked has its holder in the middle of a write: that is not waited for.
    let take = "
        UPDATE knowledge_sync SET epoch = epoch + 1, lease_until = clock_timestamp() + $1::float8 * interval '1 second'
        WHERE only_row IN (
            SELECT only_row FROM knowledge_sync WHERE lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED)
        RETURNING epoch";
    let span_secs = [(&span.as_secs_f64() as _, Type::FLOAT8)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(take, &span_secs).await;
    let lease = |row: &tokio_postgres::Row| Lease {
        epoch: row.get(0),
        span,
    };
    Ok(rows.map_err(failed)?.first().map(lease))
}

/// Prolongs the lease for who works and writes nothing meanwhile. [`Error::Conflict`] means that it was lost.
pub async fn prolong(database: &Database, lease: &Lease) -> Result<(), Error> {
    let connection = database.connection().await?;
    renew(&**connection, lease).await
}

/// Gives the lease up, so that the next worker need not wait. One that was lost already is left to its holder.
pub async fn release(database: &Database, lease: Lease) -> Result<(), Error> {
    let release =
        "UPDATE knowledge_sync SET epoch = epoch + 1, lease_until = '-infinity' WHERE epoch = $1";
    let connection = database.connection().await?;
    let released = connection
        .query_typed(release, &[(&lease.epoch, Type::INT8)])
        .await;
    released.map(drop).map_err(failed)
}

/// Holds the lease until the transaction ends, and prolongs it. First in every transaction that writes: whoever lost the lease meets
/// [`Error::Conflict`], and two that write wait here and nowhere else.
pub(super) async fn hold(transaction: &Transaction<'_>, lease: &Lease) -> Result<(), Error> {
    renew(&**transaction, lease).await
}

async fn renew(client: &impl GenericClient, lease: &Lease) -> Result<(), Error> {
    let renew = "UPDATE knowledge_sync SET lease_until = clock_timestamp() + $2::float8 * interval '1 second' WHERE epoch = $1";
    let values = [
        (&lease.epoch as _, Type::INT8),
        (&lease.span.as_secs_f64() as _, Type::FLOAT8),
    ];
    match client.execute_typed(renew, &values).await {
        Ok(0) => Err(Error::Conflict(
            "another worker took the lease of the knowledge sync: the run is left to it".to_owned(),
        )),
        Ok(_) => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// Everything that CXone changed before this instant is here; `None` before the first complete run.
pub async fn fetch_watermark(database: &Database) -> Result<Option<Timestamp>, Error> {
    let watermark = "SELECT watermark FROM knowledge_sync";
    let connection = database.connection().await?;
    let row = connection.query_typed_one(watermark, &[]).await;
    Ok(row.map_err(failed)?.get(0))
}

/// The watermark moves on, never back.
pub(super) async fn raise_watermark(
    transaction: &Transaction<'_>,
    watermark: Timestamp,
) -> Result<(), Error> {
    let raise = "UPDATE knowledge_sync SET watermark = greatest(watermark, $1)";
    let raised = transaction
        .execute_typed(raise, &[(&watermark, Type::TIMESTAMPTZ)])
        .await;
    raised.map(drop).map_err(failed)
}

/// Another number than before means that search may find something else than before.
pub async fn fetch_generation(database: &Database) -> Result<i64, Error> {
    let connection = database.connection().await?;
    generation(&**connection).await
}

/// The number, as this transaction sees it.
pub(super) async fn generation(client: &impl GenericClient) -> Result<i64, Error> {
    let generation = "SELECT generation FROM knowledge_sync";
    let row = client.query_typed_one(generation, &[]).await;
    Ok(row.map_err(failed)?.get(0))
}

/// Says that search can see a difference once the transaction is committed.
pub(super) async fn next_generation(transaction: &Transaction<'_>) -> Result<(), Error> {
    let next = "UPDATE knowledge_sync SET generation = generation + 1";
    let counted = transaction.execute_typed(next, &[]).await;
    counted.map(drop).map_err(failed)
}
