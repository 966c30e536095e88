//! The graph over the vectors of a model, without which search looks at every vector.

use tokio_postgres::Client;
use tokio_postgres::types::Type;

use crate::db::Database;
use crate::db::connect::failed;
use crate::db::embedding_models::{self, ModelId};
use crate::db::graphs::{self, Over, State, name};
use crate::error::Error;

/// Up to so many vectors are looked at one by one in a few milliseconds.
pub const FEW: i64 = 10_000;

/// A graph that does not fit into this is finished on disk, which takes longer.
const MOST_MEMORY: i64 = 512 << 20;

/// What there is of the graph now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Graph {
    /// It stands, and did before.
    Stands,
    /// It was built just now.
    Built,
    /// There are too few vectors for one, or their numbers are too many for any.
    NotNeeded,
    /// Somebody is working on the table: building it, or cleaning up. The next run looks again.
    Busy,
}

/// Builds the graph of the active model if it has more than `few` vectors, and builds it anew where an earlier attempt broke off.
pub async fn ensure_graph(database: &Database, few: i64) -> Result<Graph, Error> {
    match embedding_models::fetch_active(database).await? {
        Some((model, space)) => ensure_graph_of(database, model, space.dimensions, few).await,
        None => Ok(Graph::NotNeeded),
    }
}

/// The same of any model: one that queries are to use soon needs its graph before they do.
///
/// Nobody waits for it, neither who reads nor who writes. If the caller goes, the server finishes it all the same.
pub async fn ensure_graph_of(
    database: &Database,
    model: ModelId,
    dimensions: u16,
    few: i64,
) -> Result<Graph, Error> {
    let connection = database.connection().await?;
    let client: &Client = &connection;
    let (name, rows) = (name(model), rows(model));
    let graph = graph(&name, &rows, dimensions);
    let found = graph.look(client).await?;
    match found {
        State::Whole => return Ok(Graph::Stands),
        State::Busy => return Ok(Graph::Busy),
        State::Absent | State::Broken => {}
    }
    let count = fetch_count(client, model).await?;
    if count <= few || !graphs::can_hold(dimensions) {
        return Ok(Graph::NotNeeded);
    }
    // For the session, because this statement wants no transaction around it. Where a pooler hands the setting to somebody else, it is
    // used for nothing there, and here the graph is built with less memory.
    let over = graph.choose(client).await?;
    let memory = memory(count, over, dimensions);
    let remember = format!("SET maintenance_work_mem = '{memory}kB'");
    client.batch_execute(&remember).await.map_err(failed)?;
    let built = graph.build(client, found, over).await;
    let forgotten = client.batch_execute("RESET maintenance_work_mem").await;
    built.and(forgotten.map_err(failed))?;
    Ok(Graph::Built)
}

/// Whether a model has more than `few` vectors, and no graph over them that stands, though there could be one.
pub async fn lacks_graph(
    database: &Database,
    model: ModelId,
    dimensions: u16,
    few: i64,
) -> Result<bool, Error> {
    let connection = database.connection().await?;
    let client: &Client = &connection;
    let (name, rows) = (name(model), rows(model));
    let found = graph(&name, &rows, dimensions).look(client).await?;
    let is_needed = found != State::Whole && graphs::can_hold(dimensions);
    Ok(is_needed && fetch_count(client, model).await? > few)
}

/// Which rows stand in the graph of a model.
fn rows(model: ModelId) -> String {
    format!("WHERE model_id = {}", model.0)
}

fn graph<'a>(name: &'a str, rows: &'a str, dimensions: u16) -> graphs::Graph<'a> {
    graphs::Graph {
        name,
        table: "knowledge_vectors",
        dimensions,
        rows,
    }
}

/// How many vectors the model has.
async fn fetch_count(client: &Client, model: ModelId) -> Result<i64, Error> {
    let count = "SELECT count(*) FROM knowledge_vectors WHERE model_id = $1";
    let row = client
        .query_typed_one(count, &[(&model.0, Type::INT2)])
        .await;
    Ok(row.map_err(failed)?.get(0))
}

/// What the graph of so many vectors takes, in kB: not less than Postgres takes by itself, and not all that a small server has.
fn memory(count: i64, over: Over, dimensions: u16) -> i64 {
    let vector = over.memory(dimensions);
    count.saturating_mul(vector).clamp(64 << 20, MOST_MEMORY) >> 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_follows_the_graph_within_bounds() {
        for (count, over, dimensions, megabytes) in [
            (10_001, Over::Halves, 384, 64),
            (100_000, Over::Halves, 384, 168),
            (100_000, Over::Halves, 1536, 388),
            (100_000, Over::Signs, 1536, 123),
            (10_000_000, Over::Signs, 3072, 512),
            (i64::MAX, Over::Signs, 4_000, 512),
        ] {
            let memory = memory(count, over, dimensions) >> 10;
            assert_eq!(memory, megabytes, "{count} {over:?} {dimensions}");
        }
    }
}
