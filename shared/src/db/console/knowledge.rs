//! How knowledge stands, and what the last runs of the sync did.

use jiff::Timestamp;
use tokio_postgres::Row;

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// How knowledge stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Knowledge {
    /// Everything that CXone changed before this is here.
    pub fresh_until: Option<Timestamp>,
    /// Articles that search finds.
    pub live: i64,
    /// Articles that rules keep from search.
    pub left_out: i64,
    /// Where CXone's side contradicts ours, and ours stands as it was.
    pub conflicts: i64,
    /// Links that lead nowhere.
    pub broken_links: i64,
    /// The last runs, the newest first.
    pub runs: Vec<Run>,
}

/// A run of the sync.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What it looked at.
    pub kind: String,
    /// How far it is.
    pub state: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// How long it took.
    pub seconds: Option<f64>,
    /// Articles that are new.
    pub added: i64,
    /// Articles of which the text or what is said about it changed.
    pub changed: i64,
    /// Articles that are no longer found.
    pub removed: i64,
    /// Articles that could not be taken over.
    pub failed: i64,
}

const NOW: &str = "SELECT watermark,
        (SELECT count(*) FROM knowledge_articles WHERE state = 'live'),
        (SELECT count(*) FROM knowledge_articles WHERE state = 'left_out'),
        (SELECT count(*) FROM knowledge_conflicts c JOIN knowledge_articles a ON a.id = c.article_id
            WHERE a.state <> 'gone' AND a.content_hash = c.local_hash),
        (SELECT count(*) FROM knowledge_links WHERE state = 'broken')
    FROM knowledge_sync";

const RUNS: &str = "
    SELECT kind, state, requested_at, extract(epoch FROM finished_at - started_at)::float8,
        coalesce(added, 0), coalesce(updated, 0) + coalesce(metadata, 0), coalesce(left_out, 0) + coalesce(gone, 0),
        coalesce(flawed, 0) + coalesce(failed, 0)
    FROM ((SELECT * FROM knowledge_runs WHERE state IN ('queued', 'running') ORDER BY requested_at DESC LIMIT 6)
        UNION ALL (SELECT * FROM knowledge_runs WHERE finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT 6)) r,
        json_to_record(counts) AS c (added int8, updated int8, metadata int8, left_out int8, gone int8, flawed int8, failed int8)
    ORDER BY requested_at DESC LIMIT 6";

/// Reads it.
pub async fn fetch_knowledge(database: &Database) -> Result<Knowledge, Error> {
    let connection = database.connection().await?;
    let now = connection.query_typed_one(NOW, &[]).await.map_err(failed)?;
    let runs = connection.query_typed(RUNS, &[]).await;
    Ok(Knowledge {
        fresh_until: now.get(0),
        live: now.get(1),
        left_out: now.get(2),
        conflicts: now.get(3),
        broken_links: now.get(4),
        runs: runs.map_err(failed)?.iter().map(run).collect(),
    })
}

fn run(row: &Row) -> Run {
    Run {
        kind: row.get(0),
        state: row.get(1),
        requested_at: row.get(2),
        seconds: row.get(3),
        added: row.get(4),
        changed: row.get(5),
        removed: row.get(6),
        failed: row.get(7),
    }
}
