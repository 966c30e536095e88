//! Sessions whose agent may see something else than the newest order.

use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::Order;
use super::lease::{Lease, SPAN};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored::{document, strange};
use crate::domain::SessionId;
use crate::error::Error;

/// An order that waited for longer is of no use to an agent any more.
const LATEST: &str = "interval '1 hour'";
/// Nobody is at it.
const FREE: &str = "unsure AND (poster IS NULL OR poster_until < clock_timestamp())";

/// The newest orders that are to be posted again, those that wait longest first.
pub async fn fetch_unsure(database: &Database, most: i64) -> Result<Vec<Order>, Error> {
    let unsure = format!(
        "SELECT session_id, version, ranking::text, learning::text, callback_url
        FROM ranking_sessions s JOIN ranking_orders o USING (session_id, version)
        WHERE {FREE} AND s.updated_at > now() - {LATEST} AND state <> 'failed' ORDER BY s.updated_at LIMIT $1"
    );
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(&unsure, &[(&most, Type::INT8)])
        .await;
    rows.map_err(failed)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Order, Error> {
    let session = SessionId::parse(row.get::<_, String>(0));
    Ok(Order {
        session: session.map_err(|_| strange(row, 0))?,
        version: row.get(1),
        ranking: document(row, 2)?.unwrap_or_default(),
        learning: document(row, 3)?.unwrap_or_default(),
        callback_url: row.get(4),
    })
}

/// Takes the lease to post this order again; `None` if somebody has it, or there is a newer order, or nothing is unsure any more.
pub async fn claim(database: &Database, order: &Order) -> Result<Option<Lease>, Error> {
    // The lease that ran out may have been in the middle of a try: what it posted may still arrive.
    let claim = format!(
        "UPDATE ranking_sessions SET poster = $3, poster_until = clock_timestamp() + $4::float8 * interval '1 second',
            doubt_until = CASE WHEN poster IS NULL THEN doubt_until ELSE clock_timestamp() + interval '1 minute' END
        WHERE session_id = $1 AND version = $2 AND {FREE} RETURNING version"
    );
    let lease = Lease::generate();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&order.session.as_str(), Type::TEXT),
        (&order.version, Type::INT8),
        (&lease.0, Type::UUID),
        (&SPAN.as_secs_f64(), Type::FLOAT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(&claim, &values).await;
    Ok(rows.map_err(failed)?.first().map(|_| lease))
}

/// Orders that nobody waits for any more and that have no end, and the version that took their place, if one did.
pub async fn fetch_abandoned(
    database: &Database,
    most: i64,
) -> Result<Vec<(Order, Option<i64>)>, Error> {
    let abandoned = format!(
        "SELECT session_id, o.version, ranking::text, learning::text, callback_url, s.version
        FROM ranking_orders o JOIN ranking_sessions s USING (session_id)
        WHERE state = 'waiting' AND created_at < now() - interval '1 minute'
            AND (o.version < s.version OR created_at < now() - {LATEST}) ORDER BY created_at LIMIT $1"
    );
    let connection = database.connection().await?;
    let rows = connection
        .query_typed(&abandoned, &[(&most, Type::INT8)])
        .await;
    let read = |row: &Row| {
        let (order, newest) = (read(row)?, row.get(5));
        let newer = Some(newest).filter(|newest| *newest > order.version);
        Ok((order, newer))
    };
    rows.map_err(failed)?.iter().map(read).collect()
}

/// What stayed unsure for too long is left as it is; says how many sessions that were.
pub async fn give_up(database: &Database) -> Result<u64, Error> {
    let give_up = format!(
        "UPDATE ranking_sessions SET unsure = false WHERE unsure AND updated_at < now() - {LATEST}"
    );
    let connection = database.connection().await?;
    connection
        .execute_typed(&give_up, &[])
        .await
        .map_err(failed)
}
