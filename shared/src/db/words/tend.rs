//! Blocks are kept few, and the dead do not pile up.

use std::collections::BTreeSet;

use deadpool_postgres::Transaction;
use tokio::time::Instant;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::lock::try_lock;
use super::plan::{Standing, plan_fold, plan_purge};
use super::rewrite::rewrite;
use super::{Home, WordSpace};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored;
use crate::db::transaction::begin;
use crate::error::Error;

/// So many dead cost a reader little; for more, blocks are rewritten …
const MOST_DEAD: i64 = 512;
/// … until so few are left, so that not every batch has to.
const FEW_DEAD: i64 = MOST_DEAD / 2;

/// Folds the blocks of a space that are small and many, and those that hold many dead, one transaction each, until nothing is to be done
/// or time is up. Does nothing where somebody else is at it.
pub async fn tend(database: &Database, space: WordSpace, until: Instant) -> Result<(), Error> {
    Tending::new(space, MOST_DEAD).work(database, until).await
}

/// Drops all dead of conversations from their blocks; says whether none is left. What somebody else is at is left for the next time.
pub async fn purge_conversations(database: &Database, until: Instant) -> Result<bool, Error> {
    for space in fetch_spaces(database).await? {
        if matches!(space, WordSpace::Conversations(_)) {
            Tending::new(space, 0).work(database, until).await?;
        }
    }
    let left = fetch_spaces(database).await?;
    let is_knowledge = |space: &WordSpace| *space == WordSpace::Knowledge;
    Ok(left.iter().all(is_knowledge))
}

/// The spaces that have dead.
async fn fetch_spaces(database: &Database) -> Result<Vec<WordSpace>, Error> {
    let spaces = "SELECT DISTINCT space FROM word_dead ORDER BY space";
    let connection = database.connection().await?;
    let rows = connection.query_typed(spaces, &[]).await.map_err(failed)?;
    let space = |row: &Row| stored::word(row, 0, WordSpace::parse);
    rows.iter().map(space).collect()
}

/// One turn of work on a space.
struct Tending {
    space: WordSpace,
    most_dead: i64,
    /// Blocks that hold none of the dead, whatever their bounds say.
    seen: BTreeSet<i64>,
}

impl Tending {
    fn new(space: WordSpace, most_dead: i64) -> Self {
        Self {
            space,
            most_dead,
            seen: BTreeSet::new(),
        }
    }

    async fn work(&mut self, database: &Database, until: Instant) -> Result<(), Error> {
        while Instant::now() < until && self.step(database).await? {}
        Ok(())
    }

    /// One transaction; says whether there may be more to do.
    async fn step(&mut self, database: &Database) -> Result<bool, Error> {
        let mut connection = database.connection().await?;
        let transaction = begin(&mut connection).await?;
        if !try_lock(&transaction, self.space).await? {
            return Ok(false);
        }
        // A statement of its own: it sees what the last holder of the lock did.
        let (blocks, dead) = fetch_blocks(&transaction, self.space).await?;
        if let Some(chosen) = plan_fold(&blocks) {
            rewrite(&transaction, &chosen).await?;
        } else if dead > self.most_dead
            && let Some(chosen) = plan_purge(&blocks, &self.seen)
        {
            if !rewrite(&transaction, &chosen).await? {
                self.seen.extend(chosen.blocks);
            }
            self.most_dead = self.most_dead.min(FEW_DEAD);
        } else {
            return Ok(false);
        }
        crate::fail_point::reach("tend.before_commit");
        transaction.commit().await.map_err(failed)?;
        Ok(true)
    }
}

/// All blocks of a space, and how many dead there are.
async fn fetch_blocks(
    transaction: &Transaction<'_>,
    space: WordSpace,
) -> Result<(Vec<Standing>, i64), Error> {
    let blocks = "SELECT b.id, b.segment, b.analysis, b.version, b.chunks, b.first_doc, b.last_doc,
            (SELECT count(*) FROM word_dead d WHERE d.space = b.space AND d.doc BETWEEN b.first_doc AND b.last_doc
                AND d.analysis = b.analysis AND d.version = b.version),
            (SELECT count(*) FROM word_dead d WHERE d.space = $1)
        FROM word_blocks b WHERE b.space = $1";
    let name = space.name();
    let values: [(&(dyn ToSql + Sync), Type); 1] = [(&name, Type::TEXT)];
    let rows = transaction.query_typed(blocks, &values).await;
    let rows = rows.map_err(failed)?;
    let standing = |row: &Row| Standing {
        id: row.get(0),
        home: Home {
            space,
            segment: row.get(1),
            analysis: row.get(2),
            version: row.get(3),
        },
        chunks: row.get(4),
        first: row.get(5),
        last: row.get(6),
        dead: row.get(7),
    };
    let dead = rows.first().map_or(0, |row| row.get(8));
    Ok((rows.iter().map(standing).collect(), dead))
}
