//! What is due is claimed, as far as the tenant's pace allows: both in one transaction, which holds the bucket.

use std::time::Duration;

use deadpool_postgres::Transaction;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::spent::{fetch_spent, spend};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored::strange;
use crate::db::transaction::begin;
use crate::domain::{InteractionId, TranscriptId};
use crate::error::Error;
use crate::injection::Pace;

/// A part whose turn it is.
#[derive(Clone)]
pub struct Claimed {
    /// Of which transcript.
    pub id: TranscriptId,
    /// Which, from 1.
    pub part: i16,
    /// Of how many.
    pub parts: i16,
    /// Whose it is.
    pub interaction: InteractionId,
    /// What is posted, byte for byte.
    pub payload: Vec<u8>,
    /// How many messages that holds.
    pub messages: i32,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// Whether an earlier try may have arrived.
    pub is_in_doubt: bool,
    /// Why the try before came to nothing.
    pub reason: Option<String>,
    /// Whether a person has to change something before anybody is let in.
    pub is_troubled: bool,
    /// Where somebody wants to be told of it.
    pub archive_callback_url: Option<String>,
    pub(super) epoch: i64,
}

/// What somebody may post now.
#[derive(Default)]
pub struct Claims {
    /// In the order in which they arrived.
    pub claimed: Vec<Claimed>,
    /// Nothing was claimed because the bucket is empty; then there is something in it again.
    pub wait: Option<Duration>,
}

/// Claims up to `most` of those that are due, for `lease`, as far as the pace allows. A claim counts as a try, so that what kills its worker is
/// given up. While there is trouble, one at a time is claimed, once the pause is over.
pub async fn claim(
    database: &Database,
    pace: Pace,
    most: i64,
    lease: Duration,
) -> Result<Claims, Error> {
    let mut connection = database.connection().await?;
    let transaction = begin(&mut connection).await?;
    let Some(spent) = fetch_spent(&transaction).await? else {
        return Ok(Claims::default());
    };
    let allowance = pace.allow(spent.spent);
    if allowance.posts < 1 {
        let wait = allowance.wait;
        return Ok(Claims {
            wait,
            ..Claims::default()
        });
    }
    let most = most.min(if spent.is_troubled {
        1
    } else {
        allowance.posts
    });
    let claimed = take(&transaction, most, lease, spent.is_troubled).await?;
    let left = allowance.tokens - f64::from(u32::try_from(claimed.len()).unwrap_or(u32::MAX));
    spend(&transaction, pace, left, spent.at, claimed.len()).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(Claims {
        claimed,
        wait: None,
    })
}

async fn take(
    transaction: &Transaction<'_>,
    most: i64,
    lease: Duration,
    is_troubled: bool,
) -> Result<Vec<Claimed>, Error> {
    let values: [(&(dyn ToSql + Sync), Type); 2] =
        [(&most, Type::INT8), (&lease.as_secs_f64(), Type::FLOAT8)];
    transaction.batch_execute(IN_ORDER).await.map_err(failed)?;
    let rows = transaction.query_typed(TAKE, &values).await;
    let mut rows = rows.map_err(failed)?;
    rows.sort_by_key(|row| row.get::<_, i64>(10));
    rows.iter().map(|row| read(row, is_troubled)).collect()
}

/// Of a table that nobody analysed since it grew, the planner sorts all that waits, for each claim again: 60 ms of ten thousand, and half a
/// millisecond by the index.
const IN_ORDER: &str = "SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off";

/// The first of an interaction is looked for row by row: nothing is known of how many interactions there are.
const TAKE: &str = "
    WITH due AS MATERIALIZED (
        SELECT t.id, t.part, t.state = 'sending' AS is_left FROM transcripts t
        WHERE t.state IN ('pending', 'sending')
            AND (t.state = 'pending' AND t.next_try_at <= clock_timestamp() OR t.state = 'sending' AND t.lease_until <= clock_timestamp())
            AND t.number = (
                SELECT e.number FROM transcripts e WHERE e.interaction_id = t.interaction_id AND e.state IN ('pending', 'sending', 'dead')
                ORDER BY e.number LIMIT 1)
        ORDER BY t.number LIMIT $1 FOR UPDATE SKIP LOCKED)
    UPDATE transcripts t SET state = 'sending', lease_until = clock_timestamp() + $2 * interval '1 second', epoch = t.epoch + 1,
        attempts = t.attempts + 1, in_doubt = t.in_doubt OR due.is_left
    FROM due WHERE t.id = due.id AND t.part = due.part
    RETURNING t.id, t.part, t.parts, t.interaction_id, t.payload, t.messages, t.attempts, t.in_doubt, t.archive_callback_url, t.epoch, t.number, t.reason";

fn read(row: &Row, is_troubled: bool) -> Result<Claimed, Error> {
    let interaction: String = row.get(3);
    Ok(Claimed {
        id: row.get::<_, Uuid>(0).into(),
        part: row.get(1),
        parts: row.get(2),
        interaction: InteractionId::parse(interaction).map_err(|_| strange(row, 3))?,
        payload: row.get::<_, Option<Vec<u8>>>(4).unwrap_or_default(),
        messages: row.get(5),
        attempts: row.get::<_, i32>(6).unsigned_abs(),
        is_in_doubt: row.get(7),
        reason: row.get(11),
        is_troubled,
        archive_callback_url: row.get(8),
        epoch: row.get(9),
    })
}
