//! The right to post for a session.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::db::Database;
use crate::db::connect::failed;
use crate::domain::SessionId;
use crate::error::Error;

/// So long somebody may post undisturbed: more than one try takes.
pub(super) const SPAN: Duration = Duration::from_secs(10);

/// The right to post for one session. It ends by itself unless it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease(pub(super) Uuid);

/// What became of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It is ours for a while more, and this version is the newest.
    Newest,
    /// It is ours, but there is a newer order.
    Superseded(i64),
    /// It is somebody else's now.
    Lost,
}

impl Lease {
    /// A lease unlike every other.
    pub(super) fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

/// Prolongs a lease. Before every try.
pub async fn hold(
    database: &Database,
    session: &SessionId,
    version: i64,
    lease: Lease,
) -> Result<Held, Error> {
    let hold = "UPDATE ranking_sessions SET poster_until = clock_timestamp() + $3::float8 * interval '1 second'
        WHERE session_id = $1 AND poster = $2 RETURNING version";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&session.as_str(), Type::TEXT),
        (&lease.0, Type::UUID),
        (&SPAN.as_secs_f64(), Type::FLOAT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(hold, &values).await;
    let newest: Option<i64> = rows.map_err(failed)?.first().map(|row| row.get(0));
    Ok(match newest {
        None => Held::Lost,
        Some(newest) if newest > version => Held::Superseded(newest),
        Some(_) => Held::Newest,
    })
}

/// Gives a lease up without an end: the order is to be posted again. One that was lost already is left to its holder.
pub async fn release(
    database: &Database,
    session: &SessionId,
    lease: Lease,
    is_in_doubt: bool,
) -> Result<(), Error> {
    let release = "UPDATE ranking_sessions SET poster = NULL, poster_until = NULL,
            doubt_until = CASE WHEN $3 THEN clock_timestamp() + interval '1 minute' ELSE doubt_until END
        WHERE session_id = $1 AND poster = $2";
    let values: [(&(dyn ToSql + Sync), Type); 3] = [
        (&session.as_str(), Type::TEXT),
        (&lease.0, Type::UUID),
        (&is_in_doubt, Type::BOOL),
    ];
    let connection = database.connection().await?;
    let released = connection.execute_typed(release, &values).await;
    released.map(drop).map_err(failed)
}
