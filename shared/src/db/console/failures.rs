//! What failed and waits for a person, beside what the other figures show.

use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// What failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    /// Callbacks that are tried no more.
    pub dead_callbacks: i64,
    /// Documents that Elasticsearch does not take.
    pub mirror_aside: i64,
    /// Runs of the sync that failed, since then.
    pub failed_runs: i64,
    /// Runs that would have removed too much, since then.
    pub held_runs: i64,
    /// What has to be changed before a transcript is posted again.
    pub injection_trouble: Option<String>,
}

const FAILURES: &str = "SELECT
    (SELECT count(*) FROM callbacks WHERE dead IS NOT NULL),
    (SELECT count(*) FROM knowledge_mirror WHERE set_aside IS NOT NULL),
    (SELECT count(*) FROM knowledge_runs WHERE finished_at >= $1 AND state = 'failed'),
    (SELECT count(*) FROM knowledge_runs WHERE finished_at >= $1 AND state = 'held'),
    (SELECT trouble FROM injection_pace)";

/// Counts it.
pub async fn fetch_failures(database: &Database, since: Timestamp) -> Result<Failures, Error> {
    let since: [(&(dyn ToSql + Sync), Type); 1] = [(&since, Type::TIMESTAMPTZ)];
    let connection = database.connection().await?;
    let row = connection.query_typed_one(FAILURES, &since).await;
    let row = row.map_err(failed)?;
    Ok(Failures {
        dead_callbacks: row.get(0),
        mirror_aside: row.get(1),
        failed_runs: row.get(2),
        held_runs: row.get(3),
        injection_trouble: row.get(4),
    })
}
