//! A segment is filled with the rows of others, and gets its graph, or the table of its signs, before anybody sees it.

use std::time::Duration;

use deadpool_postgres::{Object, Transaction};
use tokio::time::Instant;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};

use super::plan::MergeRules;
use super::work::{Work, forget, hold, is_built, remove};
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::graphs::{self, Graph, Over};
use crate::db::transaction::begin;
use crate::db::vector_segments::make::create_beside;
use crate::db::vector_segments::signs;
use crate::error::Error;
use crate::fail_point;

/// What Postgres gives to a build by itself.
const LEAST_MEMORY: i64 = 64 << 20;

/// Whether it was built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Built {
    /// It was.
    Whole,
    /// Somebody else had built it by now.
    Before,
    /// Somebody else builds it.
    Later,
    /// Time was up: nothing of it is left.
    OutOfTime,
}

/// What is true of every segment.
struct Shape {
    /// The columns, and what is selected for each.
    columns: String,
    selected: String,
    /// What follows `ALTER TABLE … ADD`.
    key: String,
    /// What follows `CREATE INDEX ON … `.
    indexes: Vec<String>,
    /// What the server keeps for its pages, in bytes.
    pages: i64,
}

/// Fills the target and builds its indexes in one transaction, so that it is whole or empty. Who deletes from the sources writes it down
/// already, so that each of them may be read at another moment.
///
/// Nothing but the sources is locked, against nobody who reads or writes: the table of all segments is not touched, because whoever
/// exchanges segments of another model would have to wait for the end of this.
pub(super) async fn build(
    database: &Database,
    work: &Work,
    rules: &MergeRules,
    until: Instant,
) -> Result<Built, Error> {
    let mut connection = database.connection().await?;
    let shape = fetch_shape(&connection, work).await?;
    if !make(&mut connection, work).await? {
        return Ok(Built::Later);
    }
    fail_point::reach("merge.made");
    let transaction = begin(&mut connection).await?;
    if !hold(&transaction, work).await? {
        return Ok(Built::Later);
    }
    // Who is held up between looking and building may be late: who took the lease meanwhile has done it.
    if is_built(&transaction, work).await? {
        return Ok(Built::Before);
    }
    for statement in filling(work, &shape) {
        if !run(&transaction, &statement, until).await? {
            return Ok(Built::OutOfTime);
        }
    }
    let (name, table) = (work.target.graph(), work.target.table());
    let graph = Graph {
        name: &name,
        table: &table,
        dimensions: work.dimensions.unsigned_abs(),
        rows: "",
    };
    let (memory, equip) = match graph.choose(&*transaction).await? {
        Over::Signs => (
            LEAST_MEMORY,
            signs::make(work.target, graph.dimensions).to_vec(),
        ),
        Over::Halves => {
            let create = format!("CREATE INDEX {}", graph.definition(Over::Halves));
            (memory(work, rules, shape.pages), vec![create])
        }
    };
    let memory = memory >> 10;
    // For this transaction only, so that a pooler may stand between. How many workers help is the server's to say.
    let remember = format!("SET LOCAL maintenance_work_mem = '{memory}kB'");
    let remembered = transaction.batch_execute(&remember).await;
    remembered.map_err(failed)?;
    for statement in finishing(work, &shape, equip) {
        if !run(&transaction, &statement, until).await? {
            return Ok(Built::OutOfTime);
        }
    }
    fail_point::reach("merge.before_built");
    transaction.commit().await.map_err(failed)?;
    Ok(Built::Whole)
}

/// Makes the table, still empty and without indexes, unless an earlier attempt left it. In a transaction of its own: looking at the shape of
/// the table of all segments locks it.
async fn make(connection: &mut Object, work: &Work) -> Result<bool, Error> {
    let transaction = begin(connection).await?;
    if !hold(&transaction, work).await? {
        return Ok(false);
    }
    let create = create_beside(work.target, work.model, work.dimensions);
    let made = transaction.batch_execute(&create).await;
    made.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    Ok(true)
}

/// Runs a statement for as long as there is time; `false` if there is not enough.
async fn run(
    transaction: &Transaction<'_>,
    statement: &str,
    until: Instant,
) -> Result<bool, Error> {
    let left = until.saturating_duration_since(Instant::now());
    if left < Duration::from_millis(1) {
        return Ok(false);
    }
    let limit = format!("SET LOCAL statement_timeout = {}; ", left.as_millis());
    match transaction.batch_execute(&(limit + statement)).await {
        Err(error) if error.code() == Some(&tokio_postgres::error::SqlState::QUERY_CANCELED) => {
            Ok(false)
        }
        outcome => outcome.map(|()| true).map_err(failed),
    }
}

