//! What was counted ahead of time, as far back as the page shows it.

use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, Row};

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// What the page looks back at: the hours up to the full hour of now, and the minutes up to what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first minute that is shown by itself.
    pub first_minute: Timestamp,
    /// The first hour.
    pub first_hour: Timestamp,
}

/// Events of a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// Its beginning.
    pub at: Timestamp,
    /// Events that were stored in it.
    pub events: i64,
    /// How long the one that waited longest had been on its way.
    pub longest_wait_s: f64,
}

/// Events of an hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hour {
    /// Its beginning.
    pub at: Timestamp,
    /// Events that were stored in it.
    pub events: i64,
    /// How long the one that waited longest had been on its way.
    pub longest_wait_s: f64,
}

/// What a model was asked for in an hour.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingHour {
    /// Its beginning.
    pub at: Timestamp,
    /// The model's name.
    pub model: String,
    /// How often it was asked.
    pub batches: i64,
    /// For how many texts.
    pub texts: i64,
    /// Texts that it never takes.
    pub refused: i64,
    /// Texts that were without an answer for now.
    pub failed: i64,
    /// The tokens of all texts.
    pub tokens: i64,
    /// Half of the answers were faster.
    pub p50_ms: f64,
    /// Nineteen of twenty were faster.
    pub p95_ms: f64,
}

/// What lay in a queue at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMinute {
    /// When it was looked at.
    pub at: Timestamp,
    /// The queue.
    pub queue: String,
    /// Messages that waited.
    pub waiting: i64,
    /// Its dead letters.
    pub dead: i64,
}

/// A place in which agents were shown something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// `card` or `ranking`.
    pub source: String,
    /// Which place, from 1.
    pub position: i16,
    /// How often something was shown there.
    pub shown: i64,
    /// How often that was used.
    pub used: i64,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Everything that was stored before this is counted; none before the first count.
    pub counted_until: Option<Timestamp>,
    /// Minutes with events, the first first.
    pub minutes: Vec<Minute>,
    /// Hours with events, the first first.
    pub hours: Vec<Hour>,
    /// Hours in which models were asked.
    pub embeddings: Vec<EmbeddingHour>,
    /// Queues, minute by minute.
    pub queues: Vec<QueueMinute>,
    /// Places, best first.
    pub positions: Vec<Position>,
    /// Orders of snippets, by what became of them.
    pub orders: Vec<(String, i64)>,
}

const PROGRESS: &str = "SELECT rolled_until FROM console_progress";
const MINUTES: &str = "SELECT at, events::int8, longest_wait_s::float8 FROM console_minutes WHERE at >= $1 ORDER BY at";
const HOURS: &str = "SELECT date_trunc('hour', at, 'UTC'), sum(events)::int8, max(longest_wait_s)::float8 FROM console_minutes
    WHERE at >= $1 GROUP BY 1 ORDER BY 1";
const EMBEDDINGS: &str = "SELECT e.hour, m.name, e.batches, e.texts, e.refused, e.failed, e.tokens, e.p50_ms, e.p95_ms
    FROM console_embeddings e JOIN embedding_models m ON m.id = e.model_id WHERE e.hour >= $1 ORDER BY e.hour, m.name";
const QUEUES: &str =
    "SELECT at, queue, waiting, dead FROM console_queues WHERE at >= $1 ORDER BY at, queue";
const POSITIONS: &str = "SELECT source, position, sum(shown)::int8, sum(used)::int8 FROM console_positions WHERE hour >= $1
    GROUP BY 1, 2 ORDER BY 1, 2";
const ORDERS: &str =
    "SELECT state, sum(orders)::int8 FROM console_orders WHERE hour >= $1 GROUP BY 1 ORDER BY 1";

/// Reads it.
pub async fn fetch_history(database: &Database, span: Span) -> Result<History, Error> {
    let connection = database.connection().await?;
    let client = &**connection;
    let progress = client.query_typed_one(PROGRESS, &[]).await;
    let (minute, hour) = (span.first_minute, span.first_hour);
    Ok(History {
        counted_until: progress.map_err(failed)?.get(0),
        minutes: since(client, MINUTES, minute, minute_of).await?,
        hours: since(client, HOURS, hour, hour_of).await?,
        embeddings: since(client, EMBEDDINGS, hour, embedding).await?,
        queues: since(client, QUEUES, minute, queue).await?,
        positions: since(client, POSITIONS, hour, position).await?,
        orders: since(client, ORDERS, hour, |row| (row.get(0), row.get(1))).await?,
    })
}

async fn since<T>(
    client: &impl GenericClient,
    sql: &str,
    first: Timestamp,
    read: impl Fn(&Row) -> T,
) -> Result<Vec<T>, Error> {
    let first: [(&(dyn ToSql + Sync), Type); 1] = [(&first, Type::TIMESTAMPTZ)];
    let rows = client.query_typed(sql, &first).await.map_err(failed)?;
    Ok(rows.iter().map(read).collect())
}

fn minute_of(row: &Row) -> Minute {
    Minute {
        at: row.get(0),
        events: row.get(1),
        longest_wait_s: row.get(2),
    }
}

fn hour_of(row: &Row) -> Hour {
    Hour {
        at: row.get(0),
        events: row.get(1),
        longest_wait_s: row.get(2),
    }
}

fn embedding(row: &Row) -> EmbeddingHour {
    EmbeddingHour {
        at: row.get(0),
        model: row.get(1),
        batches: row.get(2),
        texts: row.get(3),
        refused: row.get(4),
        failed: row.get(5),
        tokens: row.get(6),
        p50_ms: row.get(7),
        p95_ms: row.get(8),
    }
}

fn queue(row: &Row) -> QueueMinute {
    QueueMinute {
        at: row.get(0),
        queue: row.get(1),
        waiting: row.get(2),
        dead: row.get(3),
    }
}

fn position(row: &Row) -> Position {
    Position {
        source: row.get(0),
        position: row.get(1),
        shown: row.get(2),
        used: row.get(3),
    }
}
