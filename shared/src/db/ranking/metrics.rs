//! How ranking did in a span of time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{GenericClient, IsolationLevel, Row};

use crate::db::Database;
use crate::db::connect::failed;
use crate::error::Error;

/// From an instant to before another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AssistSpan))]
pub struct Span {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant that does not belong to it any more.
    pub to: Timestamp,
}

/// What happened in a span of time.
#[derive(Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AssistFigures))]
pub struct Figures {
    /// From the acceptance of an order to CXone's confirmation.
    pub latency_ms: Latency,
    /// Orders that CXone confirmed.
    pub posts: i64,
    /// Orders that were not posted, by what became of them.
    pub failures: BTreeMap<String, i64>,
    /// Orders that still wait.
    pub waiting: i64,
    /// Snippets that agents were shown.
    pub impressions: i64,
    /// What agents did with them, by action.
    pub clicks: BTreeMap<String, i64>,
    /// Clicks on what is not known to have been shown.
    pub unknown_clicks: i64,
    /// How often what stood in a place was used.
    pub positions: Vec<Position>,
    /// Entries of the audit about orders.
    pub audit_entries: i64,
}

/// Milliseconds; none where nothing was posted.
#[derive(Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AssistLatency))]
pub struct Latency {
    /// The mean.
    pub average: Option<f64>,
    /// Half were faster.
    pub p50: Option<f64>,
    /// Nineteen of twenty were faster.
    pub p95: Option<f64>,
}

/// A place in an order.
#[derive(Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AssistPosition))]
pub struct Position {
    /// Which, from 1.
    pub position: i16,
    /// How often something was shown there.
    pub impressions: i64,
    /// How often that was clicked, copied or inserted.
    pub used: i64,
    /// The share.
    pub click_through: f64,
}

/// No statement takes longer: whoever asks waits, and holds a connection. For this transaction only, so that a pooler may stand between.
const LIMITS: &str =
    "SET LOCAL statement_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '10s'";

/// Counts what happened, in one state of everything.
pub async fn fetch_figures(database: &Database, span: Span) -> Result<Figures, Error> {
    let mut connection = database.connection().await?;
    let transaction = connection
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true);
    let transaction = transaction.start().await.map_err(failed)?;
    transaction.batch_execute(LIMITS).await.map_err(failed)?;
    let figures = count(&*transaction, span).await?;
    transaction.commit().await.map_err(failed)?;
    Ok(figures)
}

async fn count(client: &impl GenericClient, span: Span) -> Result<Figures, Error> {
    let mut figures = Figures::default();
    for row in ask(client, ORDERS, span).await? {
        figures.order(&row);
    }
    for row in ask(client, LATENCY, span).await? {
        figures.latency_ms = Latency {
            average: row.get(0),
            p50: row.get(1),
            p95: row.get(2),
        };
    }
    for row in ask(client, CLICKS, span).await? {
        figures.clicks.insert(row.get(0), row.get(1));
        figures.unknown_clicks += row.get::<_, i64>(2);
    }
    for row in ask(client, POSITIONS, span).await? {
        let position = position(&row);
        figures.impressions += position.impressions;
        figures.positions.push(position);
    }
    for row in ask(client, AUDIT, span).await? {
        figures.audit_entries = row.get(0);
    }
    Ok(figures)
}

const ORDERS: &str = "SELECT state, count(*) FROM ranking_orders WHERE created_at >= $1 AND created_at < $2 GROUP BY state";

const LATENCY: &str =
    "SELECT avg(latency_ms), percentile_cont(0.5) WITHIN GROUP (ORDER BY latency_ms),
        percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms)
    FROM ranking_orders WHERE state = 'posted' AND created_at >= $1 AND created_at < $2";

const CLICKS: &str = "SELECT action, count(*), count(*) FILTER (WHERE NOT known) FROM assist_clicks
    WHERE clicked_at >= $1 AND clicked_at < $2 GROUP BY action";

const POSITIONS: &str = "SELECT i.position, count(*), count(*) FILTER (WHERE EXISTS (
            SELECT FROM assist_clicks c WHERE (c.session_id, c.snippet_id, c.position) = (i.session_id, i.snippet_id, i.position)
                AND c.action <> 'dismiss'))
    FROM assist_impressions i WHERE i.state <> 'pending' AND i.shown_at >= $1 AND i.shown_at < $2 GROUP BY i.position ORDER BY i.position";

const AUDIT: &str =
    "SELECT count(*) FROM audit_entries WHERE kind = 'ranking' AND at >= $1 AND at < $2";

async fn ask(client: &impl GenericClient, sql: &str, span: Span) -> Result<Vec<Row>, Error> {
    let values: [(&(dyn ToSql + Sync), Type); 2] = [
        (&span.from, Type::TIMESTAMPTZ),
        (&span.to, Type::TIMESTAMPTZ),
    ];
    client.query_typed(sql, &values).await.map_err(failed)
}

fn position(row: &Row) -> Position {
    let (impressions, used): (i64, i64) = (row.get(1), row.get(2));
    #[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
    let click_through = used as f64 / impressions.max(1) as f64;
    Position {
        position: row.get(0),
        impressions,
        used,
        click_through,
    }
}

impl Figures {
    fn order(&mut self, row: &Row) {
        let (state, count): (&str, i64) = (row.get(0), row.get(1));
        match state {
            "posted" => self.posts = count,
            "waiting" => self.waiting = count,
            _ => drop(self.failures.insert(state.to_owned(), count)),
        }
    }
}
