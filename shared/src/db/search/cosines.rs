//! What ranking has to know of the candidates before any text is read.

use pgvector::Vector;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::snapshot::Snapshot;
use super::space::Space;
use super::{Filter, Near};
use crate::db::connect::failed;
use crate::db::stored;
use crate::domain::{ArticleId, Embedding, Locale};
use crate::error::Error;
use crate::search::words::Doc;

/// Of which article a chunk is a piece.
#[derive(Debug, Clone)]
pub struct Piece {
    /// The chunk.
    pub doc: Doc,
    /// The article.
    pub article: ArticleId,
    /// The language of the chunk.
    pub locale: Locale,
}

impl Snapshot<'_> {
    /// How near these lie, which the filter let through, in any order. What has no vector of the active model is missing.
    pub async fn cosines(
        &self,
        filter: &Filter,
        docs: &[Doc],
        question: &Embedding,
    ) -> Result<Vec<Near>, Error> {
        let (Some((model, _)), false) = (self.active(), docs.is_empty()) else {
            return Ok(Vec::new());
        };
        let cosines = match filter.space {
            Space::Knowledge => {
                "SELECT chunk_id, 1 - (embedding <=> $2) FROM knowledge_vectors WHERE chunk_id = ANY($1) AND model_id = $3"
            }
            Space::Conversations => {
                "SELECT doc, 1 - (embedding <=> $2) FROM conversation_embeddings
                WHERE doc = ANY($1) AND model_id = $3 AND embedding IS NOT NULL"
            }
        };
        let docs: Vec<_> = docs.iter().map(|doc| doc.0).collect();
        let vector = Vector::from(question.as_slice().to_vec());
        let values: [(&(dyn ToSql + Sync), Type); 3] = [
            (&docs, Type::INT8_ARRAY),
            (&vector, self.vector.clone()),
            (&model.0, Type::INT2),
        ];
        let rows = self.transaction.query_typed(cosines, &values).await;
        let near = |row: &Row| Near {
            doc: Doc(row.get(0)),
            cosine: row.get(1),
        };
        Ok(rows.map_err(failed)?.iter().map(near).collect())
    }

    /// Of which articles these are pieces, in any order; what is gone is missing.
    pub async fn pieces(&self, docs: &[Doc]) -> Result<Vec<Piece>, Error> {
        let pieces = "SELECT c.id, d.article_id, d.locale FROM knowledge_chunks c JOIN knowledge_documents d ON d.id = c.document_id
            WHERE c.id = ANY($1)";
        let docs: Vec<_> = docs.iter().map(|doc| doc.0).collect();
        let docs = [(&docs as _, Type::INT8_ARRAY)];
        let rows = self.transaction.query_typed(pieces, &docs).await;
        let piece = |row: &Row| {
            Ok(Piece {
                doc: Doc(row.get(0)),
                article: stored::article(row, 1)?,
                locale: stored::word(row, 2, |tag| Locale::parse(tag).ok())?,
            })
        };
        rows.map_err(failed)?.iter().map(piece).collect()
    }
}
