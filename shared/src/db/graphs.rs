//! Graphs over vectors are built beside those who read and write: nobody waits for it.

use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use super::connect::failed;
use super::search::graph::{QUALITY, expression};
use crate::error::Error;

/// No graph takes vectors of more numbers.
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

    /// Builds what is not whole. If the caller goes, the server finishes it all the same.
    pub(super) async fn build(&self, client: &Client, found: State) -> Result<(), Error> {
        if found == State::Broken {
            let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {}", self.name);
            client.batch_execute(&drop).await.map_err(failed)?;
            crate::fail_point::reach("graph.dropped");
        }
        let create = format!("CREATE INDEX CONCURRENTLY {}", self.definition());
        client.batch_execute(&create).await.map_err(failed)
    }

    /// What follows `CREATE INDEX`.
    pub(super) fn definition(&self) -> String {
        let Self {
            name,
            table,
            dimensions,
            rows,
        } = self;
        let expression = expression(*dimensions);
        format!("{name} ON {table} USING hnsw ({expression}) WITH ({QUALITY}) {rows}")
    }
}
