//! How far a re-embedding has come: counted over all events, which takes long where there are many.

use std::time::Duration;

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

use super::{Reading, columns};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::conversation_events::EventId;
use crate::db::embedding_models::ModelId;
use crate::db::transaction::begin;
use crate::error::Error;
use crate::text::terms::Analysis;

/// How far a re-embedding has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Events that are done.
    pub done: i64,
    /// Events that wait.
    pub left: i64,
}

/// How many events have this model under their event's present map, and how many lack it.
pub async fn fetch_progress(
    database: &Database,
    model: ModelId,
    readings: &[Reading],
) -> Result<Progress, Error> {
    let connection = database.connection().await?;
    let rows = count(&**connection, model, readings).await;
    Ok(read(&rows.map_err(failed)?))
}

/// The same, if it can be counted in this time.
pub async fn count_progress(
    database: &Database,
    model: ModelId,
    readings: &[Reading],
    time: Duration,
) -> Result<Option<Progress>, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin_for(&mut connection, time).await?;
    let rows = in_time(count(&*transaction, model, readings).await)?;
    Ok(rows.map(|rows| read(&rows)))
}

/// How many events lack this model under their event's present map, or the words of today, if that can be found out in this time. Those up to
/// `after` are not looked at, and no more than `most` are looked for.
pub async fn count_missing(
    database: &Database,
    model: ModelId,
    readings: &[Reading],
    after: Option<EventId>,
    most: i64,
    time: Duration,
) -> Result<Option<i64>, Error> {
    let missing = "
        SELECT count(*) FROM (SELECT FROM conversation_events e
        JOIN unnest($2::text[], $3::text[], $4::bool[]) AS m (event, version, supersedes) ON m.event = e.event
        WHERE e.id > $7 AND (e.state <> 'superseded' OR NOT m.supersedes) AND NOT EXISTS (
            SELECT FROM embedded d WHERE d.event_id = e.id AND d.model_id = $1 AND d.map_version = m.version AND d.words_version = $5)
        LIMIT $6) missing";
    let (names, versions, supersedes) = columns(readings);
    let after = after.map_or(0, |id| id.0);
    let question: [(&(dyn ToSql + Sync), Type); 7] = [
        (&model.0, Type::INT2),
        (&names, Type::TEXT_ARRAY),
        (&versions, Type::TEXT_ARRAY),
        (&supersedes, Type::BOOL_ARRAY),
        (&Analysis::VERSION, Type::INT2),
        (&most, Type::INT8),
        (&after, Type::INT8),
    ];
    let mut connection = database.connection().await?;
    let transaction = begin_for(&mut connection, time).await?;
    let row = in_time(transaction.query_typed_one(missing, &question).await)?;
    Ok(row.map(|row| row.get(0)))
}

/// A transaction whose statements take no longer than this.
async fn begin_for(connection: &mut Object, time: Duration) -> Result<Transaction<'_>, Error> {
    let transaction = begin(connection).await?;
    let limit = format!("SET LOCAL statement_timeout = {}", time.as_millis().max(1));
    let limited = transaction.batch_execute(&limit).await;
    limited.map_err(failed)?;
    Ok(transaction)
}

/// What a statement found, unless it took too long.
fn in_time<T>(found: Result<T, tokio_postgres::Error>) -> Result<Option<T>, Error> {
    match found {
        Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => Ok(None),
        found => found.map(Some).map_err(failed),
    }
}

async fn count(
    client: &impl GenericClient,
    model: ModelId,
    readings: &[Reading],
) -> Result<Vec<Row>, tokio_postgres::Error> {
    let progress = "
        SELECT count(d.event_id), count(*) - count(d.event_id)
        FROM conversation_events e
        JOIN unnest($2::text[], $3::text[], $4::bool[]) AS m (event, version, supersedes) ON m.event = e.event
        LEFT JOIN embedded d ON d.event_id = e.id AND d.model_id = $1 AND d.map_version = m.version AND d.words_version = $5
        WHERE e.state <> 'superseded' OR NOT m.supersedes";
    let (names, versions, supersedes) = columns(readings);
    let question: [(&(dyn ToSql + Sync), Type); 5] = [
        (&model.0, Type::INT2),
        (&names, Type::TEXT_ARRAY),
        (&versions, Type::TEXT_ARRAY),
        (&supersedes, Type::BOOL_ARRAY),
        (&Analysis::VERSION, Type::INT2),
    ];
    client.query_typed(progress, &question).await
}

fn read(rows: &[Row]) -> Progress {
    let counts = rows.first().map(|row| (row.get(0), row.get(1)));
    let (done, left) = counts.unwrap_or_default();
    Progress { done, left }
}
