//! The table `assist_clicks`: what agents did with what they were shown.

use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use crate::error::Error;
use crate::ranking::Click;

/// What came of recording a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Whether it was not known before.
    pub is_new: bool,
    /// Whether the snippet is known to have been shown in that place.
    pub is_known: bool,
}

/// Records a click, once.
pub async fn record(database: &Database, click: &Click) -> Result<Recorded, Error> {
    // The row that is there is written as it is, because only written rows are returned.
    let record = "INSERT INTO assist_clicks AS c (session_id, snippet_id, position, action, known, clicked_at)
        SELECT $1, $2, $3, $4, EXISTS (
            SELECT FROM assist_impressions WHERE session_id = $1 AND snippet_id = $2 AND position = $3 AND state <> 'pending'),
            least(coalesce($5, now()), now())
        ON CONFLICT (session_id, snippet_id, position, action) DO UPDATE SET known = c.known OR excluded.known
        RETURNING xmax = 0, known";
    let position = i16::from(click.rank_position.get());
    let values: [(&(dyn ToSql + Sync), Type); 5] = [
        (&click.session_id.as_str(), Type::TEXT),
        (&click.snippet_id.as_str(), Type::TEXT),
        (&position, Type::INT2),
        (&click.action.as_str(), Type::TEXT),
        (&click.at, Type::TIMESTAMPTZ),
    ];
    let connection = database.connection().await?;
    let row = connection.query_typed_one(record, &values).await;
    let recorded = |row: Row| Recorded {
        is_new: row.get(0),
        is_known: row.get(1),
    };
    row.map(recorded).map_err(failed)
}
