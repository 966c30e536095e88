//! Questions of the peers' tables.

use std::time::Instant;

use pgvector::Vector;
use tokio_postgres::{Client, IsolationLevel, Row, Statement};

use super::NEAREST;
use super::asking::{Answer, Answers};
use super::copying::connect;
use super::table::{Kind, Table};
use crate::bench::Outcome;

/// The steps of a walk over a graph, unless it is to find as much as it can.
const STEPS: u16 = 200;
/// So many does pgvector take at most.
const MOST_STEPS: u16 = 1_000;

/// A connection that asks a peer's table.
pub(super) struct Asking {
    client: Client,
    near: Statement,
    nearest: Statement,
}

impl Asking {
    /// From now on a graph is walked as far as pgvector goes.
    pub(super) async fn go_far(&self) -> Outcome<()> {
        let steps = format!("SET hnsw.ef_search = {MOST_STEPS}");
        Ok(self.client.batch_execute(&steps).await?)
    }
}

impl Table {
    /// Somebody who asks it.
    pub(super) async fn asking(&self) -> Outcome<Asking> {
        let client = connect(&self.scratch.url).await?;
        let steps = match self.kind {
            Kind::Graph | Kind::Bare => format!("SET hnsw.ef_search = {STEPS}; SET jit = off"),
            Kind::Signs => "SET enable_sort = off; SET work_mem = '16MB'; SET jit = off".to_owned(),
            Kind::Reference | Kind::Langchain => "SET jit = off".to_owned(),
        };
        client.batch_execute(&steps).await?;
        client
            .batch_execute("SET max_parallel_workers_per_gather = 0")
            .await?;
        let dimensions = self.dimensions;
        let near = match self.kind {
            Kind::Signs => format!(
                "SELECT id::text FROM (SELECT id, embedding FROM rows
                    ORDER BY binary_quantize(embedding)::bit({dimensions}) <~> binary_quantize($1::vector)::bit({dimensions}) LIMIT 1000) met
                ORDER BY embedding <=> $1 LIMIT {NEAREST}"
            ),
            Kind::Graph | Kind::Bare => format!(
                "SELECT id::text FROM rows ORDER BY embedding::halfvec({dimensions}) <=> $1::vector::halfvec({dimensions}) LIMIT {NEAREST}"
            ),
            Kind::Reference => {
                format!("SELECT id::text FROM rows ORDER BY embedding <=> $1 LIMIT {NEAREST}")
            }
            Kind::Langchain => format!(
                "SELECT langchain_id::text FROM rows ORDER BY embedding <=> $1 LIMIT {NEAREST}"
            ),
        };
        let id = match self.kind {
            Kind::Langchain => "langchain_id",
            _ => "id",
        };
        // Nothing that an index knows.
        let nearest =
            format!("SELECT {id}::text FROM rows ORDER BY (embedding <=> $1) + 0 LIMIT {NEAREST}");
        Ok(Asking {
            near: client.prepare(&near).await?,
            nearest: client.prepare(&nearest).await?,
            client,
        })
    }
}

impl Answers for Asking {
    async fn ask(&mut self, question: &[f32], is_checked: bool) -> Outcome<Answer> {
        let vector = Vector::from(question.to_vec());
        // One state for both looks.
        let begin = self
            .client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead);
        let transaction = begin.start().await?;
        let started = Instant::now();
        let found = transaction.query(&self.near, &[&vector]).await?;
        let time = started.elapsed();
        let ids = |rows: &[Row]| rows.iter().map(|row| row.get(0)).collect();
        let mut nearest = None;
        if is_checked {
            nearest = Some(ids(&transaction.query(&self.nearest, &[&vector]).await?));
        }
        transaction.commit().await?;
        Ok(Answer {
            time,
            found: ids(&found),
            nearest,
        })
    }
}
