//! The leg of vectors: which chunks lie nearest to a question.

use std::collections::{BTreeMap, HashMap};

use futures_util::future::join_all;
use pgvector::Vector;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::Filter;
use super::graph::MOST_STEPS;
use super::part::{Depth, Part, nearest_all};
use super::snapshot::Snapshot;
use super::space::Space;
use crate::db::connect::failed;
use crate::domain::Embedding;
use crate::error::Error;
use crate::search::words::Doc;

/// Under a filter so many times what is wanted is asked for. If not even one of so many passes, all that pass are looked at.
const SPARE: usize = 5;

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
    /// active model. `few` are all that pass, if they are few: then they are looked at one by one.
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
        let narrowed = few.filter(|_| filter.space == Space::Knowledge);
        let narrowed = narrowed.map(Filter::of_pieces);
        let filter = narrowed.as_ref().unwrap_or(filter);
        let look = Look {
            snapshot: self,
            filter,
            vector: Vector::from(question.as_slice().to_vec()),
            depth: Depth {
                most,
                met: if filter.is_open() {
                    most
                } else {
                    most.saturating_mul(SPARE)
                },
            },
        };
        let mut parts = filter
            .space
            .parts(self, *model, space.dimensions, filter)
            .await?;
        if few.is_some() {
            leave_ways(&mut parts);
        }
        for part in &mut parts {
            part.leave_needless_way(look.depth);
        }
        let mut near = look.through(parts).await?;
        near.sort_by(|one, other| {
            let nearest = other.cosine.total_cmp(&one.cosine);
            nearest.then(one.doc.cmp(&other.doc))
        });
        near.truncate(most);
        Ok(near)
    }
}

/// A question on its way through the parts.
struct Look<'a> {
    snapshot: &'a Snapshot<'a>,
    filter: &'a Filter,
    vector: Vector,
    depth: Depth,
}

impl Look<'_> {
    /// The nearest of each part, of which the nearest of all are a part.
    async fn through(&self, mut parts: Vec<Part>) -> Result<Vec<Near>, Error> {
        let all: Vec<_> = parts.iter().enumerate().collect();
        let mut found = self.ask(&all).await?;
        let is_short = |(number, part): &(usize, &Part)| {
            let count = found.get(number).map_or(0, Vec::len);
            part.way.is_some() && count < self.depth.most
        };
        let short: Vec<usize> = all
            .into_iter()
            .filter(is_short)
            .map(|(number, _)| number)
            .collect();
        leave_ways(&mut parts);
        let again = short
            .iter()
            .filter_map(|number| Some((*number, parts.get(*number)?)));
        found.extend(self.ask(&again.collect::<Vec<_>>()).await?);
        Ok(found.into_values().flatten().collect())
    }

    /// Those that are looked at alike are looked at together. All is sent one after the other, without waiting.
    async fn ask(&self, parts: &[(usize, &Part)]) -> Result<HashMap<usize, Vec<Near>>, Error> {
        let mut alike: BTreeMap<Option<usize>, Vec<(usize, &Part)>> = BTreeMap::new();
        for (number, part) in parts {
            let steps = part.way.and_then(|way| way.steps());
            alike.entry(steps).or_default().push((*number, part));
        }
        let groups = alike
            .iter()
            .map(|(steps, group)| self.ask_group(*steps, group));
        let mut found: HashMap<usize, Vec<Near>> = HashMap::new();
        // They are few, and so they are sent in this order.
        for rows in join_all(groups).await {
            for row in &rows? {
                let number: i32 = row.get(0);
                let near = Near {
                    doc: Doc(row.get(1)),
                    cosine: row.get(2),
                };
                let of_part = found.entry(usize::try_from(number).unwrap_or_default());
                of_part.or_default().push(near);
            }
        }
        Ok(found)
    }

    async fn ask_group(
        &self,
        steps: Option<usize>,
        parts: &[(usize, &Part)],
    ) -> Result<Vec<Row>, Error> {
        let statement = nearest_all(parts, self.depth);
        match steps {
            Some(steps) => self.query_graphs(&statement, steps).await,
            None => self.query(&statement).await,
        }
    }

    async fn query(&self, statement: &str) -> Result<Vec<Row>, Error> {
        let nothing: Option<i64> = None;
        let own = [
            (&self.vector as _, self.snapshot.vector.clone()),
            (&nothing as _, Type::INT8),
        ];
        let values = self.filter.values(own);
        let rows = self.snapshot.transaction.query_typed(statement, &values);
        rows.await.map_err(failed)
    }

    /// A graph goes before sorting: whether it pays was decided by counting, and not by an estimate of the planner.
    async fn query_graphs(&self, statement: &str, least: usize) -> Result<Vec<Row>, Error> {
        let transaction = &self.snapshot.transaction;
        let steps = self.depth.met.clamp(least, MOST_STEPS);
        let before = format!("SET LOCAL enable_sort = off; SET LOCAL hnsw.ef_search = {steps}");
        let (before, rows, after) = tokio::join!(
            biased;
            transaction.batch_execute(&before),
            self.query(statement),
            transaction.batch_execute("SET LOCAL enable_sort = on"),
        );
        before.map_err(failed)?;
        let rows = rows?;
        after.map_err(failed)?;
        Ok(rows)
    }
}

/// Their vectors are to be looked at one by one.
fn leave_ways(parts: &mut [Part]) {
    for part in parts {
        part.way = None;
    }
}
