//! The blocks of a segment go along with what takes its place, so that they are folded with its others.

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::WordSpace;
use super::lock::lock;
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::error::Error;

/// Says of the blocks of one segment that they are another's. Who folds is waited for.
pub(in crate::db) async fn move_blocks(
    transaction: &Transaction<'_>,
    model: ModelId,
    from: i32,
    to: i32,
) -> Result<(), Error> {
    let space = WordSpace::Conversations(model);
    lock(transaction, space).await?;
    let moved = "UPDATE word_blocks SET segment = $3 WHERE space = $1 AND segment = $2";
    let name = space.name();
    let values: [(&(dyn ToSql + Sync), Type); 3] =
        [(&name, Type::TEXT), (&from, Type::INT4), (&to, Type::INT4)];
    let moved = transaction.execute_typed(moved, &values).await;
    moved.map(drop).map_err(failed)
}