/// The rows of the sources come into the target.
fn filling(work: &Work, shape: &Shape) -> Vec<String> {
    let table = work.target.table();
    let Shape {
        columns, selected, ..
    } = shape;
    let rows = work.sources.iter().map(|source| {
        let source = source.table();
        format!("INSERT INTO {table} ({columns}) SELECT {selected} FROM {source}")
    });
    std::iter::once(format!("TRUNCATE {table}"))
        // Before the first row is read.
        .chain([forget(&work.sources)])
        .chain(rows)
        .collect()
}

/// The target gets its indexes and what questions go by, and is counted.
fn finishing(work: &Work, shape: &Shape, equip: Vec<String>) -> Vec<String> {
    let (table, id) = (work.target.table(), work.target.0);
    let key = format!("ALTER TABLE {table} ADD {}", shape.key);
    let indexes = shape.indexes.iter();
    let indexes = indexes.map(|index| format!("CREATE INDEX ON {table} {index}"));
    let equip = graphs::can_hold(work.dimensions.unsigned_abs()).then_some(equip);
    let equip = equip.into_iter().flatten();
    let tell = format!(
        "UPDATE vector_segments s SET row_count = e.rows, first_at = e.first_at, last_at = e.last_at
        FROM (SELECT count(*) AS rows, min(occurred_at) AS first_at, max(occurred_at) AS last_at FROM {table}) e WHERE s.id = {id}"
    );
    std::iter::once(key)
        .chain(indexes)
        .chain(equip)
        .chain([tell])
        // What was erased meanwhile does not wait for who lets this take its place.
        .chain([remove(work.target, &work.sources)])
        .collect()
}

/// As the table of all segments has it, so that none of its indexes is left to be built when the segment becomes a part of it.
async fn fetch_shape(client: &Client, work: &Work) -> Result<Shape, Error> {
    let shape = "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
            string_agg(CASE attname WHEN 'segment' THEN $1 ELSE quote_ident(attname) END, ', ' ORDER BY attnum),
            (SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = attrelid AND contype = 'p'),
            (SELECT coalesce(array_agg(substring(pg_get_indexdef(indexrelid) FROM 'USING .*') ORDER BY indexrelid), '{}')
                FROM pg_index WHERE indrelid = attrelid AND NOT indisprimary),
            pg_size_bytes(current_setting('shared_buffers'))
        FROM pg_attribute WHERE attrelid = 'conversation_embeddings'::regclass AND attnum > 0 AND NOT attisdropped GROUP BY attrelid";
    let id = work.target.0.to_string();
    let row = client.query_typed_one(shape, &[(&id, Type::TEXT)]).await;
    let shape = |row: Row| Shape {
        columns: row.get(0),
        selected: row.get(1),
        key: row.get(2),
        indexes: row.get(3),
        pages: row.get(4),
    };
    row.map(shape).map_err(failed)
}

/// What the graph takes, in bytes: not less than Postgres takes by itself, and not all that the server has. What does not fit is finished
/// on disk, which takes longer.
fn memory(work: &Work, rules: &MergeRules, pages: i64) -> i64 {
    let vector = Over::Halves.memory(work.dimensions.unsigned_abs());
    let most = rules.memory.unwrap_or(pages / 2).max(LEAST_MEMORY);
    work.rows.saturating_mul(vector).clamp(LEAST_MEMORY, most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::embedding_models::ModelId;
    use crate::db::vector_segments::SegmentId;

    #[test]
    fn memory_follows_the_graph_within_what_the_server_has() {
        for (rows, dimensions, said, pages, megabytes) in [
            (80_000, 384, None, 1_024, 134),
            (80_000, 384, None, 128, 64),
            (80_000, 384, None, 200, 100),
            (80_000, 384, Some(90), 1_024, 90),
            (80_000, 384, Some(1), 1_024, 64),
            (100, 384, None, 1_024, 64),
            (i64::MAX, 4_000, None, 8_192, 4_096),
        ] {
            let work = Work {
                model: ModelId(1),
                dimensions,
                tier: 1,
                target: SegmentId(9),
                sources: Vec::new(),
                rows,
                is_built: false,
            };
            let rules = MergeRules {
                memory: said.map(|megabytes: i64| megabytes << 20),
                ..MergeRules::default()
            };
            let memory = memory(&work, &rules, pages << 20) >> 20;
            assert_eq!(memory, megabytes, "{rows} {dimensions} {said:?} {pages}");
        }
    }
}
