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

/// Of those that were timed, so many are faster than the p95.
const FASTER: &str = "0.95";

/// What is counted was counted before; what is looked for has an index. The p95 is that of `percentile_cont`: between the two nearest.
fn metrics() -> String {
    format!(
        "WITH tally AS MATERIALIZED (
            SELECT coalesce(sum(parts) FILTER (WHERE state = 'injected'), 0)::int8 AS success,
                coalesce(sum(parts) FILTER (WHERE state IN ('refused', 'dead')), 0)::int8 AS failure,
                coalesce(sum(parts) FILTER (WHERE state = 'outcome_unknown'), 0)::int8 AS unknown,
                coalesce(sum(parts) FILTER (WHERE state IN ('pending', 'sending')), 0)::int8 AS backlog,
                coalesce(sum(parts) FILTER (WHERE archived), 0)::int8 AS archived,
                coalesce(sum(latencies) FILTER (WHERE state = 'injected'), 0)::int8 AS timed,
                sum(latency_ms) FILTER (WHERE state = 'injected') AS took
            FROM transcript_tallies),
        slow AS MATERIALIZED (
            SELECT latency_ms::float8 AS latency_ms FROM transcripts WHERE state = 'injected' AND latency_ms IS NOT NULL
            ORDER BY transcripts.latency_ms DESC
            OFFSET (SELECT greatest(timed - 1 - ceil({FASTER} * (timed - 1)), 0)::int8 FROM tally) LIMIT 2)
        SELECT success, failure, unknown, backlog, round(success * 100.0 / nullif(success + failure + unknown, 0), 2)::float8,
            (took / nullif(timed, 0) / 1000)::float8,
            (SELECT max(latency_ms) - (max(latency_ms) - min(latency_ms)) * (ceil({FASTER} * (timed - 1)) - {FASTER} * (timed - 1))::float8
                FROM slow) / 1000,
            round((archived - untold) * 100.0 / nullif(success, 0), 2)::float8,
            (SELECT extract(epoch FROM clock_timestamp() - min(created_at)) FROM transcripts WHERE state IN ('pending', 'sending'))::float8,
            trouble
        FROM tally, injection_pace, (
            SELECT count(*) AS untold FROM callbacks c JOIN transcript_archive a ON a.callback_id = c.id WHERE c.dead IS NOT NULL) told"
    )
}

/// Counts what became of them.
pub async fn fetch_metrics(database: &Database) -> Result<Metrics, Error> {
    let connection = database.connection().await?;
    let row = connection.query_typed_one(&metrics(), &[]).await;
    let row = row.map_err(failed)?;
    let [success_count, failure_count, unknown_count, backlog] =
        [0, 1, 2, 3].map(|at| row.get::<_, i64>(at));
    Ok(Metrics {
        total_injections: success_count + failure_count + unknown_count,
        success_count,
        failure_count,
        unknown_count,
        backlog,
        success_rate_percent: row.get::<_, Option<f64>>(4).unwrap_or_default(),
        average_latency_seconds: row.get(5),
        p95_latency_seconds: row.get(6),
        archive_success_rate_percent: row.get(7),
        oldest_age_seconds: row.get(8),
        trouble: row.get(9),
    })
}
