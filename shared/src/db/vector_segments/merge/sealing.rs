//! Closed segments are sealed by making another of them: of one, where building its graph in its place would have to wait; of several, where
//! enough of them wait to become one.
//!
//! `CREATE INDEX CONCURRENTLY` ends only when every older transaction of the database has: while a merge builds for minutes, nothing would
//! be sealed that way. A table that nobody sees yet gets its graph without waiting for anybody.

use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::work::{self, Of};
use super::{MergeRules, Merged, finish, left, pace, standing, together};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::graphs::{Graph, Over};
use crate::db::vector_segments::keeper::prolong_through;
use crate::db::vector_segments::waiting::stop_waiting;
use crate::db::vector_segments::{Lease, SegmentId};
use crate::error::Error;

/// Between two looks at builds, which take seconds.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Whether sealing this one in its place would wait for somebody, or was begun beside already.
///
/// Whoever has looked at something for five seconds may go on for hours. Signs wait for nobody who only reads or builds.
pub async fn is_hindered(database: &Database, segment: SegmentId) -> Result<bool, Error> {
    let others = "SELECT m.dimensions, s.replaced_by IS NOT NULL,
            EXISTS (SELECT FROM vector_segments WHERE state = 'building')
            OR EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                AND backend_xmin IS NOT NULL AND backend_type = 'client backend'
                AND query NOT LIKE 'CREATE INDEX CONCURRENTLY%' AND xact_start < clock_timestamp() - interval '5 seconds')
        FROM vector_segments s JOIN embedding_models m ON m.id = s.model_id WHERE s.id = $1";
    let id = [(&segment.0 as _, Type::INT4)];
    let connection = database.connection().await?;
    let rows = connection.query_typed(others, &id).await;
    let rows = rows.map_err(failed)?;
    let Some(row) = rows.first() else {
        return Ok(false);
    };
    let (dimensions, is_begun, are_there): (i16, bool, bool) = (row.get(0), row.get(1), row.get(2));
    if is_begun || !are_there {
        return Ok(is_begun);
    }
    let (name, table) = (segment.graph(), segment.table());
    let graph = Graph {
        name: &name,
        table: &table,
        dimensions: dimensions.unsigned_abs(),
        rows: "",
    };
    Ok(graph.choose(&**connection).await? == Over::Halves)
}

/// The closed segments that are sealed next: one alone, or several that become one. None, if nothing is closed.
///
/// What an earlier keeper began beside comes first, unless it would not end in time: then it is given up.
pub async fn choose_closed(
    database: &Database,
    lease: &Lease,
    rules: &MergeRules,
    until: Instant,
) -> Result<Vec<SegmentId>, Error> {
    let paces = pace::fetch(database, lease.model()).await?;
    if let Some(begun) = work::fetch(database, lease.model(), Of::Closed).await? {
        let is_alone = begun.tier < together::TIER;
        let is_in_time = paces.time(begun.tier, begun.values()) <= left(until);
        let goes_on = begun.is_built || is_alone || is_in_time;
        if goes_on || !work::give_up(database, lease, &begun).await? {
            return Ok(begun.sources);
        }
    }
    let closed = standing::fetch_closed(database, lease.model(), rules.most_sources()).await?;
    let (mut segments, values): (Vec<_>, Vec<_>) = closed.into_iter().unzip();
    let most = paces.most(together::TIER, left(until).min(together::LONGEST));
    segments.truncate(together::count(&values, rules, most));
    Ok(segments)
}

/// Makes one sealed segment of closed ones, or of one, and lets it take their place. What an earlier keeper began beside is gone on with
/// instead.
pub async fn seal_beside(
    database: &Database,
    lease: &Lease,
    segments: &[SegmentId],
    rules: &MergeRules,
    until: Instant,
) -> Result<Merged, Error> {
    let tier = if segments.len() > 1 {
        together::TIER
    } else {
        0
    };
    let work = match work::fetch(database, lease.model(), Of::Closed).await? {
        Some(work) => Some(work),
        None => work::begin(database, lease, Of::Closed, segments, tier).await?,
    };
    let Some(work) = work else {
        return Ok(Merged::Later);
    };
    // The connection is busy while it is built: nobody prolongs the lease over it.
    if work.tier > 0 && !work.is_built {
        let paces = pace::fetch(database, work.model).await?;
        let time = paces.time(work.tier, work.values());
        prolong_through(database, lease, time.min(left(until))).await?;
    }
    finish(database, lease, rules, &work, until).await
}

/// Waits until the graphs that are built in their places at this moment stand; `false` if they do not in time. Those that wait for others
/// for too long are stopped. Whoever seals later sees that something is being built, and does it beside.
pub(super) async fn drain(
    database: &Database,
    lease: &Lease,
    until: Instant,
) -> Result<bool, Error> {
    let mut left = fetch_builds(&**database.connection().await?).await?;
    while !left.is_empty() {
        if Instant::now() >= until {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
        let connection = database.connection().await?;
        stop_waiting(&connection, lease).await?;
        let builds = fetch_builds(&connection).await?;
        left.retain(|one| builds.contains(one));
    }
    Ok(true)
}

/// Who builds a graph of a segment in its place.
async fn fetch_builds(client: &Client) -> Result<Vec<i32>, Error> {
    let builds = "SELECT p.pid FROM pg_stat_progress_create_index p JOIN vector_segments s
            ON p.relid = to_regclass('conversation_embeddings_' || s.id)
        WHERE p.datname = current_database() AND p.command = 'CREATE INDEX CONCURRENTLY'";
    let rows = client.query_typed(builds, &[]).await;
    Ok(rows.map_err(failed)?.iter().map(|row| row.get(0)).collect())
}
