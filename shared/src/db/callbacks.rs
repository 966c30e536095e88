//! The table `callbacks`: whom somebody else's server is still to be told something. The room `callback` tells it.
//!
//! A row is claimed for a while, by the database's clock. Its epoch is a fence: whoever worked for longer settles nothing.

use std::time::Duration;

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::Database;
use super::connect::failed;
use super::transaction::begin;
use crate::domain::ConversationMac;
use crate::error::Error;

/// What is to be told.
#[derive(Debug, Clone, Copy)]
pub struct NewCallback<'a> {
    /// Where to. It was checked as far as its writing tells.
    pub url: &'a str,
    /// Whom it is about: with the subject's erasure it goes.
    pub subject: &'a ConversationMac,
    /// A JSON document, sent byte for byte.
    pub body: &'a str,
}

/// A callback whose turn it is.
#[derive(Clone)]
pub struct Callback {
    /// The same on every try, so that the receiver knows a repeat.
    pub id: Uuid,
    /// Where to.
    pub url: String,
    /// What is sent.
    pub body: String,
    /// How often it was tried, this time included.
    pub tries: u32,
    /// How long ago it was written.
    pub age: Duration,
    epoch: i64,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has it.
    Delivered,
    /// Another try may succeed, after this time.
    Again(Duration),
    /// No other try is made, for this reason.
    Dead(String),
}

/// How far the outbox is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Callbacks that wait.
    pub waiting: i64,
    /// Callbacks that are tried no more.
    pub dead: i64,
}

/// Writes down what is to be told once the transaction is committed.
pub async fn enqueue(
    transaction: &Transaction<'_>,
    callback: NewCallback<'_>,
) -> Result<Uuid, Error> {
    let enqueue = "INSERT INTO callbacks (id, subject_mac, url, body) VALUES ($1, $2, $3, $4)";
    let id = Uuid::now_v7();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&id, Type::UUID),
        (&callback.subject.as_bytes(), Type::BYTEA),
        (&callback.url, Type::TEXT),
        (&callback.body, Type::TEXT),
    ];
    let written = transaction.execute_typed(enqueue, &values).await;
    written.map(|_| id).map_err(failed)
}

/// Claims up to `most` of those that are due, for `lease`. It counts as a try, so that one that kills its worker is not tried for ever.
pub async fn claim(
    database: &Database,
    most: i64,
    lease: Duration,
) -> Result<Vec<Callback>, Error> {
    let claim = "
        UPDATE callbacks c SET epoch = c.epoch + 1, tries = c.tries + 1,
            leased_until = clock_timestamp() + $2::float8 * interval '1 second'
        FROM (
            SELECT id FROM callbacks WHERE dead IS NULL AND next_try_at <= clock_timestamp() AND leased_until <= clock_timestamp()
            ORDER BY next_try_at LIMIT $1 FOR UPDATE SKIP LOCKED) due
        WHERE c.id = due.id
        RETURNING c.id, c.url, c.body, c.tries, extract(epoch FROM clock_timestamp() - c.created_at)::float8, c.epoch";
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&most, Type::INT8), (&lease.as_secs_f64(), Type::FLOAT8)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(claim, &values).await;
    Ok(rows.map_err(failed)?.iter().map(read).collect())
}

fn read(row: &Row) -> Callback {
    Callback {
        id: row.get(0),
        url: row.get(1),
        body: row.get(2),
        tries: row.get::<_, i32>(3).unsigned_abs(),
        // A clock that was set back makes it young.
        age: Duration::try_from_secs_f64(row.get(4)).unwrap_or_default(),
        epoch: row.get(5),
    }
}

