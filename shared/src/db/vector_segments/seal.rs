//! What is closed gets its graph, or the table of its signs, and is sealed.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::keeper::{Lease, hold_lease};
use super::waiting::stop_waiting;
use super::{SegmentId, signs};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::db::graphs::{self, Graph, Over, State};
use crate::db::transaction::begin;
use crate::error::Error;

/// Nobody is asked to stop before.
const MOMENT: Duration = Duration::from_millis(100);

/// What came of sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealing {
    /// It is sealed.
    Sealed,
    /// Somebody works on its table: an earlier build that goes on, the server that cleans up, or who deletes from it. It is to be tried again.
    Busy,
}

/// What is closed and not sealed, the one that was closed first before the others.
pub async fn fetch_closed(database: &Database, model: ModelId) -> Result<Vec<SegmentId>, Error> {
    let closed = "SELECT id FROM vector_segments WHERE model_id = $1 AND state = 'closed' ORDER BY closed_at, id";
    let connection = database.connection().await?;
    let model = [(&model.0 as _, Type::INT2)];
    let rows = connection.query_typed(closed, &model).await;
    let id = |row: &Row| SegmentId(row.get(0));
    Ok(rows.map_err(failed)?.iter().map(id).collect())
}

/// Builds the graph of a closed segment that nobody writes into any more, or the table of its signs, unless it stands, and seals it.
///
/// Nobody waits for a graph. If the caller goes, the server finishes it all the same, and the next keeper finds it. But a graph that waits
/// for others for long is given up.
pub async fn seal(
    database: &Database,
    lease: &Lease,
    segment: SegmentId,
) -> Result<Sealing, Error> {
    let mut connection = database.connection().await?;
    let dimensions = fetch_dimensions(&connection, lease.model()).await?;
    if graphs::can_hold(dimensions) {
        // A moment longer, so that the server has seen it wait for as long.
        let limit = lease.patience() + MOMENT;
        let equipped = timeout(limit, equip(&mut connection, segment, dimensions)).await;
        if equipped.is_err() {
            // Over that one nothing else is heard before the build has ended.
            drop(connection);
            connection = database.connection().await?;
        }
        if !equipped.unwrap_or(Ok(false))? {
            stop_waiting(&connection, lease).await?;
            return Ok(Sealing::Busy);
        }
    }
    crate::fail_point::reach("seal.built");
    let transaction = begin(&mut connection).await?;
    hold_lease(&transaction, lease).await?;
    let seal = "UPDATE vector_segments s
        SET state = 'sealed', sealed_at = clock_timestamp(), row_count = e.rows, first_at = e.first_at, last_at = e.last_at
        FROM (SELECT count(*) AS rows, min(occurred_at) AS first_at, max(occurred_at) AS last_at
            FROM conversation_embeddings WHERE segment = $1) e
        WHERE s.id = $1 AND s.state = 'closed'";
    let segment = [(&segment.0 as &(dyn ToSql + Sync), Type::INT4)];
    let sealed = transaction.execute_typed(seal, &segment).await;
    sealed.map_err(failed)?;
    crate::fail_point::reach("seal.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(Sealing::Sealed)
}

/// Sees to it that questions need not compare all; `false` if somebody else works on its table.
async fn equip(
    connection: &mut Object,
    segment: SegmentId,
    dimensions: u16,
) -> Result<bool, Error> {
    let (name, table) = (segment.graph(), segment.table());
    let graph = Graph {
        name: &name,
        table: &table,
        dimensions,
        rows: "",
    };
    let found = graph.look(connection).await?;
    match found {
        State::Busy => return Ok(false),
        State::Whole => return Ok(true),
        State::Absent | State::Broken => {}
    }
    match graph.choose(&***connection).await? {
        Over::Signs => {
            graph.clear(connection, found).await?;
            signs::ensure(connection, segment, dimensions).await
        }
        // A fresh segment is small: what the server gives to a build by itself is enough, and no setting of the session is needed.
        Over::Halves => {
            let built = graph.build(connection, found, Over::Halves).await;
            built.map(|()| true)
        }
    }
}

async fn fetch_dimensions(client: &Client, model: ModelId) -> Result<u16, Error> {
    let dimensions = "SELECT dimensions FROM embedding_models WHERE id = $1";
    let model = [(&model.0 as _, Type::INT2)];
    let row = client.query_typed_one(dimensions, &model).await;
    let dimensions: i16 = row.map_err(failed)?.get(0);
    Ok(dimensions.unsigned_abs())
}
