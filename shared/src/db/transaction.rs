//! How a transaction begins that must not stand in others' way.

use deadpool_postgres::{Object, Transaction};

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
