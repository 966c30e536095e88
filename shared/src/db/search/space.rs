//! Where the chunks stand that are searched together.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::filter::Value;
use super::part::Part;
use super::signs::{Signs, share};
use super::snapshot::Snapshot;
use super::way::Way;
use super::{Filter, graph};
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::db::graphs;
use crate::error::Error;

/// What is known of a segment: its number, how many rows it has if that is known, what its graph is over if it has one, and whether its signs
/// stand in a table.
const KNOWN: &str = "s.id, s.row_count, (
        SELECT o.opcname::text FROM pg_index i JOIN pg_opclass o ON o.oid = i.indclass[0] JOIN pg_am m ON m.oid = o.opcmethod
        WHERE i.indrelid = to_regclass('conversation_embeddings_' || s.id) AND m.amname = 'hnsw' AND i.indisvalid LIMIT 1),
        to_regclass('conversation_signs_' || s.id) IS NOT NULL";

/// The segments of a model that have rows; of those whose span is known, only what may have happened from `$2` to `$3`. That of the fresh one
/// is not known.
const SEGMENTS: &str =
    "vector_segments s WHERE s.model_id = $1 AND s.state IN ('fresh', 'closed', 'sealed')
        AND (s.last_at < $2) IS NOT TRUE AND (s.first_at > $3) IS NOT TRUE
    ORDER BY s.id";

/// What is searched together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// The pieces of articles.
    Knowledge,
    /// The pieces of conversations, as the active model has them.
    Conversations,
}

impl Space {
    /// The tables that hold the chunks, joined. Their names in conditions are `c` and `d`, or `e`.
    pub(super) fn rows(self) -> &'static str {
        match self {
            Self::Knowledge => {
                "knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id"
            }
            Self::Conversations => "conversation_embeddings e",
        }
    }

    /// Where among them the number of a chunk stands.
    pub(super) fn doc(self) -> &'static str {
        match self {
            Self::Knowledge => "c.id",
            Self::Conversations => "e.doc",
        }
    }

    /// Which of the rows may be found at all. Of conversations, those that the active model has, and whose words are counted: of rows from
    /// before words were counted, search learns when they are made anew.
    pub(super) fn standing(self, model: Option<ModelId>) -> String {
        match (self, model) {
            (Self::Knowledge, _) => "true".to_owned(),
            (Self::Conversations, None) => "false".to_owned(),
            (Self::Conversations, Some(model)) => {
                format!("e.model_id = {} AND e.doc IS NOT NULL", model.0)
            }
        }
    }

    /// Where the vectors of `model` lie: all in one table, or a table for each segment.
    pub(super) async fn parts(
        self,
        snapshot: &Snapshot<'_>,
        model: ModelId,
        dimensions: u16,
        filter: &Filter,
    ) -> Result<Vec<Part>, Error> {
        match self {
            Self::Knowledge => {
                let operators =
                    graph::operators(&*snapshot.transaction, &graphs::name(model)).await?;
                let walk = graph::walk(operators.as_deref(), i64::MAX, dimensions);
                Ok(vec![knowledge(model, walk.map(Way::Graph), filter)])
            }
            Self::Conversations => {
                let segments = fetch_segments(snapshot, KNOWN, model, filter).await?;
                let segments = segments.iter();
                let parts = segments.map(|row| segment((model, dimensions), row, filter));
                let mut parts: Vec<_> = parts.collect();
                share(parts.iter_mut().filter_map(|part| match &mut part.way {
                    Some(Way::Signs(signs)) => Some(signs),
                    _ => None,
                }));
                Ok(parts)
            }
        }
    }
}

/// The numbers of the segments in which something may pass.
pub(super) async fn segments_within(
    snapshot: &Snapshot<'_>,
    model: ModelId,
    filter: &Filter,
) -> Result<Vec<i32>, Error> {
    let segments = fetch_segments(snapshot, "s.id", model, filter).await?;
    Ok(segments.iter().map(|row| row.get(0)).collect())
}

async fn fetch_segments(
    snapshot: &Snapshot<'_>,
    columns: &str,
    model: ModelId,
    filter: &Filter,
) -> Result<Vec<Row>, Error> {
    let segments = format!("SELECT {columns} FROM {SEGMENTS}");
    let values: [Value<'_>; 3] = [
        (&model.0, Type::INT2),
        (&filter.from, Type::TIMESTAMPTZ),
        (&filter.to, Type::TIMESTAMPTZ),
    ];
    let rows = snapshot.transaction.query_typed(&segments, &values);
    rows.await.map_err(failed)
}

fn knowledge(model: ModelId, way: Option<Way>, filter: &Filter) -> Part {
    // Whoever filters nothing need not look at the chunks and documents.
    let joined = if filter.names_rows {
        "JOIN knowledge_chunks c ON c.id = v.doc JOIN knowledge_documents d ON d.id = c.document_id"
    } else {
        ""
    };
    Part {
        table: ("knowledge_vectors", "v"),
        standing: format!("v.model_id = {}", model.0),
        columns: "v.chunk_id AS doc, v.embedding",
        joined,
        condition: filter.condition().to_owned(),
        way,
        rows: None,
    }
}

fn segment((model, dimensions): (ModelId, u16), row: &Row, filter: &Filter) -> Part {
    let (id, rows, operators): (i32, Option<i64>, Option<&str>) =
        (row.get(0), row.get(1), row.get(2));
    let way = if row.get(3) {
        Some(Way::Signs(Signs::of(id, rows, dimensions)))
    } else {
        // What is just being sealed was not counted yet.
        let walk = graph::walk(operators, rows.unwrap_or(i64::MAX), dimensions);
        walk.map(Way::Graph)
    };
    let standing = Space::Conversations.standing(Some(model));
    Part {
        table: ("conversation_embeddings", "e"),
        standing: format!("e.segment = {id} AND e.embedding IS NOT NULL AND {standing}"),
        columns: "e.doc, e.embedding, e.event_id, e.occurred_at, e.semantic_metadata",
        joined: "",
        condition: filter.condition().to_owned(),
        way,
        rows,
    }
}
