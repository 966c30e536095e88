//! The tables `injection_pace` and `injection_posts`: what was posted before, by the database's clock. Who claims holds the bucket's row until
//! the claim is committed, so that claims come one after the other.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::GenericClient;
use tokio_postgres::types::{ToSql, Type};

use crate::db::connect::failed;
use crate::error::Error;
use crate::injection::pace::{REMEMBERED, SLOT, Spent};
use crate::injection::{Outlook, Pace};

/// What was posted before, and now.
pub(super) struct Looked {
    pub(super) spent: Spent,
    /// Now.
    pub(super) at: Timestamp,
    /// Whether a person has to change something; one at a time tries whether that was done.
    pub(super) is_troubled: bool,
}

/// Locks the bucket and looks into it; none while there is a pause.
pub(super) async fn fetch_spent(transaction: &Transaction<'_>) -> Result<Option<Looked>, Error> {
    // Two statements: only the second is sure to see what whoever held the bucket before wrote.
    let hold = "SELECT FROM injection_pace FOR UPDATE";
    transaction.query_typed(hold, &[]).await.map_err(failed)?;
    let look = "
        SELECT p.tokens, extract(epoch FROM now.at - p.filled_at)::float8, now.at, p.trouble IS NOT NULL,
            (SELECT coalesce(sum(posts), 0) FROM injection_posts WHERE slot > now.at - $1 * interval '1 second')
        FROM injection_pace p, (SELECT clock_timestamp() AS at OFFSET 0) now WHERE p.paused_until <= now.at";
    let remembered = [(&REMEMBERED.as_secs_f64() as _, Type::FLOAT8)];
    let looked = transaction.query_typed_opt(look, &remembered).await;
    let looked = looked.map_err(failed)?;
    Ok(looked.map(|row| Looked {
        spent: Spent {
            tokens: row.get(0),
            seconds: row.get(1),
            posts: row.get(4),
        },
        at: row.get(2),
        is_troubled: row.get(3),
    }))
}

/// Looks, without holding anybody up, at what decides when the turns of those come that wait.
pub(super) async fn fetch_outlook(
    client: &impl GenericClient,
    per_hour: f64,
) -> Result<Outlook, Error> {
    let look = "
        SELECT least(p.capacity, p.tokens + extract(epoch FROM now.at - p.filled_at)::float8 * p.per_second), p.per_second,
            coalesce(h.seconds, '{}'), coalesce(h.posts, '{}')
        FROM injection_pace p, (SELECT clock_timestamp() AS at OFFSET 0) now, LATERAL (
            SELECT array_agg(extract(epoch FROM slot - now.at)::float8 + $1 ORDER BY slot) AS seconds, array_agg(posts::int8 ORDER BY slot) AS posts
            FROM injection_posts WHERE slot > now.at - $1 * interval '1 second') h";
    let remembered = [(&REMEMBERED.as_secs_f64() as _, Type::FLOAT8)];
    let looked = client.query_typed_one(look, &remembered).await;
    let row = looked.map_err(failed)?;
    let (seconds, posts): (Vec<f64>, Vec<i64>) = (row.get(2), row.get(3));
    Ok(Outlook {
        tokens: row.get(0),
        per_second: row.get(1),
        per_hour,
        remembered: seconds.into_iter().zip(posts).collect(),
    })
}

/// Writes down what is left, and what was claimed. A clock that was set back fills nothing until it is where it was.
pub(super) async fn spend(
    transaction: &Transaction<'_>,
    pace: Pace,
    left: f64,
    at: Timestamp,
    posts: usize,
) -> Result<(), Error> {
    let spend = "
        WITH counted AS (
            INSERT INTO injection_posts AS h (slot, posts)
            SELECT date_bin($5 * interval '1 second', $2, 'epoch'), $6 WHERE $6 > 0
            ON CONFLICT (slot) DO UPDATE SET posts = h.posts + excluded.posts),
        forgotten AS (DELETE FROM injection_posts WHERE slot <= $2 - $7 * interval '1 second')
        UPDATE injection_pace SET tokens = $1, filled_at = greatest(filled_at, $2), capacity = $3, per_second = $4";
    let values: [(&(dyn ToSql + Sync), Type); 7] = [
        (&left, Type::FLOAT8),
        (&at, Type::TIMESTAMPTZ),
        (&pace.capacity(), Type::FLOAT8),
        (&pace.per_second(), Type::FLOAT8),
        (&SLOT.as_secs_f64(), Type::FLOAT8),
        (&i32::try_from(posts).unwrap_or(i32::MAX), Type::INT4),
        (&REMEMBERED.as_secs_f64(), Type::FLOAT8),
    ];
    let written = transaction.execute_typed(spend, &values).await;
    written.map(drop).map_err(failed)
}
