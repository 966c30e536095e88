//! Of the documents that words find, those that are there and pass the filters.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::Filter;
use super::snapshot::Snapshot;
use crate::db::connect::failed;
use crate::error::Error;
use crate::search::words::Doc;

impl Snapshot<'_> {
    /// The first of these documents that pass, up to `most`, in the same order.
    pub async fn passing(
        &self,
        filter: &Filter,
        docs: &[Doc],
        most: usize,
    ) -> Result<Vec<Doc>, Error> {
        if docs.is_empty() {
            return Ok(Vec::new());
        }
        let (rows, doc, condition) = (filter.space.rows(), filter.space.doc(), filter.condition());
        let passing = format!(
            "SELECT asked.doc FROM unnest($1::int8[]) WITH ORDINALITY AS asked (doc, position) CROSS JOIN {rows}
            WHERE {doc} = asked.doc{condition} ORDER BY asked.position LIMIT $2"
        );
        let docs: Vec<_> = docs.iter().map(|doc| doc.0).collect();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let values = filter.values([(&docs, Type::INT8_ARRAY), (&most, Type::INT8)]);
        let rows = self.transaction.query_typed(&passing, &values).await;
        let doc = |row: &Row| Doc(row.get(0));
        Ok(rows.map_err(failed)?.iter().map(doc).collect())
    }
}
