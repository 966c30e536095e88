//! The table `audit_entries`: what was appended.

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{IsolationLevel, Row};

use super::chains::heads;
use super::keys::lost;
use crate::audit::{Anchor, Head, Link, Position, Report, Seen, Verifier};
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
    let transaction = snapshot(&mut connection).await?;
    let mut verifier = Verifier::new(heads(&*transaction).await?, anchor);
    let mut after = START;
    loop {
        let page = page(&transaction, after, i16::MAX, PAGE).await?;
        for link in &page {
            verifier.take(link);
        }
        let Some(last) = page.last() else {
            let mut report = verifier.finish();
            report.lost_keys = lost(&*transaction).await?;
            return Ok(report);
        };
        after = last.position;
    }
}

/// How far the chains were followed.
#[derive(Debug)]
pub struct Followed {
    /// What was found.
    pub report: Report,
    /// How far each chain was followed.
    pub ends: Vec<Head>,
    /// Whether each was followed to its end.
    pub is_finished: bool,
}

/// Follows every chain from the entry that was anchored, or from its beginning, by `most` entries of each, which
/// are more than one, in one state of everything.
pub async fn follow(
    database: &Database,
    anchor: Option<&Anchor>,
    most: i64,
) -> Result<Followed, Error> {
    let mut connection = database.connection().await?;
    let transaction = snapshot(&mut connection).await?;
    let mut verifier = Verifier::since(heads(&*transaction).await?, anchor);
    let mut is_finished = true;
    for before in verifier.reached() {
        if !follow_one(&transaction, &mut verifier, before, most).await? {
            verifier.leave(before.shard);
            is_finished = false;
        }
    }
    let ends = verifier.ends();
    Ok(Followed {
        report: verifier.finish(),
        ends,
        is_finished,
    })
}

/// Looks again at up to `most` of the entries that were anchored, from where that ended last, in one state of everything. Gives what was
/// found, and where it ended, unless that was with the last of them.
pub async fn look_again(
    database: &Database,
    anchor: &Anchor,
    most: i64,
) -> Result<(Report, Option<Seen>), Error> {
    let mut connection = database.connection().await?;
    let transaction = snapshot(&mut connection).await?;
    let mut verifier = Verifier::again(anchor);
    let (mut left, mut seen) = (most, None);
    for mut before in verifier.reached() {
        let shard = before.shard;
        if before.number == 0 {
            before.number = START.number;
        }
        let rest = verifier.rest(shard);
        let step = rest.min(left);
        if !follow_one(&transaction, &mut verifier, before, step).await? {
            verifier.leave(shard);
        }
        left -= step;
        if step < rest && seen.is_none() {
            seen = Some(verifier.seen(shard));
        }
    }
    Ok((verifier.finish(), seen))
}

/// Says whether the chain was followed to its end.
async fn follow_one(
    transaction: &Transaction<'_>,
    verifier: &mut Verifier<'_>,
    before: Position,
    most: i64,
) -> Result<bool, Error> {
    let (mut after, mut left) = (before, most);
    while left > 0 {
        let page = page(transaction, after, before.shard, left.min(PAGE)).await?;
        for link in &page {
            verifier.take(link);
            left -= 1;
        }
        let Some(last) = page.last() else {
            return Ok(true);
        };
        after = last.position;
    }
    Ok(false)
}

/// What is read in it is of one instant; whoever appends meanwhile need not wait.
async fn snapshot(connection: &mut Object) -> Result<Transaction<'_>, Error> {
    let begun = connection.build_transaction();
    let begun = begun
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true);
    begun.start().await.map_err(failed)
}

/// Up to `most` of the entries that follow, chain by chain up to this one. What is no instant has none.
async fn page(
    transaction: &Transaction<'_>,
    after: Position,
    shard: i16,
    most: i64,
) -> Result<Vec<Link>, Error> {
    let page = "SELECT shard, position, CASE WHEN isfinite(at) THEN (extract(epoch FROM at) * 1000000)::bigint END, kind, subject, content,
            previous, hash
        FROM audit_entries WHERE (shard, position) > ($1, $2) AND shard <= $3 ORDER BY shard, position LIMIT $4";
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&after.shard, Type::INT2),
        (&after.number, Type::INT8),
        (&shard, Type::INT2),
        (&most, Type::INT8),
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
