//! Segments are made: beside the table, and then attached, which makes nobody wait who reads or writes.

use std::time::Duration;

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::SegmentId;
use crate::db::Database;
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::error::{Error, Kind};
use crate::retry::Backoff;

/// Rows up to so many bytes stay whole in their page, which is the most that one holds. A vector of 1,536 numbers is then written in
/// one piece and not in four, and an exact scan reads it without a detour.
const INLINE: usize = 8_160;

/// How often a writer tries to make the next segment, before it leaves that to others.
const TRIES: u32 = 3;
/// Between two tries. Whoever is in the way makes a segment too, or swaps some: that takes milliseconds.
const PAUSE: Backoff = Backoff {
    first: Duration::from_millis(20),
    most: Duration::from_millis(80),
};

/// What a segment is made as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Fresh,
    Next,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Next => "next",
        }
    }
}

/// Sees to it that the model has an empty segment for when its fresh one is full; says whether it was made just now.
///
/// Nobody waits for this, and it waits for nobody for long: where others are in the way, they may be doing the same.
pub async fn prepare_next(database: &Database, model: ModelId) -> Result<bool, Error> {
    for failures in 0..TRIES - 1 {
        match try_next(database, model).await {
            Err(error) if error.kind() == Kind::Transient => PAUSE.sleep(failures).await,
            outcome => return outcome,
        }
    }
    try_next(database, model).await
}

async fn try_next(database: &Database, model: ModelId) -> Result<bool, Error> {
    let brief =
        "SET LOCAL lock_timeout = '50ms'; SET LOCAL idle_in_transaction_session_timeout = '10s'";
    let mut connection = database.connection().await?;
    let transaction = connection.transaction().await.map_err(failed)?;
    transaction.batch_execute(brief).await.map_err(failed)?;
    let made = make(&transaction, model, &[State::Next]).await?;
    crate::fail_point::reach("next.before_commit");
    transaction.commit().await.map_err(failed)?;
    Ok(made > 0)
}

/// Makes those of these that the model has not; says how many. The rows come before the tables, so that of two that do this at once one
/// waits for the other, and neither in a circle.
pub(super) async fn make(
    transaction: &Transaction<'_>,
    model: ModelId,
    states: &[State],
) -> Result<usize, Error> {
    let add = "INSERT INTO vector_segments (model_id, state, first_doc)
        SELECT $1, state, CASE state WHEN 'fresh' THEN (SELECT last_value FROM conversation_docs) END
        FROM unnest($2::text[]) WITH ORDINALITY AS s (state, position) ORDER BY position
        ON CONFLICT DO NOTHING RETURNING id, (SELECT dimensions FROM embedding_models WHERE id = $1)";
    let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
    let values = [
        (&model.0 as _, Type::INT2),
        (&states as _, Type::TEXT_ARRAY),
    ];
    let rows = transaction.query_typed(add, &values).await;
    let rows = rows.map_err(failed)?;
    for row in &rows {
        let create = create(SegmentId(row.get(0)), model, row.get(1));
        transaction.batch_execute(&create).await.map_err(failed)?;
    }
    Ok(rows.len())
}

/// The table of a segment, attached to the others.
fn create(segment: SegmentId, model: ModelId, dimensions: i16) -> String {
    let (table, id) = (segment.table(), segment.0);
    let empty = table_of(segment, model, dimensions, " INCLUDING INDEXES");
    format!(
        "CREATE TABLE {empty};
        ALTER TABLE conversation_embeddings ATTACH PARTITION {table} FOR VALUES IN ({id})"
    )
}

/// The table of a segment that is to be filled before it is attached: without indexes, which are built sooner over rows that are there. It
/// may be there already.
pub(super) fn create_beside(segment: SegmentId, model: ModelId, dimensions: i16) -> String {
    let empty = table_of(segment, model, dimensions, "");
    format!("CREATE TABLE IF NOT EXISTS {empty}")
}

/// What follows `CREATE TABLE`.
fn table_of(segment: SegmentId, model: ModelId, dimensions: i16, indexes: &str) -> String {
    let (table, id, model) = (segment.table(), segment.0, model.0);
    format!(
        "{table} (LIKE conversation_embeddings INCLUDING DEFAULTS INCLUDING CONSTRAINTS{indexes},
            CHECK (segment = {id}), CHECK (model_id = {model}),
            CHECK (embedding IS NULL OR vector_dims(embedding) = {dimensions})) WITH (toast_tuple_target = {INLINE});
        ALTER TABLE {table} ALTER COLUMN text_content SET STATISTICS 0, ALTER COLUMN semantic_metadata SET STATISTICS 0,
            ALTER COLUMN conversation_id SET STATISTICS 0"
    )
}
