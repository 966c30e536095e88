//! The leg of vectors: which chunks lie nearest to a question.

use std::collections::HashMap;

use pgvector::Vector;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::Filter;
use super::part::{Part, count_all, nearest_all};
use super::passing::FEW;
use super::snapshot::Snapshot;
use super::space::Space;
use crate::db::connect::failed;
use crate::domain::Embedding;
use crate::error::Error;
use crate::search::words::Doc;

/// A graph goes before sorting: whether it pays is decided here, by counting, and not by an estimate of the planner.
const BY_GRAPH: [&str; 2] = ["SET LOCAL enable_sort = off", "SET LOCAL enable_sort = on"];

/// A chunk, and how near it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The chunk.
    pub doc: Doc,
    /// The cosine of the angle to the question, from -1 to 1.
    pub cosine: f64,
}

impl Snapshot<'_> {
    /// The nearest of those that pass, up to `most`, the nearest first. There are fewer only if no more of them have a vector of the
    /// active model. `few` are all that pass, if they are few: then the graphs are left alone.
    pub async fn nearest(
        &self,
        filter: &Filter,
        few: Option<&[Doc]>,
        question: &Embedding,
        most: usize,
    ) -> Result<Vec<Near>, Error> {
        let Some((model, space)) = self.active() else {
            return Ok(Vec::new());
        };
        let narrowed = few
            .filter(|_| filter.space == Space::Knowledge)
            .map(Filter::of_pieces);
        let filter = narrowed.as_ref().unwrap_or(filter);
        let look = Look {
            snapshot: self,
            filter,
            vector: Vector::from(question.as_slice().to_vec()),
            most: i64::try_from(most).unwrap_or(i64::MAX),
            dimensions: space.dimensions,
        };
        let mut parts = filter.space.parts(self, *model, filter).await?;
        if few.is_some() {
            parts.iter_mut().for_each(Part::leave_graph);
        } else if !filter.is_open() && parts.len() > 1 {
            look.leave_graphs(&mut parts).await?;
        }
        let mut found = look.through(&numbered(&parts)).await?;
        // A graph gives up after a number of rows, and then more may pass than it found.
        let count = |number| found.get(&number).map_or(0, Vec::len);
        let is_short = |(number, part): &(i32, &Part)| part.has_graph && count(*number) < most;
        let short = numbered(&parts).into_iter().filter(is_short);
        let short: Vec<i32> = short.map(|(number, _)| number).collect();
        parts.iter_mut().for_each(Part::leave_graph);
        let again = numbered(&parts).into_iter();
        let again: Vec<_> = again.filter(|(number, _)| short.contains(number)).collect();
        found.extend(look.through(&again).await?);
        let mut near: Vec<Near> = found.into_values().flatten().collect();
        near.sort_by(|one, other| {
            let nearest = other.cosine.total_cmp(&one.cosine);
            nearest.then(one.doc.cmp(&other.doc))
        });
        near.truncate(most);
        Ok(near)
    }
}

/// The parts with their numbers.
fn numbered(parts: &[Part]) -> Vec<(i32, &Part)> {
    (0..).zip(parts).collect()
}

/// A question on its way through the parts.
struct Look<'a> {
    snapshot: &'a Snapshot<'a>,
    filter: &'a Filter,
    vector: Vector,
    most: i64,
    dimensions: u16,
}

impl Look<'_> {
    /// Where only few pass in a part, its graph is left alone.
    async fn leave_graphs(&self, parts: &mut [Part]) -> Result<(), Error> {
        let graphs = numbered(parts).into_iter();
        let graphs: Vec<_> = graphs.filter(|(_, part)| part.has_graph).collect();
        if graphs.is_empty() {
            return Ok(());
        }
        let rows = self.ask(&count_all(&graphs, FEW + 1)).await?;
        let count = |row: &Row| (row.get(0), row.get(1));
        let counts: HashMap<i32, i64> = rows.iter().map(count).collect();
        for (number, part) in (0..).zip(parts) {
            part.has_graph &= counts.get(&number).is_some_and(|count| *count > FEW);
        }
        Ok(())
    }

    /// The nearest of each part.
    async fn through(&self, parts: &[(i32, &Part)]) -> Result<HashMap<i32, Vec<Near>>, Error> {
        let mut found: HashMap<i32, Vec<Near>> = HashMap::new();
        if parts.is_empty() {
            return Ok(found);
        }
        let statement = nearest_all(parts, self.dimensions);
        let rows = if parts.iter().any(|(_, part)| part.has_graph) {
            self.ask_graphs(&statement).await?
        } else {
            self.ask(&statement).await?
        };
        for row in &rows {
            let (doc, cosine) = (Doc(row.get(1)), row.get(2));
            found
                .entry(row.get(0))
                .or_default()
                .push(Near { doc, cosine });
        }
        Ok(found)
    }

    async fn ask(&self, statement: &str) -> Result<Vec<Row>, Error> {
        let own = [
            (&self.vector as _, self.snapshot.vector.clone()),
            (&self.most as _, Type::INT8),
        ];
        let values = self.filter.values(own);
        let rows = self.snapshot.transaction.query_typed(statement, &values);
        rows.await.map_err(failed)
    }

    /// Sent one after the other, without waiting.
    async fn ask_graphs(&self, statement: &str) -> Result<Vec<Row>, Error> {
        let transaction = &self.snapshot.transaction;
        let (before, rows, after) = tokio::join!(
            transaction.batch_execute(BY_GRAPH[0]),
            self.ask(statement),
            transaction.batch_execute(BY_GRAPH[1]),
        );
        before.map_err(failed)?;
        let rows = rows?;
        after.map_err(failed)?;
        Ok(rows)
    }
}
