//! An order comes in: one statement gives it its version, unless its session was erased, and the lease to post it, if nobody has that.

use serde_json::value::RawValue;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use super::Order;
use super::lease::{Lease, SPAN};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversations::lock_statement;
use crate::db::stored::document;
use crate::db::transaction::query_locked;
use crate::domain::{ErasureKey, SessionId};
use crate::error::Error;

/// An order that is to be accepted.
#[derive(Debug, Clone)]
pub struct NewOrder<'a> {
    /// Whose snippets it orders.
    pub session: &'a SessionId,
    /// Under which a repeat is known.
    pub idempotency_key: Option<&'a str>,
    /// What a repeat must have sent as well.
    pub request_hash: [u8; 32],
    /// The newest version that whoever asks knows of, if it matters.
    pub expected_version: Option<i64>,
    /// What is to be posted.
    pub ranking: &'a RawValue,
    /// What was learned of its snippets.
    pub learning: &'a RawValue,
    /// Where somebody wants to be told of it.
    pub callback_url: Option<&'a str>,
}

/// What came of it.
#[derive(Debug)]
pub enum Accepted {
    /// It is the newest; the lease is there if nobody else posts.
    New(i64, Option<Lease>),
    /// It was accepted before.
    Known(Order),
    /// Something else was accepted under the same key.
    Other,
    /// The session is at another version than was expected.
    Moved(i64),
    /// The session was erased.
    Erased,
}

/// Accepts an order. Two with the same key that arrive together are one.
pub async fn accept(
    database: &Database,
    key: &ErasureKey,
    order: &NewOrder<'_>,
) -> Result<Accepted, Error> {
    match try_to(database, key, order).await? {
        Some(accepted) => Ok(accepted),
        // Its twin was committed while this one waited; now it can be seen.
        None => try_to(database, key, order).await?.ok_or_else(|| {
            Error::transient("Postgres", "an order was accepted twice at the same time")
        }),
    }
}

const ACCEPT: &str = "
    WITH erased AS (SELECT FROM erased_conversations WHERE conversation_mac = $10),
    known AS (
        SELECT version, request_hash = $3 AS is_same, ranking, learning, callback_url FROM ranking_orders
        WHERE session_id = $1 AND idempotency_key = $2),
    session AS (
        INSERT INTO ranking_sessions AS s (session_id, version, poster, poster_until)
        SELECT $1, 1, $8, clock_timestamp() + $9::float8 * interval '1 second'
        WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM erased)
            AND ($4::bigint IS NULL OR $4 = 0 OR EXISTS (SELECT FROM ranking_sessions WHERE session_id = $1))
        ON CONFLICT (session_id) DO UPDATE SET version = s.version + 1, unsure = true, updated_at = now(),
            poster = CASE WHEN s.poster_until >= clock_timestamp() THEN s.poster ELSE excluded.poster END,
            poster_until = CASE WHEN s.poster_until >= clock_timestamp() THEN s.poster_until ELSE excluded.poster_until END,
            doubt_until = CASE WHEN s.poster_until < clock_timestamp() THEN clock_timestamp() + interval '1 minute' ELSE s.doubt_until END
            WHERE $4 IS NULL OR s.version = $4
        RETURNING version, poster = $8 AS is_ours),
    added AS (
        INSERT INTO ranking_orders (session_id, version, idempotency_key, request_hash, ranking, learning, callback_url)
        SELECT $1, version, $2, $3, $5::text::json, $6::text::json, $7 FROM session)
    SELECT s.version, s.is_ours, k.version, k.is_same, k.ranking::text, k.learning::text, k.callback_url,
        (SELECT version FROM ranking_sessions WHERE session_id = $1), EXISTS (SELECT FROM erased)
    FROM (SELECT) AS one LEFT JOIN session s ON true LEFT JOIN known k ON true";

async fn try_to(
    database: &Database,
    key: &ErasureKey,
    order: &NewOrder<'_>,
) -> Result<Option<Accepted>, Error> {
    let lease = Lease::generate();
    let session = order.session.as_str();
    let mac = key.mac_of(session);
    let values: [(&(dyn ToSql + Sync), Type); 10] = [
        (&session, Type::TEXT),
        (&order.idempotency_key, Type::TEXT),
        (&order.request_hash.as_slice(), Type::BYTEA),
        (&order.expected_version, Type::INT8),
        (&order.ranking.get(), Type::TEXT),
        (&order.learning.get(), Type::TEXT),
        (&order.callback_url, Type::TEXT),
        (&lease.0, Type::UUID),
        (&SPAN.as_secs_f64(), Type::FLOAT8),
        (&mac.as_bytes(), Type::BYTEA),
    ];
    let connection = database.connection().await?;
    let rows = match query_locked(&connection, &lock_statement(session), ACCEPT, &values).await {
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => return Ok(None),
        rows => rows.map_err(failed)?,
    };
    let row = rows.first();
    row.map(|row| read(row, order.session, lease)).transpose()
}

fn read(row: &Row, session: &SessionId, lease: Lease) -> Result<Accepted, Error> {
    if row.get(8) {
        return Ok(Accepted::Erased);
    }
    if let Some(version) = row.get(0) {
        let is_ours: bool = row.get(1);
        return Ok(Accepted::New(version, is_ours.then_some(lease)));
    }
    let Some(version) = row.get(2) else {
        let newest: Option<i64> = row.get(7);
        return Ok(Accepted::Moved(newest.unwrap_or_default()));
    };
    if !row.get::<_, bool>(3) {
        return Ok(Accepted::Other);
    }
    let order = Order {
        session: session.clone(),
        version,
        ranking: document(row, 4)?.unwrap_or_default(),
        learning: document(row, 5)?.unwrap_or_default(),
        callback_url: row.get(6),
    };
    Ok(Accepted::Known(order))
}
