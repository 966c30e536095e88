//! What segments there are, for people and for alarms.

use serde::Serialize;
use tokio_postgres::Row;

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// A segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// Its number.
    pub id: i32,
    /// Its model: who computes it, its name, how many numbers its vectors have.
    pub model: String,
    /// What it is: `next`, `fresh`, `closed`, `sealed`, `building` or `replaced`.
    pub state: String,
    /// How often it was merged.
    pub tier: i16,
    /// Its rows; of a sealed one, those that it had when it was sealed.
    pub rows: i64,
    /// How long ago it was made.
    pub age_s: i64,
    /// Its graph, if it has one.
    pub graph: Option<Graph>,
    /// What the table of its signs takes, in bytes, if it has one.
    pub signs: Option<i64>,
    /// The build that is under way.
    pub build: Option<Build>,
    /// The share of what lies nearest that was found without comparing all, of some of its rows, when it was sealed.
    pub recall: Option<f32>,
}

/// A graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Graph {
    /// Whether it is whole. One that is not is being built, or was broken off and is built anew.
    pub is_whole: bool,
    /// What it takes.
    pub bytes: i64,
}

/// How far a build is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Build {
    /// What it does, as Postgres says it.
    pub phase: String,
    /// The rows that stand in the graph.
    pub rows: i64,
}

/// What waits to be sealed, of all models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Backlog {
    /// How many segments.
    pub closed: i64,
    /// How long the oldest of them has waited; nothing, if there is none.
    pub oldest_s: i64,
}

/// Every segment, by model and number.
pub async fn fetch_all(database: &Database) -> Result<Vec<Listed>, Error> {
    let all = "SELECT s.id, m.provider || ' ' || m.name || ' ' || m.dimensions, s.state, s.tier,
            coalesce(s.row_count, (SELECT count(*) FROM conversation_embeddings e WHERE e.segment = s.id)),
            extract(epoch FROM clock_timestamp() - s.created_at)::int8,
            g.is_whole, g.bytes, p.phase, p.tuples_done, s.recall, pg_total_relation_size(to_regclass('conversation_signs_' || s.id))
        FROM vector_segments s JOIN embedding_models m ON m.id = s.model_id
        LEFT JOIN LATERAL (
            SELECT i.indisvalid AS is_whole, pg_relation_size(i.indexrelid) AS bytes
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
            WHERE i.indrelid = to_regclass('conversation_embeddings_' || s.id) AND a.amname = 'hnsw'
            ORDER BY i.indisvalid DESC LIMIT 1) g ON true
        LEFT JOIN LATERAL (
            SELECT phase, tuples_done FROM pg_stat_progress_create_index
            WHERE relid = to_regclass('conversation_embeddings_' || s.id) AND datname = current_database() LIMIT 1) p ON true
        ORDER BY s.model_id, s.id";
    let connection = database.connection().await?;
    let rows = connection.query_typed(all, &[]).await.map_err(failed)?;
    Ok(rows.iter().map(listed).collect())
}

/// What waits to be sealed.
pub async fn fetch_backlog(database: &Database) -> Result<Backlog, Error> {
    let backlog =
        "SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(closed_at)), 0)::int8
        FROM vector_segments WHERE state = 'closed'";
    let connection = database.connection().await?;
    let row = connection.query_typed_one(backlog, &[]).await;
    let row = row.map_err(failed)?;
    Ok(Backlog {
        closed: row.get(0),
        oldest_s: row.get(1),
    })
}

/// How long ago the oldest of those was begun that are built and have not taken the place of others yet, in seconds; nothing, if there is none.
/// They are whole, and no question sees them.
pub async fn fetch_swap_wait(database: &Database) -> Result<i64, Error> {
    let waiting =
        "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::int8
        FROM vector_segments WHERE state = 'building' AND EXISTS (
            SELECT FROM pg_index WHERE indrelid = to_regclass('conversation_embeddings_' || id) AND indisprimary)";
    let connection = database.connection().await?;
    let row = connection.query_typed_one(waiting, &[]).await;
    Ok(row.map_err(failed)?.get(0))
}

fn listed(row: &Row) -> Listed {
    let is_whole: Option<bool> = row.get(6);
    let phase: Option<String> = row.get(8);
    Listed {
        id: row.get(0),
        model: row.get(1),
        state: row.get(2),
        tier: row.get(3),
        rows: row.get(4),
        age_s: row.get(5),
        graph: is_whole.map(|is_whole| Graph {
            is_whole,
            bytes: row.get(7),
        }),
        build: phase.map(|phase| Build {
            phase,
            rows: row.get(9),
        }),
        recall: row.get(10),
        signs: row.get(11),
    }
}
