//! Graphs over vectors are built beside those who read and write: nobody waits for it.

mod over;

use tokio_postgres::types::Type;
use tokio_postgres::{Client, GenericClient, Row};

use super::connect::failed;
use crate::error::Error;

pub(super) use self::over::{MOST_HALVES, Over, name};

/// No graph takes vectors of more numbers, and where signs tell nothing it is one.
const MOST_DIMENSIONS: u16 = 4_000;

/// Whether there can be a graph over vectors of so many numbers.
pub(super) fn can_hold(dimensions: u16) -> bool {
    dimensions <= MOST_DIMENSIONS
}

/// A graph that there is or should be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Graph<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// The table that it is over.
    pub(super) table: &'a str,
    /// How many numbers the vectors have.
    pub(super) dimensions: u16,
    /// Which rows stand in it: nothing for all, or a clause that begins with `WHERE`.
    pub(super) rows: &'a str,
}

/// So many vectors are compared with one another before signs tell them apart.
const COMPARED: usize = 200;
/// Two of them differ in one sign of so many on average, at least. Those of models for texts differ in every third or fourth.
const DIFFER: f64 = 0.1;

/// What there is of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    Absent,
    /// It is not whole: its build broke off.
    Broken,
    /// Somebody works on the table: builds it, or cleans up.
    Busy,
    /// It stands.
    Whole,
}

impl Graph<'_> {
    /// What there is of it now.
    pub(super) async fn look(&self, client: &Client) -> Result<State, Error> {
        let state = "SELECT (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)),
            EXISTS (SELECT FROM pg_locks WHERE relation = to_regclass($2) AND mode = 'ShareUpdateExclusiveLock'
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
        let values = [
            (&self.name as _, Type::TEXT),
            (&self.table as _, Type::TEXT),
        ];
        let row = client.query_typed_one(state, &values).await;
        let state = |row: Row| match (row.get(0), row.get(1)) {
            (Some(true), _) => State::Whole,
            (_, true) => State::Busy,
            (Some(false), false) => State::Broken,
            (None, false) => State::Absent,
        };
        row.map(state).map_err(failed)
    }

    /// What is to be known of its vectors. There are models whose numbers are all above zero: their signs tell nothing, and whoever goes by
    /// them finds nothing.
    pub(super) async fn choose(&self, client: &impl GenericClient) -> Result<Over, Error> {
        let Self {
            table,
            dimensions,
            rows,
            ..
        } = self;
        let wanted = Over::of(*dimensions);
        if wanted == Over::Halves {
            return Ok(wanted);
        }
        let differ = format!(
            "WITH met AS MATERIALIZED (
                SELECT row_number() OVER () AS number, binary_quantize(embedding)::bit({dimensions}) AS signs
                FROM (SELECT embedding FROM {table} {rows}) v WHERE embedding IS NOT NULL LIMIT {COMPARED})
            SELECT avg(one.signs <~> other.signs) / {dimensions} FROM met one JOIN met other ON one.number < other.number"
        );
        let row = client.query_typed_one(&differ, &[]).await;
        let differ: Option<f64> = row.map_err(failed)?.get(0);
        // One vector alone may stand in any.
        Ok(match differ {
            Some(share) if share < DIFFER => Over::Halves,
            _ => wanted,
        })
    }

    /// Takes away what an earlier build left broken.
    pub(super) async fn clear(&self, client: &Client, found: State) -> Result<(), Error> {
        if found == State::Broken {
            let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {}", self.name);
            client.batch_execute(&drop).await.map_err(failed)?;
            crate::fail_point::reach("graph.dropped");
        }
        Ok(())
    }

    /// Builds what is not whole. If the caller goes, the server finishes it all the same.
    pub(super) async fn build(
        &self,
        client: &Client,
        found: State,
        over: Over,
    ) -> Result<(), Error> {
        self.clear(client, found).await?;
        let create = format!("CREATE INDEX CONCURRENTLY {}", self.definition(over));
        client.batch_execute(&create).await.map_err(failed)
    }

    /// What follows `CREATE INDEX`.
    pub(super) fn definition(&self, over: Over) -> String {
        let Self {
            name,
            table,
            dimensions,
            rows,
        } = self;
        let graph = over.definition(*dimensions);
        format!("{name} ON {table} USING hnsw {graph} {rows}")
    }
}
