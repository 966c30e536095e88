//! How a transaction begins that must not stand in others' way.

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::connect::failed;
use crate::error::Error;

/// A lock is waited for briefly, and if this machine vanishes or is frozen, its locks go within seconds. For this transaction
/// only, so that a pooler may stand between.
const LIMITS: &str =
    "SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// Begins one. Dropped before it is committed, it leaves nothing.
pub(super) async fn begin(connection: &mut Object) -> Result<Transaction<'_>, Error> {
    let transaction = connection.transaction().await.map_err(failed)?;
    transaction.batch_execute(LIMITS).await.map_err(failed)?;
    Ok(transaction)
}

/// Runs one statement in a transaction that first takes a lock. The statement sees what was committed while the lock was waited for. All is
/// sent at once and in this order: it takes one way there and back, and whoever stops waiting for it leaves nothing open.
pub(super) async fn query_locked(
    connection: &Object,
    lock: &str,
    statement: &str,
    values: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let begin = format!("BEGIN; {LIMITS}; {lock}");
    let (locked, rows, committed) = tokio::join!(
        connection.batch_execute(&begin),
        connection.query_typed(statement, values),
        connection.batch_execute("COMMIT"),
    );
    locked?;
    // After a failure the end of the transaction takes all of it back.
    let rows = rows?;
    committed?;
    Ok(rows)
}