/// Keeps what came of these. Those that others claimed meanwhile are left to them.
pub async fn settle(database: &Database, outcomes: &[(Callback, Outcome)]) -> Result<(), Error> {
    // Rows are locked in one order, here as in `forget`: nobody waits in a circle.
    let hold = "SELECT c.id FROM callbacks c JOIN unnest($1::uuid[], $2::int8[]) AS s (id, epoch) ON c.id = s.id AND c.epoch = s.epoch
        ORDER BY c.id FOR UPDATE OF c";
    let delivered = "DELETE FROM callbacks c USING unnest($1::uuid[], $2::int8[], $3::float8[], $4::text[]) AS s (id, epoch, pause, dead)
        WHERE c.id = s.id AND c.epoch = s.epoch AND s.pause IS NULL AND s.dead IS NULL";
    let others = "UPDATE callbacks c SET leased_until = '-infinity', dead = s.dead,
            died_at = CASE WHEN s.dead IS NOT NULL THEN clock_timestamp() END,
            next_try_at = clock_timestamp() + coalesce(s.pause, 0) * interval '1 second'
        FROM unnest($1::uuid[], $2::int8[], $3::float8[], $4::text[]) AS s (id, epoch, pause, dead)
        WHERE c.id = s.id AND c.epoch = s.epoch AND (s.pause IS NOT NULL OR s.dead IS NOT NULL)";
    let ids: Vec<_> = outcomes.iter().map(|(one, _)| one.id).collect();
    let epochs: Vec<_> = outcomes.iter().map(|(one, _)| one.epoch).collect();
    let pauses: Vec<_> = outcomes.iter().map(|(_, outcome)| pause(outcome)).collect();
    let reasons: Vec<_> = outcomes
        .iter()
        .map(|(_, outcome)| reason(outcome))
        .collect();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&ids, Type::UUID_ARRAY),
        (&epochs, Type::INT8_ARRAY),
        (&pauses, Type::FLOAT8_ARRAY),
        (&reasons, Type::TEXT_ARRAY),
    ];
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let names = values.get(..2).unwrap_or_default();
    let locked = transaction.query_typed(hold, names).await;
    locked.map_err(failed)?;
    for settle in [delivered, others] {
        let settled = transaction.execute_typed(settle, &values).await;
        settled.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

fn pause(outcome: &Outcome) -> Option<f64> {
    match outcome {
        Outcome::Again(pause) => Some(pause.as_secs_f64()),
        Outcome::Delivered | Outcome::Dead(_) => None,
    }
}

fn reason(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Dead(reason) => Some(reason),
        Outcome::Delivered | Outcome::Again(_) => None,
    }
}

/// Forgets what is still to be told about these subjects, and what could not be.
pub async fn forget(
    transaction: &Transaction<'_>,
    subjects: &[ConversationMac],
) -> Result<u64, Error> {
    let forget = "DELETE FROM callbacks WHERE id IN (SELECT id FROM callbacks WHERE subject_mac = ANY($1) ORDER BY id FOR UPDATE)";
    let subjects: Vec<_> = subjects.iter().map(ConversationMac::as_bytes).collect();
    let forgotten = transaction
        .execute_typed(forget, &[(&subjects, Type::BYTEA_ARRAY)])
        .await;
    forgotten.map_err(failed)
}

/// Removes those that died before this instant, up to `most`, and as many that wait since before it and are not being told; says how many
/// went.
pub async fn expire(database: &Database, before: Timestamp, most: i64) -> Result<u64, Error> {
    let died = "DELETE FROM callbacks WHERE id IN (
        SELECT id FROM callbacks WHERE dead IS NOT NULL AND died_at < $1 ORDER BY died_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    let waiting = "DELETE FROM callbacks WHERE id IN (
        SELECT id FROM callbacks WHERE dead IS NULL AND created_at < $1 AND leased_until <= clock_timestamp()
        ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    let connection = database.connection().await?;
    let values = [(&before as _, Type::TIMESTAMPTZ), (&most as _, Type::INT8)];
    let died = connection.execute_typed(died, &values).await;
    let died = died.map_err(failed)?;
    let waited = connection.execute_typed(waiting, &values).await;
    let waited = waited.map_err(failed)?;
    if waited > 0 {
        tracing::warn!(
            callbacks.expired = waited,
            "callbacks waited for longer than is kept, and are gone"
        );
    }
    Ok(died + waited)
}

/// How far the outbox is behind.
pub async fn fetch_backlog(database: &Database) -> Result<Backlog, Error> {
    let backlog = "SELECT count(*) FILTER (WHERE dead IS NULL), count(*) FILTER (WHERE dead IS NOT NULL) FROM callbacks";
    let connection = database.connection().await?;
    let row = connection.query_typed_one(backlog, &[]).await;
    let row = row.map_err(failed)?;
    Ok(Backlog {
        waiting: row.get(0),
        dead: row.get(1),
    })
}
