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
/// Nobody is at it, and nothing can arrive behind what is posted now.
const FREE: &str = "unsure AND (poster IS NULL OR poster_until < clock_timestamp()) AND coalesce(doubt_until < clock_timestamp(), true)";

/// The newest orders that are to be posted again, those that wait longest first.
pub async fn fetch_unsure(database: &Database, most: i64) -> Result<Vec<Order>, Error> {
    let unsure = format!(
        "SELECT session_id, version, ranking::text, learning::text, callback_url
        FROM ranking_sessions s JOIN ranking_orders o USING (session_id, version)
        WHERE {FREE} AND s.updated_at > now() - {LATEST} AND state <> 'failed' ORDER BY s.updated_at LIMIT $1"
    );
    let connection = database.connection().await?;
    let rows = connection.query_typed(&unsure, &[(&most, Type::INT8)]).await;
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
    // What was left in the middle of a try waits until that cannot arrive any more.
    let claim = format!(
        "UPDATE ranking_sessions SET poster = $3, poster_until = clock_timestamp() + $4::float8 * interval '1 second'
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

/// What stayed unsure for too long is left as it is; says how many sessions that were.
pub async fn give_up(database: &Database) -> Result<u64, Error> {
    let give_up = format!(
        "UPDATE ranking_sessions SET unsure = false WHERE unsure AND updated_at < now() - {LATEST}"
    );
    let connection = database.connection().await?;
    connection.execute_typed(&give_up, &[]).await.map_err(failed)
}
