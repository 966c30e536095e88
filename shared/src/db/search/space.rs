//! Where the chunks stand that are searched together.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::filter::Value;
use super::part::Part;
use super::snapshot::Snapshot;
use super::{Filter, graph};
use crate::db::connect::failed;
use crate::db::embedding_models::ModelId;
use crate::error::Error;

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
                let has_graph = graph::stands(&*snapshot.transaction, model).await?;
                Ok(vec![knowledge((model, dimensions), has_graph, filter)])
            }
            Self::Conversations => {
                let values: [Value<'_>; 3] = [
                    (&model.0, Type::INT2),
                    (&filter.from, Type::TIMESTAMPTZ),
                    (&filter.to, Type::TIMESTAMPTZ),
                ];
                let segments = snapshot.transaction.query_typed(graph::SEGMENTS, &values);
                let segments = segments.await.map_err(failed)?;
                Ok(segments
                    .iter()
                    .map(|row| segment((model, dimensions), row, filter))
                    .collect())
            }
        }
    }
}

fn knowledge((model, dimensions): (ModelId, u16), has_graph: bool, filter: &Filter) -> Part {
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
        has_graph,
        effort: if has_graph {
            graph::effort(i64::MAX, dimensions)
        } else {
            0
        },
    }
}

fn segment((model, dimensions): (ModelId, u16), row: &Row, filter: &Filter) -> Part {
    let (id, has_graph, rows): (i32, bool, Option<i64>) = (row.get(0), row.get(1), row.get(2));
    let standing = Space::Conversations.standing(Some(model));
    Part {
        table: ("conversation_embeddings", "e"),
        standing: format!("e.segment = {id} AND e.embedding IS NOT NULL AND {standing}"),
        columns: "e.doc, e.embedding, e.event_id, e.occurred_at, e.semantic_metadata",
        joined: "",
        condition: filter.condition().to_owned(),
        has_graph,
        // What is just being sealed was not counted yet.
        effort: if has_graph {
            graph::effort(rows.unwrap_or(i64::MAX), dimensions)
        } else {
            0
        },
    }
}
