//! What is due is claimed, as far as the tenant's pace allows: both in one statement, which is a transaction.

use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::stored::strange;
use crate::domain::{InteractionId, TranscriptId};
use crate::error::Error;

/// How many posts the tenant allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// At once, after a long pause.
    pub burst: f64,
    /// From then on.
    pub per_minute: f64,
}

/// What is claimed reaches CXone later, and some of it later than other. So the bucket here holds less than CXone's, by what that is given in
/// this time.
const SLACK: Duration = Duration::from_secs(2);

impl Pace {
    fn per_second(self) -> f64 {
        self.per_minute / 60.0
    }

    fn capacity(self) -> f64 {
        (self.burst - self.per_second() * SLACK.as_secs_f64()).max(1.0)
    }
}

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
    /// Where somebody wants to be told of it.
    pub archive_callback_url: Option<String>,
    pub(super) epoch: i64,
}

/// Claims up to `most` of those that are due, for `lease`, each for one token. A claim counts as a try, so that what kills its worker is
/// given up. While there is trouble, one at a time is claimed, once the pause is over.
pub async fn claim(
    database: &Database,
    pace: Pace,
    most: i64,
    lease: Duration,
) -> Result<Vec<Claimed>, Error> {
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&pace.capacity(), Type::FLOAT8),
        (&pace.per_second(), Type::FLOAT8),
        (&most, Type::INT8),
        (&lease.as_secs_f64(), Type::FLOAT8),
    ];
    let connection = database.connection().await?;
    let rows = connection.query_typed(CLAIM, &values).await;
    let mut rows = rows.map_err(failed)?;
    rows.sort_by_key(|row| row.get::<_, i64>(10));
    rows.iter().map(read).collect()
}

/// Claims come one after the other, because each holds the bucket. A clock that was set back fills nothing until it is where it was.
///
/// The first of an interaction is looked for row by row: nothing is known of how many interactions there are.
const CLAIM: &str = "
    WITH bucket AS MATERIALIZED (
        SELECT now.at, p.trouble,
            least($1, p.tokens + greatest(extract(epoch FROM now.at - p.filled_at)::float8, 0) * $2) AS tokens
        FROM injection_pace p, (SELECT clock_timestamp() AS at) now WHERE p.paused_until <= now.at FOR UPDATE OF p),
    due AS MATERIALIZED (
        SELECT t.id, t.part, t.state = 'sending' AS is_left FROM transcripts t
        WHERE t.state IN ('pending', 'sending')
            AND (t.state = 'pending' AND t.next_try_at <= clock_timestamp() OR t.state = 'sending' AND t.lease_until <= clock_timestamp())
            AND t.number = (
                SELECT e.number FROM transcripts e WHERE e.interaction_id = t.interaction_id AND e.state IN ('pending', 'sending', 'dead')
                ORDER BY e.number LIMIT 1)
        ORDER BY t.number
        LIMIT coalesce((SELECT greatest(least(floor(tokens)::bigint, $3, CASE WHEN trouble IS NULL THEN $3 ELSE 1 END), 0) FROM bucket), 0)
        FOR UPDATE SKIP LOCKED),
    taken AS (
        UPDATE injection_pace p SET tokens = b.tokens - (SELECT count(*) FROM due), filled_at = greatest(p.filled_at, b.at),
            capacity = $1, per_second = $2
        FROM bucket b)
    UPDATE transcripts t SET state = 'sending', lease_until = clock_timestamp() + $4 * interval '1 second', epoch = t.epoch + 1,
        attempts = t.attempts + 1, in_doubt = t.in_doubt OR due.is_left
    FROM due WHERE t.id = due.id AND t.part = due.part
    RETURNING t.id, t.part, t.parts, t.interaction_id, t.payload, t.messages, t.attempts, t.in_doubt, t.archive_callback_url, t.epoch, t.number";

fn read(row: &Row) -> Result<Claimed, Error> {
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
        archive_callback_url: row.get(8),
        epoch: row.get(9),
    })
}
