//! The table `assist_clicks`: what agents did with what they were shown.

use tokio_postgres::types::{ToSql, Type};

use super::Database;
use super::connect::failed;
use super::conversations::lock_statement;
use super::transaction::query_locked;
use crate::domain::ErasureKey;
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

/// Records a click, once. Of a session that was erased none is recorded: [`Error::Conflict`].
pub async fn record(
    database: &Database,
    key: &ErasureKey,
    click: &Click,
) -> Result<Recorded, Error> {
    // The row that is there is written as it is, because only written rows are returned.
    let record = "INSERT INTO assist_clicks AS c (session_id, snippet_id, position, action, known, clicked_at)
        SELECT $1, $2, $3, $4, EXISTS (
            SELECT FROM assist_impressions WHERE session_id = $1 AND snippet_id = $2 AND position = $3 AND state <> 'pending'),
            least(coalesce($5, now()), now())
        WHERE NOT EXISTS (SELECT FROM erased_conversations WHERE conversation_mac = $6)
        ON CONFLICT (session_id, snippet_id, position, action) DO UPDATE SET known = c.known OR excluded.known
        RETURNING xmax = 0, known";
    let position = i16::from(click.rank_position.get());
    let mac = key.mac_of(click.session_id.as_str());
    let values: [(&(dyn ToSql + Sync), Type); 6] = [
        (&click.session_id.as_str(), Type::TEXT),
        (&click.snippet_id.as_str(), Type::TEXT),
        (&position, Type::INT2),
        (&click.action.as_str(), Type::TEXT),
        (&click.at, Type::TIMESTAMPTZ),
        (&mac.as_bytes(), Type::BYTEA),
    ];
    let connection = database.connection().await?;
    let lock = lock_statement(click.session_id.as_str());
    let rows = query_locked(&connection, &lock, record, &values).await;
    let rows = rows.map_err(failed)?;
    let erased = || Error::Conflict("the session was erased".to_owned());
    let row = rows.first().ok_or_else(erased)?;
    Ok(Recorded {
        is_new: row.get(0),
        is_known: row.get(1),
    })
}
