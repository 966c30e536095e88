//! Somebody waits for an order to be posted, and posts it if nobody else does.

use serde_json::value::RawValue;
use tokio_postgres::types::{ToSql, Type};

use super::ending::State;
use super::lease::{Lease, SPAN};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored::{document, word};
use crate::domain::SessionId;
use crate::error::Error;

/// How an order ended.
#[derive(Debug)]
pub struct Ended {
    /// Posted or failed.
    pub state: State,
    /// What the audit says of it.
    pub audit: Box<RawValue>,
    /// What whoever asked was told, if it failed.
    pub problem: Option<Box<RawValue>>,
}

/// What is to be done about an order now.
#[derive(Debug)]
pub enum Turn {
    /// To post it.
    Ours(Lease),
    /// To wait: somebody posts.
    Busy,
    /// Nothing: there is a newer one.
    Superseded(i64),
    /// Nothing: it has ended.
    Over(Ended),
    /// Nothing: it was erased.
    Gone,
}

/// Says whose turn it is, and takes the lease if it is free. Only the newest order gets it, and only as long as it has not ended.
pub async fn turn(database: &Database, session: &SessionId, version: i64) -> Result<Turn, Error> {
    // The lease that ran out may have been in the middle of a try: what it posted may still arrive.
    let turn = "
        WITH claimed AS (
            UPDATE ranking_sessions s SET poster = $3, poster_until = clock_timestamp() + $4::float8 * interval '1 second',
                doubt_until = CASE WHEN poster IS NULL THEN doubt_until ELSE clock_timestamp() + interval '1 minute' END
            WHERE session_id = $1 AND version = $2 AND (poster IS NULL OR poster_until < clock_timestamp()) AND EXISTS (
                SELECT FROM ranking_orders o WHERE o.session_id = $1 AND o.version = $2 AND o.state IN ('waiting', 'locked', 'unknown'))
            RETURNING version)
        SELECT s.version, o.state, o.audit::text, o.problem::text, EXISTS (SELECT FROM claimed)
        FROM ranking_sessions s JOIN ranking_orders o ON o.session_id = s.session_id AND o.version = $2 WHERE s.session_id = $1";
    let lease = Lease::generate();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&session.as_str(), Type::TEXT),
        (&version, Type::INT8),
        (&lease.0, Type::UUID),
        (&SPAN.as_secs_f64(), Type::FLOAT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(turn, &values).await;
    let rows = rows.map_err(failed)?;
    let Some(row) = rows.first() else {
        return Ok(Turn::Gone);
    };
    let (newest, is_ours): (i64, bool) = (row.get(0), row.get(4));
    let state = word(row, 1, State::parse)?;
    Ok(match state {
        _ if is_ours => Turn::Ours(lease),
        State::Posted | State::Failed => Turn::Over(Ended {
            state,
            audit: document(row, 2)?.unwrap_or_default(),
            problem: document(row, 3)?,
        }),
        _ if newest > version => Turn::Superseded(newest),
        _ => Turn::Busy,
    })
}
