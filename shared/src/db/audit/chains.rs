//! The table `audit_chains`: where each chain ends.

use deadpool_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

use crate::audit::{EntryKind, Hash, Head, Position, SHARDS};
use crate::db::connect::failed;
use crate::error::Error;

/// Appends in one statement: the head is locked, and only then read.
pub(super) async fn append(
    transaction: &Transaction<'_>,
    kind: EntryKind,
    pseudonym: &Hash,
    content: &str,
) -> Result<Position, Error> {
    let append = "
        WITH head AS (
            SELECT shard, entries + 1 AS position, head AS previous, clock_timestamp() AS at FROM audit_chains WHERE shard = $1 FOR UPDATE),
        hashed AS MATERIALIZED (
            SELECT head.*, sha256(previous || int2send(shard) || int8send(position) || int8send((extract(epoch FROM at) * 1000000)::bigint)
                || int4send(octet_length($2)) || convert_to($2, 'UTF8') || $3 || convert_to($4, 'UTF8')) AS hash
            FROM head),
        moved AS (
            UPDATE audit_chains c SET entries = h.position, head = h.hash FROM hashed h WHERE c.shard = h.shard)
        INSERT INTO audit_entries (shard, position, at, kind, subject, content, previous, hash)
        SELECT shard, position, at, $2, $3, $4, previous, hash FROM hashed RETURNING position";
    let shard = shard(pseudonym);
    let (kind, pseudonym) = (kind.as_str(), pseudonym.as_slice());
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&shard, Type::INT2),
        (&kind, Type::TEXT),
        (&pseudonym, Type::BYTEA),
        (&content, Type::TEXT),
    ];
    let rows = transaction.query_typed(append, &values).await;
    let rows = rows.map_err(failed)?;
    let position = |row: &Row| Position {
        shard,
        number: row.get(0),
    };
    let missing = || Error::misconfigured(format!("the chain {shard} of the audit has no head"));
    rows.first().map(position).ok_or_else(missing)
}

/// What is about one subject stands in one chain.
fn shard(pseudonym: &Hash) -> i16 {
    let [first, ..] = *pseudonym;
    i16::from(first) % SHARDS
}

/// Where the chains end, as this transaction sees it.
pub(super) async fn heads(client: &impl GenericClient) -> Result<Vec<Head>, Error> {
    let heads = "SELECT shard, entries, head FROM audit_chains ORDER BY shard";
    let rows = client.query_typed(heads, &[]).await.map_err(failed)?;
    let head = |row: &Row| Head {
        shard: row.get(0),
        entries: row.get(1),
        hash: row.get(2),
    };
    Ok(rows.iter().map(head).collect())
}
