//! Who rewrites blocks of a space, alone.

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::WordSpace;
use crate::db::connect::failed;
use crate::error::Error;

/// Any fixed number. Locks of two numbers meet none of those of one number.
const LOCK: i32 = 0x4358_6f57;

/// The second number: that of the model, or one that no model has.
fn key(space: WordSpace) -> i32 {
    match space {
        WordSpace::Knowledge => -1,
        WordSpace::Conversations(model) => i32::from(model.0),
    }
}

/// Takes the lock until the transaction ends, unless somebody has it.
pub(super) async fn try_lock(
    transaction: &Transaction<'_>,
    space: WordSpace,
) -> Result<bool, Error> {
    let lock = "SELECT pg_try_advisory_xact_lock($1, $2)";
    let row = transaction.query_typed_one(lock, &keys(&key(space))).await;
    Ok(row.map_err(failed)?.get(0))
}

/// Waits for the lock, and holds it until the transaction ends.
pub(super) async fn lock(transaction: &Transaction<'_>, space: WordSpace) -> Result<(), Error> {
    let lock = "SELECT pg_advisory_xact_lock($1, $2)";
    let locked = transaction.query_typed(lock, &keys(&key(space))).await;
    locked.map(drop).map_err(failed)
}

fn keys(key: &i32) -> [(&(dyn ToSql + Sync), Type); 2] {
    [(&LOCK, Type::INT4), (key, Type::INT4)]
}
