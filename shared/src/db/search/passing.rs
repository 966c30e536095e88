//! Who passes the filters.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::Filter;
use super::filter::Value;
use super::snapshot::Snapshot;
use super::space::segments_within;
use crate::db::connect::failed;
use crate::error::Error;
use crate::search::words::Doc;

/// So few are looked through one by one: sooner than by a graph, which passes over most of what it meets.
const FEW: i64 = 5_000;

impl Snapshot<'_> {
    /// All that pass, if they are few. Whoever filters nothing is not asked.
    pub async fn few(&self, filter: &Filter) -> Result<Option<Vec<Doc>>, Error> {
        if filter.is_open() {
            return Ok(None);
        }
        let docs = self.first(filter, FEW + 1).await?;
        let is_few = i64::try_from(docs.len()).is_ok_and(|count| count <= FEW);
        Ok(is_few.then_some(docs))
    }

    /// Whether any pass.
    pub async fn any(&self, filter: &Filter) -> Result<bool, Error> {
        Ok(!self.first(filter, 1).await?.is_empty())
    }

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
        let (rows, doc) = (filter.space.rows(), filter.space.doc());
        let condition = self.condition(filter).await?;
        let passing = format!(
            "SELECT asked.doc FROM unnest($1::int8[]) WITH ORDINALITY AS asked (doc, position) CROSS JOIN {rows}
            WHERE {doc} = asked.doc AND {condition} ORDER BY asked.position LIMIT $2"
        );
        let docs: Vec<_> = docs.iter().map(|doc| doc.0).collect();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let own = [(&docs as _, Type::INT8_ARRAY), (&most as _, Type::INT8)];
        self.ask_docs(&passing, filter, own).await
    }

    /// Some of those that pass, in any order.
    async fn first(&self, filter: &Filter, most: i64) -> Result<Vec<Doc>, Error> {
        let (rows, doc) = (filter.space.rows(), filter.space.doc());
        let condition = self.condition(filter).await?;
        let first = format!("SELECT {doc} FROM {rows} WHERE {condition} LIMIT $2");
        let nothing: Option<i64> = None;
        let own = [(&nothing as _, Type::INT8), (&most as _, Type::INT8)];
        self.ask_docs(&first, filter, own).await
    }

    async fn ask_docs(
        &self,
        statement: &str,
        filter: &Filter,
        own: [Value<'_>; 2],
    ) -> Result<Vec<Doc>, Error> {
        let values = filter.values(own);
        let rows = self.transaction.query_typed(statement, &values).await;
        let doc = |row: &Row| Doc(row.get(0));
        Ok(rows.map_err(failed)?.iter().map(doc).collect())
    }

    /// Which rows may be found at all, and which of them pass. Who asks for a time asks no segment of another: their numbers stand in the
    /// statement, so that it is planned without the others.
    async fn condition(&self, filter: &Filter) -> Result<String, Error> {
        let model = self.active().map(|(model, _)| *model);
        let segments = match model.filter(|_| filter.has_span()) {
            Some(model) => spanned(&segments_within(self, model, filter).await?),
            None => String::new(),
        };
        let standing = filter.space.standing(model);
        Ok(format!("{standing}{segments}{}", filter.condition()))
    }
}

/// The condition that a row lies in one of these.
fn spanned(segments: &[i32]) -> String {
    let segments: Vec<_> = segments.iter().map(i32::to_string).collect();
    format!(" AND e.segment = ANY('{{{}}}'::int4[])", segments.join(","))
}
