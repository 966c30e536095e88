//! Counting ahead of time. A step counts whole minutes and hours anew, from what is stored, and puts them into the place of what was counted
//! before: done twice it changes nothing, and one that dies leaves nothing. What may still be committed is left for the next one.

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::types::{ToSql, Type};

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::transaction::begin;
use crate::error::Error;

/// How far a step came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Everything that was stored before this is counted.
    pub until: Timestamp,
    /// Whether nothing is left to count for now.
    pub is_last: bool,
}

/// Rows carry the beginning of their transaction. So nothing before the oldest open transaction, or before 5 s ago, can still come; no
/// function outlives 15 minutes.
const SAFE: &str = "SELECT least(now() - interval '5 seconds',
        greatest(coalesce(min(xact_start), now()), now() - interval '15 minutes'))
    FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// From where to where. What is older than the page shows is not counted, and no step counts more than six hours.
const BOUNDS: &str = "
    SELECT first, least($1, date_trunc('hour', first, 'UTC') + interval '6 hours')
    FROM (SELECT greatest(least(coalesce(rolled_until, '-infinity'), $1), $1 - interval '25 hours') AS first
        FROM console_progress FOR UPDATE) p";

const FORGET_MINUTES: &str =
    "DELETE FROM console_minutes WHERE at >= date_trunc('minute', $1) AND at < $2";

const MINUTES: &str = "INSERT INTO console_minutes (at, events, longest_wait_s)
    SELECT date_trunc('minute', stored_at), count(*), greatest(max(extract(epoch FROM stored_at - received_at)), 0)
    FROM conversation_events WHERE stored_at >= date_trunc('minute', $1) AND stored_at < $2 GROUP BY 1";

const FORGET_EMBEDDINGS: &str =
    "DELETE FROM console_embeddings WHERE hour >= date_trunc('hour', $1, 'UTC') AND hour < $2";

const EMBEDDINGS: &str = "INSERT INTO console_embeddings (hour, model_id, batches, texts, refused, failed, tokens, p50_ms, p95_ms)
    SELECT date_trunc('hour', at, 'UTC'), model_id, count(*), sum(texts), sum(refused), sum(failed), sum(tokens),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms), percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms)
    FROM embedding_batches WHERE at >= date_trunc('hour', $1, 'UTC') AND at < $2 GROUP BY 1, 2";

/// Orders end within seconds; some are confirmed by a later try.
const FORGET_ORDERS: &str = "DELETE FROM console_orders WHERE hour >= date_trunc('hour', $1, 'UTC') - interval '1 hour' AND hour < $2";

const ORDERS: &str = "INSERT INTO console_orders (hour, state, orders)
    SELECT date_trunc('hour', created_at, 'UTC'), state, count(*) FROM ranking_orders
    WHERE created_at >= date_trunc('hour', $1, 'UTC') - interval '1 hour' AND created_at < $2 GROUP BY 1, 2";

/// Hours in which something was shown of late, or something that was clicked of late. A click may be told an hour late.
const CHANGED_HOURS: &str = "
    SELECT DISTINCT date_trunc('hour', shown_at, 'UTC') FROM assist_impressions
    WHERE shown_at >= date_trunc('hour', $1, 'UTC') - interval '1 hour' AND shown_at < $2
    UNION SELECT date_trunc('hour', i.shown_at, 'UTC')
    FROM assist_clicks c JOIN assist_impressions i USING (session_id, snippet_id, position)
    WHERE c.clicked_at >= $1 - interval '1 hour'";

const FORGET_POSITIONS: &str = "DELETE FROM console_positions WHERE hour = any($1)";

const POSITIONS: &str = "INSERT INTO console_positions (hour, source, position, shown, used)
    SELECT h.hour, i.source, i.position, count(*), count(*) FILTER (WHERE EXISTS (
            SELECT FROM assist_clicks c WHERE (c.session_id, c.snippet_id, c.position) = (i.session_id, i.snippet_id, i.position)
                AND c.action <> 'dismiss'))
    FROM unnest($1::timestamptz[]) AS h (hour)
        JOIN assist_impressions i ON i.shown_at >= h.hour AND i.shown_at < h.hour + interval '1 hour'
    WHERE i.state <> 'pending' GROUP BY 1, 2, 3";

const KEPT: [&str; 6] = [
    "DELETE FROM console_minutes WHERE at < $1 - interval '2 days'",
    "DELETE FROM console_queues WHERE at < $1 - interval '2 days'",
    "DELETE FROM embedding_batches WHERE at < $1 - interval '2 days'",
    "DELETE FROM console_embeddings WHERE hour < $1 - interval '31 days'",
    "DELETE FROM console_positions WHERE hour < $1 - interval '31 days'",
    "DELETE FROM console_orders WHERE hour < $1 - interval '31 days'",
];

const DONE: &str = "UPDATE console_progress SET rolled_until = $1, rolled_at = clock_timestamp()";

/// Counts the next part of what was stored since the last step.
pub async fn roll_up(database: &Database) -> Result<Step, Error> {
    let mut connection = database.connection().await?;
    // A statement of its own: what was committed until then is seen by all that follow.
    let safe = connection.query_typed_one(SAFE, &[]).await;
    let safe: Timestamp = safe.map_err(failed)?.get(0);
    let transaction = begin(&mut connection).await?;
    let (from, until) = bounds(&transaction, safe).await?;
    for sql in [
        FORGET_MINUTES,
        MINUTES,
        FORGET_EMBEDDINGS,
        EMBEDDINGS,
        FORGET_ORDERS,
        ORDERS,
    ] {
        run(&transaction, sql, &[from, until]).await?;
    }
    count_positions(&transaction, from, until).await?;
    for sql in KEPT {
        run(&transaction, sql, &[until]).await?;
    }
    run(&transaction, DONE, &[until]).await?;
    transaction.commit().await.map_err(failed)?;
    let is_last = until >= safe;
    Ok(Step { until, is_last })
}

async fn bounds(
    transaction: &Transaction<'_>,
    safe: Timestamp,
) -> Result<(Timestamp, Timestamp), Error> {
    let safe: [(&(dyn ToSql + Sync), Type); 1] = [(&safe, Type::TIMESTAMPTZ)];
    let bounds = transaction.query_typed_one(BOUNDS, &safe).await;
    let bounds = bounds.map_err(failed)?;
    Ok((bounds.get(0), bounds.get(1)))
}

async fn count_positions(
    transaction: &Transaction<'_>,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), Error> {
    let span: [(&(dyn ToSql + Sync), Type); 2] =
        [(&from, Type::TIMESTAMPTZ), (&until, Type::TIMESTAMPTZ)];
    let rows = transaction.query_typed(CHANGED_HOURS, &span).await;
    let rows = rows.map_err(failed)?;
    let hours: Vec<Timestamp> = rows.iter().map(|row| row.get(0)).collect();
    for sql in [FORGET_POSITIONS, POSITIONS] {
        let hours: [(&(dyn ToSql + Sync), Type); 1] = [(&hours, Type::TIMESTAMPTZ_ARRAY)];
        let counted = transaction.execute_typed(sql, &hours).await;
        counted.map_err(failed)?;
    }
    Ok(())
}

async fn run(transaction: &Transaction<'_>, sql: &str, at: &[Timestamp]) -> Result<(), Error> {
    let values: Vec<_> = at
        .iter()
        .map(|one| (one as &(dyn ToSql + Sync), Type::TIMESTAMPTZ))
        .collect();
    let done = transaction.execute_typed(sql, &values).await;
    done.map(drop).map_err(failed)
}
