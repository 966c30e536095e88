//! How injection does, over all that is kept.

use serde::Serialize;

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// What became of the parts of transcripts. A part is one post.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TranscriptMetrics))]
pub struct Metrics {
    /// Those that ended, one way or the other.
    pub total_injections: i64,
    /// Those that CXone has.
    pub success_count: i64,
    /// Those that CXone does not take, and those that are dead.
    pub failure_count: i64,
    /// Those of which it is not known.
    pub unknown_count: i64,
    /// The share of those that CXone has, of all that ended; 0 where none did.
    pub success_rate_percent: f64,
    /// From a post to its answer, in seconds; the mean over those that CXone has.
    pub average_latency_seconds: Option<f64>,
    /// Nineteen of twenty were faster.
    pub p95_latency_seconds: Option<f64>,
    /// The share of those that CXone has, which are in the archive and whose callback, if there is one, has not failed for good.
    pub archive_success_rate_percent: Option<f64>,
    /// Those that wait.
    pub backlog: i64,
    /// For how long the oldest of them has waited, in seconds.
    pub oldest_age_seconds: Option<f64>,
    /// What a person has to change before anything is posted again.
    pub trouble: Option<String>,
}

const METRICS: &str = "
    SELECT success, failure, unknown, coalesce(round((success * 100.0 / nullif(success + failure + unknown, 0)), 2), 0)::float8,
        average, p95, round((archived * 100.0 / nullif(success, 0)), 2)::float8, backlog, oldest, trouble
    FROM (
        SELECT count(*) FILTER (WHERE t.state = 'injected') AS success,
            count(*) FILTER (WHERE t.state IN ('refused', 'dead')) AS failure,
            count(*) FILTER (WHERE t.state = 'outcome_unknown') AS unknown,
            avg(t.latency_ms) FILTER (WHERE t.state = 'injected') / 1000 AS average,
            percentile_cont(0.95) WITHIN GROUP (ORDER BY t.latency_ms) FILTER (WHERE t.state = 'injected') / 1000 AS p95,
            count(*) FILTER (WHERE t.archived AND c.dead IS NULL) AS archived,
            count(*) FILTER (WHERE t.state IN ('pending', 'sending')) AS backlog,
            extract(epoch FROM clock_timestamp() - min(t.created_at) FILTER (WHERE t.state IN ('pending', 'sending')))::float8 AS oldest
        FROM transcripts t
            LEFT JOIN transcript_archive a ON a.id = t.id AND a.part = t.part
            LEFT JOIN callbacks c ON c.id = a.callback_id) counted, injection_pace";

/// Counts what became of them.
pub async fn fetch_metrics(database: &Database) -> Result<Metrics, Error> {
    let connection = database.connection().await?;
    let row = connection.query_typed_one(METRICS, &[]).await;
    let row = row.map_err(failed)?;
    Ok(Metrics {
        total_injections: row.get::<_, i64>(0) + row.get::<_, i64>(1) + row.get::<_, i64>(2),
        success_count: row.get(0),
        failure_count: row.get(1),
        unknown_count: row.get(2),
        success_rate_percent: row.get(3),
        average_latency_seconds: row.get(4),
        p95_latency_seconds: row.get(5),
        archive_success_rate_percent: row.get(6),
        backlog: row.get(7),
        oldest_age_seconds: row.get(8),
        trouble: row.get(9),
    })
}
