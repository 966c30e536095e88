//! Blocks become one, without the dead.

use std::collections::BTreeSet;

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::Home;
use super::insert::insert_blocks;
use super::plan::Standing;
use crate::db::connect::failed;
use crate::error::Error;
use crate::search::words::{Damaged, Doc, docs_of, fold};

/// Blocks of one home that become one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) home: Home,
    pub(super) blocks: Vec<i64>,
    /// The least of their documents.
    pub(super) first: i64,
    /// The greatest.
    pub(super) last: i64,
}

impl Chosen {
    pub(super) fn of(home: &Home, blocks: &[&Standing]) -> Option<Self> {
        Some(Self {
            home: home.clone(),
            blocks: blocks.iter().map(|block| block.id).collect(),
            first: blocks.iter().map(|block| block.first).min()?,
            last: blocks.iter().map(|block| block.last).max()?,
        })
    }
}

/// Makes one block of these without the dead; says whether there was anything to do. The transaction holds the lock of the space. What is
/// named dead later than it looks here stays named.
pub(super) async fn rewrite(transaction: &Transaction<'_>, chosen: &Chosen) -> Result<bool, Error> {
    let postings = "SELECT postings FROM word_postings WHERE block = ANY($1)";
    let blocks = [(&chosen.blocks as _, Type::INT8_ARRAY)];
    let rows = transaction.query_typed(postings, &blocks).await;
    let rows = rows.map_err(failed)?;
    let buckets: Vec<&[u8]> = rows.iter().map(|row| row.get(0)).collect();
    let dead = fetch_dead(transaction, chosen).await?;
    let dropped = among(&buckets, &dead)?;
    if dropped.is_empty() && chosen.blocks.len() < 2 {
        return Ok(false);
    }
    let block = fold(&buckets, &dead).map_err(damaged)?;
    remove(transaction, chosen, &dropped).await?;
    let block = block.map(|block| (chosen.home.clone(), block));
    insert_blocks(transaction, block.as_slice()).await?;
    Ok(true)
}

/// Those of the dead that stand in these buckets.
fn among(buckets: &[&[u8]], dead: &BTreeSet<Doc>) -> Result<Vec<i64>, Error> {
    if dead.is_empty() {
        return Ok(Vec::new());
    }
    let standing = docs_of(buckets).map_err(damaged)?;
    Ok(standing.intersection(dead).map(|doc| doc.0).collect())
}

fn damaged(damage: Damaged) -> Error {
    Error::Bug {
        what: "a block of words cannot be read",
        source: Some(Box::new(damage)),
    }
}

/// The dead that may stand in these blocks.
async fn fetch_dead(
    transaction: &Transaction<'_>,
    chosen: &Chosen,
) -> Result<BTreeSet<Doc>, Error> {
    let dead = "SELECT doc FROM word_dead
        WHERE space = $1 AND analysis = $2 AND version = $3 AND doc BETWEEN $4 AND $5";
    let home = &chosen.home;
    let values: [(&(dyn ToSql + Sync), Type); 5] = [
        (&home.space.name(), Type::TEXT),
        (&home.analysis, Type::TEXT),
        (&home.version, Type::INT2),
        (&chosen.first, Type::INT8),
        (&chosen.last, Type::INT8),
    ];
    let rows = transaction.query_typed(dead, &values).await;
    let rows = rows.map_err(failed)?;
    Ok(rows.iter().map(|row| Doc(row.get(0))).collect())
}

async fn remove(
    transaction: &Transaction<'_>,
    chosen: &Chosen,
    dropped: &[i64],
) -> Result<(), Error> {
    let remove = "
        WITH blocks AS (DELETE FROM word_blocks WHERE id = ANY($1)),
            dead AS (DELETE FROM word_dead WHERE space = $2 AND doc = ANY($3))
        DELETE FROM word_postings WHERE block = ANY($1)";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&chosen.blocks, Type::INT8_ARRAY),
        (&chosen.home.space.name(), Type::TEXT),
        (&dropped, Type::INT8_ARRAY),
    ];
    let removed = transaction.execute_typed(remove, &values).await;
    removed.map(drop).map_err(failed)
}
