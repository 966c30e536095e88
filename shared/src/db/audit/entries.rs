//! The table `audit_entries`: what was appended.

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{IsolationLevel, Row};

use super::chains::heads;
use crate::audit::{Anchor, Link, Position, Report, Verifier};
use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// So many entries are read at once.
const PAGE: i64 = 5_000;

/// Nothing can stand before it.
const START: Position = Position {
    shard: i16::MIN,
    number: i64::MIN,
};

/// Follows every chain from its beginning to its end, in one state of everything.
pub async fn verify(database: &Database, anchor: Option<&Anchor>) -> Result<Report, Error> {
    let mut connection = database.connection().await?;
    let begun = connection.build_transaction();
    let begun = begun
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true);
    let transaction = begun.start().await.map_err(failed)?;
    let mut verifier = Verifier::new(heads(&*transaction).await?, anchor);
    let mut after = START;
    loop {
        let page = page(&transaction, after).await?;
        page.iter().for_each(|link| verifier.take(link));
        let Some(last) = page.last() else {
            return Ok(verifier.finish());
        };
        after = last.position;
    }
}

/// The entries that follow, chain by chain. What is no instant has none.
async fn page(transaction: &Transaction<'_>, after: Position) -> Result<Vec<Link>, Error> {
    let page = "SELECT shard, position, CASE WHEN isfinite(at) THEN (extract(epoch FROM at) * 1000000)::bigint END, kind, subject, content,
            previous, hash
        FROM audit_entries WHERE (shard, position) > ($1, $2) ORDER BY shard, position LIMIT $3";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&after.shard, Type::INT2),
        (&after.number, Type::INT8),
        (&PAGE, Type::INT8),
    ];
    let rows = transaction.query_typed(page, &values).await;
    Ok(rows.map_err(failed)?.iter().map(read).collect())
}

fn read(row: &Row) -> Link {
    Link {
        position: Position {
            shard: row.get(0),
            number: row.get(1),
        },
        at: row.get(2),
        kind: row.get(3),
        subject: row.get(4),
        content: row.get(5),
        previous: row.get(6),
        hash: row.get(7),
    }
}

/// The chains that do not hold the entry any more that was anchored.
pub async fn fetch_lost(database: &Database, anchor: &Anchor) -> Result<Vec<i16>, Error> {
    let lost = "SELECT a.shard FROM unnest($1::int2[], $2::int8[], $3::bytea[]) AS a (shard, position, hash)
        WHERE a.position > 0 AND NOT EXISTS (SELECT FROM audit_entries e WHERE (e.shard, e.position, e.hash) = (a.shard, a.position, a.hash))
        ORDER BY a.shard";
    let heads = anchor.heads.iter();
    let (mut shards, mut positions, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for (shard, (position, hash)) in heads {
        shards.push(*shard);
        positions.push(*position);
        hashes.push(hash.as_slice());
    }
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&shards, Type::INT2_ARRAY),
        (&positions, Type::INT8_ARRAY),
        (&hashes, Type::BYTEA_ARRAY),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(lost, &values).await;
    Ok(rows.map_err(failed)?.iter().map(|row| row.get(0)).collect())
}
