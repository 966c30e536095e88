//! What the console shows: figures that were counted ahead of time ([`roll_up()`]), beside what is as it is now.
//!
//! Tables: `console_progress`, `console_minutes`, `console_queues`, `console_embeddings`, `console_positions`, `console_orders`. They hold
//! numbers, and nothing by which a person could be found. `conversation_map` says where conversations lie, and goes with them.

mod failures;
mod history;
mod knowledge;
mod map;
mod roll_up;
mod waiting;

use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

pub use failures::{Failures, fetch_failures};
pub use history::{
    EmbeddingHour, History, Hour, Minute, Position, QueueMinute, Span, fetch_history,
};
pub use knowledge::{Knowledge, Run, fetch_knowledge};
pub use map::{ConversationMap, Dot, Drawn, Sample, draw_map, fetch_map, fetch_sample};
pub use roll_up::{Step, roll_up};
pub use waiting::{Count, Waiting, fetch_transcripts, fetch_waiting};

use super::Database;
use super::connect::failed;
use crate::error::Error;

/// What lies in a queue, and among its dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// The queue, by its own name.
    pub queue: String,
    /// Messages that wait, or are being worked on.
    pub waiting: i64,
    /// Messages that no function could work on.
    pub dead: i64,
}

/// Keeps what the queues hold now.
pub async fn note_queues(
    database: &Database,
    at: Timestamp,
    depths: &[QueueDepth],
) -> Result<(), Error> {
    let note = "INSERT INTO console_queues (at, queue, waiting, dead)
        SELECT $1, queue, waiting, dead FROM unnest($2::text[], $3::int8[], $4::int8[]) AS q (queue, waiting, dead)
        ON CONFLICT (at, queue) DO UPDATE SET waiting = excluded.waiting, dead = excluded.dead";
    let queues: Vec<_> = depths.iter().map(|one| one.queue.as_str()).collect();
    let waiting: Vec<_> = depths.iter().map(|one| one.waiting).collect();
    let dead: Vec<_> = depths.iter().map(|one| one.dead).collect();
    let values: [(&(dyn ToSql + Sync), Type); 4] = [
        (&at, Type::TIMESTAMPTZ),
        (&queues, Type::TEXT_ARRAY),
        (&waiting, Type::INT8_ARRAY),
        (&dead, Type::INT8_ARRAY),
    ];
    let connection = database.connection().await?;
    let noted = connection.execute_typed(note, &values).await;
    noted.map(drop).map_err(failed)
}
